"""PostgreSQL through asyncpg: one pool a service, one transaction a message batch or request.

A transaction collects the messages it owes; they are written to the service's outbox just before the commit, and the
relay's bell rings just after it. SQL stands in each service's `store`; times in SQL come from `backbone.now()`.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
from pydantic_core import to_json

from backbone import failpoints
from backbone.clock import Bell
from backbone.contracts.message import Message

T = TypeVar("T")
Row = Mapping[str, Any]

RETRIED = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver's own word for a connection that the server ended under it
    ConnectionError,
)
"""Infrastructure's faults: the unit of work did nothing, or cannot know; it is run again, it counts against no one."""

INFRASTRUCTURE = (
    *RETRIED,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    TimeoutError,
    OSError,
)

OWE = """INSERT INTO outbox (type, key, subject, body)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])"""


@dataclass(frozen=True, kw_only=True)
class Login:
    """Where the database is and who asks. `host` may be a socket's folder; `url` takes the place of both."""

    role: str
    schema: str
    host: str = ""
    port: int = 5432
    database: str = "cetak"
    url: str | None = None

    def arguments(self) -> dict[str, Any]:
        if self.url is not None:
            return {"dsn": self.url}
        return {"host": self.host, "port": self.port, "user": self.role, "database": self.database}


class Reader:
    """One connection outside a transaction: each statement sees the latest commits."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        return await self.connection.fetch(sql, *values)  # type: ignore[no-any-return]  # asyncpg is untyped

    async def fetchrow(self, sql: str, *values: Any) -> Row | None:
        return await self.connection.fetchrow(sql, *values)  # type: ignore[no-any-return]  # asyncpg is untyped

    async def fetchval(self, sql: str, *values: Any) -> Any:
        return await self.connection.fetchval(sql, *values)


@dataclass(eq=False)
class Transaction(Reader):
    """One transaction, committed by `Database.transaction` alone."""

    connection: Any
    owed: list[Message] = field(default_factory=list)
    bells: list[Bell] = field(default_factory=list)

    async def execute(self, sql: str, *values: Any) -> int:
        """Run a statement; the number of rows it touched."""
        status: str = await self.connection.execute(sql, *values)
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def copy(self, table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        await self.connection.copy_records_to_table(table, columns=columns, records=rows)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone, the transaction goes on."""
        async with self.connection.transaction():
            yield

    def owe(self, *messages: Message) -> None:
        """Publish by writing a row: the messages go out if, and only if, this transaction commits."""
        self.owed.extend(messages)

    def ring(self, bell: Bell) -> None:
        """Ring after the commit."""
        self.bells.append(bell)


class Database:
    """One service's pool. `outbox_bell` wakes its relay after a commit that owes messages."""

    def __init__(self, login: Login, *, outbox_bell: Bell | None = None, connections: int = 8) -> None:
        self.login = login
        self.outbox_bell = outbox_bell
        self._connections = connections
        self._pool: Any = None

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(
            **self.login.arguments(),
            min_size=0,
            max_size=self._connections,
            max_inactive_connection_lifetime=20,
            # The server ends what takes too long; only beyond this machine may a server itself fall silent.
            command_timeout=60 if self.login.url is not None else None,
            server_settings={
                "search_path": self.login.schema,
                "application_name": f"cetak-{self.login.role}",
                "lock_timeout": "10s",
                "statement_timeout": "60s",
                # Our statements are few and short: planning each anew costs more than running it.
                "plan_cache_mode": "force_generic_plan",
                # A plan made while a table is small must do when it has grown: where there is an index, take it.
                "enable_seqscan": "off",
                "jit": "off",
                "idle_in_transaction_session_timeout": "60s",
            },
            init=_speak_json,
            reset=_keep,
        )

    async def close(self) -> None:
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 5)
            except TimeoutError:
                self._pool.terminate()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        async with self._pool.acquire(timeout=10) as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reader]:
        """Several statements that see one moment; the server refuses to write in it."""
        async with (
            self._pool.acquire(timeout=10) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield Reader(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction; commits at the end of the body, with the outbox rows it owes; rolls back on an error."""
        async with self._pool.acquire(timeout=10) as connection:
            async with connection.transaction():
                transaction = Transaction(connection)
                yield transaction
                await self._write_owed(transaction)
                failpoints.hit(f"{self.login.schema}.before_commit")
            failpoints.hit(f"{self.login.schema}.after_commit")
        if transaction.owed and self.outbox_bell is not None:
            self.outbox_bell.ring()
        for bell in transaction.bells:
            bell.ring()

    async def retrying(self, work: Callable[[Transaction], Awaitable[T]], *, tries: int = 5) -> T:
        """Run a whole unit of work again after a deadlock or a lost connection; `work` must be idempotent by state."""
        for left in range(tries - 1, -1, -1):
            try:
                async with self.transaction() as transaction:
                    return await work(transaction)
            except RETRIED:
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def ping(self) -> None:
        """Raises where the database does not answer."""
        async with self.reading() as reader:
            await reader.fetchval("SELECT 1")

    async def _write_owed(self, transaction: Transaction) -> None:
        if not transaction.owed:
            return
        rows = [(m.TYPE, m.routing_key(), m.subject(), m.model_dump_json()) for m in transaction.owed]
        await transaction.execute(OWE, *(list(column) for column in zip(*rows, strict=True)))


async def _speak_json(connection: Any) -> None:
    """In the binary form, version byte and text: the only one that COPY takes from us."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + to_json(value),
        decoder=lambda data: json.loads(data[1:]),
        format="binary",
    )


async def _keep(connection: Any) -> None:
    """We set nothing on a session that a reset would have to undo: the round trip is saved."""

"""The scheduler's database, a table of the test's own in it, and queues that keep what came."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backbone.broker import EmbeddedBroker
from backbone.clock import Clock, SystemClock, VirtualClock
from backbone.contracts.gateway import VerificationReturned
from backbone.contracts.message import Message
from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Database, Transaction
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.letters import Letter
from backbone.service import QueueConsumer
from backbone.topology import CONTRACTS, Queue

AT = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
EVERYTHING = Queue(
    name="box",
    keys=frozenset(model.model_construct(station="").routing_key() for model in CONTRACTS.values()),
)


SWEEP = """
SET ROLE scheduler;
DROP TABLE IF EXISTS scheduler.note;
CREATE TABLE scheduler.note (
  id int PRIMARY KEY, n int NOT NULL, j jsonb, twin int UNIQUE DEFERRABLE INITIALLY DEFERRED
);
DELETE FROM scheduler.outbox;
DELETE FROM scheduler.dead_letter;
RESET ROLE
"""


class Shelf:
    """One service's database with a table `note(id, n)`, which messages about number n write to."""

    def __init__(self, database: Database, owner: Any, clock: Clock) -> None:
        self.clock = clock
        self.database = database
        self.owner = owner
        self.consumer = QueueConsumer(
            "box", database, self, {VerificationReturned: _note, ApprovalSpent: _forget}
        )
        self.broker = EmbeddedBroker()
        self.broker.consume(EVERYTHING, self.consumer)

    def returned(self, number: int, n: int = 0) -> VerificationReturned:
        return VerificationReturned(application_id=UUID(int=number), round=n, cause="window", at=AT)

    def spent(self, number: int) -> ApprovalSpent:
        return ApprovalSpent(
            approval_id=UUID(int=number), application_id=UUID(int=number), cause="printed", at=AT
        )

    async def owe(self, *messages: Message) -> None:
        async with self.database.transaction() as transaction:
            transaction.owe(*messages)

    async def count(self, table: str) -> int:
        return int(await self.owner.fetchval(f"SELECT count(*) FROM scheduler.{table}"))

    async def notes(self) -> list[int]:
        rows = await self.owner.fetch("SELECT id FROM scheduler.note ORDER BY id")
        return [row["id"] for row in rows]

    async def dead(self) -> list[dict[str, Any]]:
        return [
            dict(row) for row in await self.owner.fetch("SELECT * FROM scheduler.dead_letter ORDER BY id")
        ]


async def _note(shelf: Shelf, transaction: Transaction, messages: Sequence[VerificationReturned]) -> None:
    for message in messages:
        await transaction.execute(
            "INSERT INTO note (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = note.n + 1",
            message.application_id.int,
            message.round,
        )


async def _forget(shelf: Shelf, transaction: Transaction, messages: Sequence[ApprovalSpent]) -> None:
    raise ValueError("2102012906909001 SITI SPESIMEN")


class Inbox:
    """Keeps the subjects of what came; raises `fault` where it is set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.fault: Exception | None = None

    @property
    def came(self) -> list[str]:
        return [subject for batch in self.batches for subject in batch]

    async def handle(self, letters: Sequence[Letter]) -> None:
        if self.fault is not None:
            raise self.fault
        self.batches.append([letter.subject for letter in letters])

    async def bury(self, letter: Letter, reason: str) -> None:
        raise AssertionError(reason)


@asynccontextmanager
async def _shelf(postgres: EmbeddedPostgres, name: str, clock: Clock) -> AsyncIterator[Shelf]:
    """The shelf of one database, swept clean."""
    owner = await asyncpg.connect(**postgres.login(OWNER, database=name).arguments())
    await owner.execute(SWEEP)
    database = Database(postgres.login("scheduler", "scheduler", name), outbox_bell=clock.bell())
    await database.open()
    yield Shelf(database, owner, clock)
    await database.close()
    await owner.execute("DROP TABLE scheduler.note")
    await owner.close()


@pytest.fixture(scope="session")
async def shared(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The name of a database that the tests of this folder share; each leaves its tables as they were."""
    name = f"shared_{secrets.token_hex(6)}"
    owner = await asyncpg.connect(**postgres.login(OWNER, database="postgres").arguments())
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE cetak STRATEGY file_copy")
    await owner.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '20ms'")
    yield name
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


@pytest.fixture
async def shelf(postgres: EmbeddedPostgres, shared: str, clock: SystemClock) -> AsyncIterator[Shelf]:
    async with _shelf(postgres, shared, clock) as found:
        yield found


@pytest.fixture
async def virtual_shelf(
    postgres: EmbeddedPostgres, databases: Any, virtual: VirtualClock
) -> AsyncIterator[Shelf]:
    """A shelf of its own, in virtual time."""
    async with _shelf(postgres, databases.name, virtual) as found:
        yield found


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def boxed(inbox: Inbox) -> EmbeddedBroker:
    """A broker whose every letter comes to the inbox."""
    broker = EmbeddedBroker()
    broker.consume(EVERYTHING, inbox)
    return broker

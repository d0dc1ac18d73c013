"""Fixtures: a real PostgreSQL for the session, a fresh database for each test that asks, keys, virtual time."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import asyncpg
import pytest
from hypothesis import settings as hypothesis_settings

from backbone import failpoints
from backbone.auth import Authority, Tickets, new_keys
from backbone.broker import Broker, EmbeddedBroker
from backbone.clock import SystemClock, VirtualClock
from backbone.database import Login
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.ids import Ids
from backbone.migrations import prepare, upgrade
from backbone.schemas import SCHEMAS
from backbone.seal import Sealer
from local_cluster.in_one_process import InOneProcess
from local_cluster.rabbit_node import RabbitNode, free_ports

hypothesis_settings.register_profile("cetak", derandomize=True, deadline=None)
hypothesis_settings.load_profile("cetak")

START = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
"""Friday 29 June 2018, 07:30 WIB."""
STATIONS = ("2102-1", "2102-2", "2102-3")


EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE t record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT schemaname AS s, tablename AS n FROM pg_tables
      WHERE schemaname IN ('intake', 'scheduler', 'gateway', 'backbone') AND tablename <> 'migration' LOOP
    EXECUTE format('DELETE FROM %I.%I', t.s, t.n);
  END LOOP;
  FOR t IN SELECT schemaname AS s, sequencename AS n FROM pg_sequences
      WHERE schemaname IN ('intake', 'scheduler', 'gateway') AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I.%I RESTART', t.s, t.n);
  END LOOP;
END $$"""


class Databases:
    """One database of a test, with every service's schema in it."""

    def __init__(self, postgres: EmbeddedPostgres, name: str) -> None:
        self.postgres = postgres
        self.name = name

    def login(self, schema: str) -> Login:
        return self.postgres.login(schema, schema, self.name)

    def owner(self) -> Login:
        return self.postgres.login(OWNER, "public", self.name)


async def _as_owner(postgres: EmbeddedPostgres, *statements: str) -> None:
    connection = await asyncpg.connect(**postgres.login(OWNER, database="postgres").arguments())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """The session's server, with a migrated template database `cetak`."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("home"))
    await server.start()
    # No test crashes the machine; those that kill processes have servers of their own.
    settings = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
    await _as_owner(
        server, *(f"ALTER SYSTEM SET {setting}" for setting in settings), "SELECT pg_reload_conf()"
    )
    await prepare(server.login(OWNER))
    for schema in SCHEMAS:
        await upgrade(server.login(schema, schema))
    yield server
    await server.stop()
    server.erase()


@pytest.fixture(scope="session")
async def shared_database(postgres: EmbeddedPostgres) -> str:
    """The name of the one database that most tests share: emptying it is many times quicker than a copy."""
    await _as_owner(postgres, "CREATE DATABASE test_shared TEMPLATE cetak STRATEGY file_copy")
    return "test_shared"


@pytest.fixture
async def databases(postgres: EmbeddedPostgres, shared_database: str) -> Databases:
    """A database as new: no row in it, its sequences at their start; `backbone.now()` is real time."""
    found = Databases(postgres, shared_database)
    connection = await asyncpg.connect(**found.owner().arguments())
    await connection.execute(EMPTY)
    await connection.close()
    await prepare(found.owner())
    return found


@pytest.fixture(scope="session")
async def rabbit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RabbitNode | None]:
    """The session's RabbitMQ node where the suite runs on it (CETAK_TEST_BROKER=rabbitmq), else None."""
    if os.environ.get("CETAK_TEST_BROKER") != "rabbitmq":
        yield None
        return
    node = RabbitNode(tmp_path_factory.mktemp("rabbit"), free_ports(3), STATIONS)
    await node.start()
    yield node
    await node.stop()
    node.erase()


@pytest.fixture(scope="session", autouse=True)
def brokers(rabbit: RabbitNode | None) -> Iterator[list[InOneProcess]]:
    """Every broker made on RabbitMQ; the one box gets its own from there too."""
    made: list[InOneProcess] = []
    if rabbit is None:
        yield made
        return

    def make() -> Broker:
        made.append(InOneProcess(rabbit))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("onebox.host.EmbeddedBroker", make)
        yield made


@pytest.fixture(autouse=True)
async def new_broker(
    rabbit: RabbitNode | None, brokers: list[InOneProcess]
) -> AsyncIterator[Callable[[], Broker]]:
    """Makes the broker that a test's services share: the embedded one, or RabbitMQ."""
    if rabbit is None:
        yield EmbeddedBroker
        return

    async def close_all() -> None:
        while brokers:
            await brokers.pop().close()

    def make() -> Broker:
        brokers.append(InOneProcess(rabbit))
        return brokers[-1]

    # An office that a module made and closed would go on taking its share of every queue.
    await close_all()
    yield make
    await close_all()


@pytest.fixture
async def virtual(databases: Databases) -> AsyncIterator[VirtualClock]:
    """Virtual time from START, in Python and in SQL; its driver runs while the test does."""
    await prepare(databases.owner(), virtual=True)
    connection = await asyncpg.connect(**databases.owner().arguments())
    await connection.execute("INSERT INTO backbone.clock VALUES ($1)", START)

    async def mirror(moment: datetime) -> None:
        await connection.execute("UPDATE backbone.clock SET moment = $1", moment)

    clock = VirtualClock(START, mirror)
    with clock.at_work():
        driver = asyncio.create_task(clock.run())
        yield clock
    driver.cancel()
    await asyncio.gather(driver, return_exceptions=True)
    await connection.close()


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def ids(clock: SystemClock) -> Ids:
    return Ids(clock, Random(1))


@pytest.fixture(scope="session")
def key_pair() -> tuple[bytes, bytes]:
    return new_keys()


@pytest.fixture
def authority(clock: SystemClock, key_pair: tuple[bytes, bytes]) -> Authority:
    private, public = key_pair
    return Authority(clock, public=public, private=private)


@pytest.fixture
def tickets(clock: SystemClock) -> Tickets:
    return Tickets(clock, b"t" * 32)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer({"k1": b"s" * 32}, "k1")


@pytest.fixture(autouse=True)
def no_faults_left() -> None:
    failpoints.disarm()


@pytest.fixture
def data() -> Path:
    return Path(__file__).parent / "data"

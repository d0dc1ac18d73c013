"""The scheduler's database, a table of the test's own in it, and queues that keep what came."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backbone.broker import EmbeddedBroker, Letter
from backbone.clock import SystemClock
from backbone.contracts.gateway import VerificationReturned
from backbone.contracts.message import Message
from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Database, Transaction
from backbone.service import QueueConsumer
from backbone.topology import CONTRACTS, Queue

AT = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
EVERYTHING = Queue(
    name="box",
    keys=frozenset(model.model_construct(station="").routing_key() for model in CONTRACTS.values()),
)


class Shelf:
    """One service's database with a table `note(id, n)`, which messages about number n write to."""

    def __init__(self, database: Database, owner: Any) -> None:
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

    async def bury(self, letter: Letter, error: Exception) -> None:
        raise error


@pytest.fixture
async def shelf(databases: Any, clock: SystemClock) -> AsyncIterator[Shelf]:
    owner = await asyncpg.connect(**databases.owner().arguments())
    await owner.execute(
        f"ALTER DATABASE {databases.name} SET deadlock_timeout = '20ms';"
        "SET ROLE scheduler; CREATE TABLE scheduler.note (id int PRIMARY KEY, n int NOT NULL,"
        " j jsonb, twin int UNIQUE DEFERRABLE INITIALLY DEFERRED); RESET ROLE"
    )
    database = Database(databases.login("scheduler"), outbox_bell=clock.bell())
    await database.open()
    yield Shelf(database, owner)
    await database.close()
    await owner.close()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def boxed(inbox: Inbox) -> EmbeddedBroker:
    """A broker whose every letter comes to the inbox."""
    broker = EmbeddedBroker()
    broker.consume(EVERYTHING, inbox)
    return broker

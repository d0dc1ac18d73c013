"""Group commit: postings that arrive while a commit is under way share the next one, each with its own verdict.

A commit runs in its own task: a client that goes away cancels its waiting, never the commit. A group that fails for its
content is tried again one by one, so that no posting can fail its neighbours.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backbone import failpoints
from backbone.clock import Clock
from backbone.contracts.intake import ApplicationReceived
from backbone.database import INFRASTRUCTURE, Database, Row, Transaction
from backbone.problems import Unavailable
from intake.store import postings
from intake.store.postings import Keyed, NewApplication

MOST = 256
"""Postings a commit takes."""
QUEUED = 5000
"""Postings that may wait; more are sent away at once, to come back."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Posting:
    """An application to store; `sealed` is for the gateway."""

    row: NewApplication
    keyed: Keyed
    sealed: bytes

    def message(self, received_at: datetime) -> ApplicationReceived:
        return received_message(self.row, self.sealed, received_at)


@dataclass(frozen=True, slots=True)
class Stored:
    received_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Repeated:
    """The same key and body came before."""

    application_id: UUID
    answer: bytes
    pin_version: int


@dataclass(frozen=True, slots=True)
class OtherBody:
    """The key came before, with another body."""


@dataclass(frozen=True, slots=True, repr=False)
class PersonOpen:
    """The person has an open application."""

    id: UUID
    receipt_number: str
    person: bytes


@dataclass(frozen=True, slots=True)
class ReferenceTaken:
    """Another application of this office bears the reference."""


@dataclass(frozen=True, slots=True)
class Again:
    """What was in the way is gone, or was the receipt number: to be posted again with a fresh one."""


Verdict = Stored | Repeated | OtherBody | PersonOpen | ReferenceTaken | Again
Waiting = tuple[Posting, "asyncio.Future[Verdict | Exception]"]


class GroupCommit:
    """One commit at a time. `submit` returns when the posting's fate is durable."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def submit(self, posting: Posting) -> Verdict:
        """The verdict; raises what kept the database from giving one, and Unavailable where too many wait."""
        if len(self._waiting) >= QUEUED:
            raise Unavailable(retry_after=5)
        future: asyncio.Future[Verdict | Exception] = asyncio.get_running_loop().create_future()
        self._waiting.append((posting, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        outcome = await future
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Finish what was taken."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        with self._clock.at_work():
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._settle(group)

    async def _settle(self, group: Sequence[Waiting]) -> None:
        outcomes: Sequence[Verdict | Exception]
        try:
            outcomes = await self._commit([posting for posting, _ in group])
        except INFRASTRUCTURE as error:
            outcomes = [error] * len(group)
        except Exception as error:  # noqa: BLE001  # it becomes the answer of the one posting at fault
            if len(group) > 1:
                for waiting in group:
                    await self._settle([waiting])
                return
            outcomes = [error]
        for (_, future), outcome in zip(group, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)

    async def _commit(self, group: Sequence[Posting]) -> list[Verdict]:
        async def work(tx: Transaction) -> list[Verdict]:
            verdicts = await store(tx, group)
            failpoints.hit("intake.accepted_before_commit")
            return verdicts

        verdicts = await self._database.retrying(work)
        failpoints.hit("intake.accepted_after_commit")
        return verdicts


async def store(tx: Transaction, group: Sequence[Posting]) -> list[Verdict]:
    """Store what can be, owe its messages, and say of each posting what became of it."""
    rows = await postings.post(tx, [p.row for p in group], [p.keyed for p in group])
    claimed = {row["id"]: row["received_at"] for row in rows}
    verdicts: dict[UUID, Verdict] = {key: Stored(at) for key, at in claimed.items() if at is not None}
    tx.owe(*(p.message(claimed[p.row.id]) for p in group if p.row.id in verdicts))
    if len(verdicts) < len(group):
        blocked = [p for p in group if p.row.id in claimed and p.row.id not in verdicts]
        await _say_who_blocks(tx, blocked, verdicts)
        await _say_what_was_answered(tx, [p for p in group if p.row.id not in claimed], verdicts)
    return [verdicts[p.row.id] for p in group]


async def _say_who_blocks(tx: Transaction, blocked: Sequence[Posting], verdicts: dict[UUID, Verdict]) -> None:
    if not blocked:
        return
    await postings.unclaim(tx, [(p.row.device, p.keyed.key) for p in blocked])
    for row in await postings.in_the_way(tx, [p.row for p in blocked]):
        verdicts[blocked[row["n"] - 1].row.id] = _blocker(row)


def _blocker(row: Row) -> Verdict:
    if row["id"] is not None:
        return PersonOpen(row["id"], row["receipt_number"], row["person"])
    return Again() if row["reference_holder"] is None else ReferenceTaken()


async def _say_what_was_answered(
    tx: Transaction, known: Sequence[Posting], verdicts: dict[UUID, Verdict]
) -> None:
    if not known:
        return
    verdicts.update((p.row.id, Again()) for p in known)
    for row in await postings.answered(tx, [(p.row.device, p.keyed.key) for p in known]):
        posting = known[row["n"] - 1]
        verdicts[posting.row.id] = _answered(row, posting)


def _answered(row: Row, posting: Posting) -> Verdict:
    if row["application_id"] == posting.row.id:  # a commit whose confirmation was lost
        return Stored(row["received_at"])
    if row["fingerprint"] != posting.keyed.fingerprint:
        return OtherBody()
    return Repeated(row["application_id"], row["answer"], row["pin_version"])


def received_message(row: NewApplication, sealed: bytes, received_at: datetime) -> ApplicationReceived:
    """What the scheduler is told of a new application."""
    return ApplicationReceived.model_construct(
        application_id=row.id,
        office=row.office,
        reason=row.reason,  # type: ignore[arg-type]  # the domain checked it, the row keeps text
        district_code=row.district_code,
        received_at=received_at,
        receipt_number=row.receipt_number,
        sealed=sealed,
        source=row.source,  # type: ignore[arg-type]  # the same
    )

"""The relay: publishes what a service owes and removes it, at least once, in batches.

Any number of relays share one outbox (`SKIP LOCKED`). Patient letters go where no other letter is due and, with a
`Pace`, at its pace, so that no mass of them stands before a single one. Chaos mode, for tests and demos, delivers
twice, late and out of order, and stays durable: a row leaves the outbox only with its last delivery.
"""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Protocol

import structlog

from backbone import failpoints
from backbone.broker import Broker
from backbone.contracts.message import Message
from backbone.database import Database, Reader, Row, Transaction
from backbone.letters import Letter

log = structlog.get_logger()

BATCH = 500
PATIENCE = 5.0
"""Seconds until a letter that was not taken is offered again."""
PATIENT = 1 << 62
"""The first id of a patient letter: the order of ids is the order of going, so one index serves both kinds."""
STRIDE = 4096
"""Patient ids that one number of the outbox's sequence stands for."""
LAST = (1 << 63) - 1

TAKE = """DELETE FROM outbox WHERE id = ANY(ARRAY(
  SELECT id FROM outbox WHERE (due_at IS NULL OR due_at <= backbone.now()) AND id < $2 ORDER BY id LIMIT $1
  FOR UPDATE SKIP LOCKED))
RETURNING id, type, key, subject, body, due_at"""
NUMBER = "nextval(pg_get_serial_sequence('outbox', 'id'))"
AGAIN = f"""INSERT INTO outbox (id, type, key, subject, body, due_at) OVERRIDING SYSTEM VALUE
SELECT CASE WHEN i >= {PATIENT} THEN {PATIENT} + {NUMBER} * {STRIDE} ELSE {NUMBER} END,
  t, k, s, b, backbone.now() + d * interval '1 s'
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[]) u(i, t, k, s, b, d)"""
ANY_PATIENT = f"SELECT EXISTS (SELECT 1 FROM outbox WHERE id >= {PATIENT})"
NEXT_DUE = "SELECT min(due_at) FROM outbox"


async def any_patient(reader: Reader) -> bool:
    """Whether patient letters wait."""
    return bool(await reader.fetchval(ANY_PATIENT))


async def owe_patiently(tx: Transaction, kind: type[Message], letters: Sequence[tuple[str, str]]) -> None:
    """Owe letters that let others go first: messages of one kind, each as its subject and its JSON.

    They go, in the order given, if and only if this transaction commits.
    """
    named, key = kind.TYPE, kind.TYPE.rsplit(".", 1)[0]
    for start in range(0, len(letters), STRIDE):
        first = PATIENT + STRIDE * await tx.fetchval(f"SELECT {NUMBER}")
        rows = (
            (first + n, named, key, subject, body)
            for n, (subject, body) in enumerate(letters[start : start + STRIDE])
        )
        await tx.copy("outbox", ["id", "type", "key", "subject", "body"], rows)


class Pace(Protocol):
    """How fast patient letters go."""

    async def look_again_at(self, reader: Reader) -> datetime | None:
        """None where some may go now; else when to ask again."""

    def went(self, subjects: Sequence[str]) -> None:
        """Patient letters about these were handed to the broker, in this order."""


class Relay:
    """One service's relay. `run_once` empties what is due and returns the next due moment."""

    def __init__(
        self, database: Database, broker: Broker, *, chaos: Random | None = None, pace: Pace | None = None
    ) -> None:
        self._database = database
        self._broker = broker
        self._chaos = chaos
        self._pace = pace
        self._held_until: datetime | None = None
        self._kept = True

    async def run_once(self) -> datetime | None:
        while await self._relay_batch() == BATCH:
            pass
        if self._chaos is None and not self._kept:
            return self._held_until
        async with self._database.reading() as reader:
            due: datetime | None = await reader.fetchval(NEXT_DUE)
        self._kept = due is not None
        return min((moment for moment in (due, self._held_until) if moment is not None), default=None)

    async def _relay_batch(self) -> int:
        async with self._database.transaction() as transaction:
            if self._pace is not None:
                self._held_until = await self._pace.look_again_at(transaction)
            before = LAST if self._held_until is None else PATIENT
            rows = sorted(await transaction.fetch(TAKE, BATCH, before), key=lambda row: row["id"])
            letters = await self._disturb(transaction, rows) if self._chaos else rows
            if letters:
                await self._keep(transaction, await self._broker.publish([_letter(row) for row in letters]))
                failpoints.hit(f"{self._database.login.schema}.published")
            if self._pace is not None and rows and rows[-1]["id"] >= PATIENT:
                self._pace.went([row["subject"] for row in rows if row["id"] >= PATIENT])
        return len(rows)

    async def _keep(self, transaction: Transaction, letters: Sequence[Letter]) -> None:
        """What the broker did not take, or may not have taken, goes again a little later."""
        if letters:
            self._kept = True
            log.warning("letters_kept", count=len(letters), keys=sorted({letter.key for letter in letters}))
            columns = zip(
                *((int(x.id), x.type, x.key, x.subject, x.body, PATIENCE) for x in letters), strict=True
            )
            await transaction.execute(AGAIN, *(list(column) for column in columns))

    async def _disturb(self, transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        assert self._chaos is not None
        now, again = [], []
        for row in rows:
            fate = self._chaos.random() if row["due_at"] is None else 1.0
            if fate < 0.5:
                again.append((row, self._chaos.uniform(0.01, 2.0)))
            if fate >= 0.25:
                now.append(row)
        if again:
            columns = zip(
                *((r["id"], r["type"], r["key"], r["subject"], r["body"], seconds) for r, seconds in again),
                strict=True,
            )
            await transaction.execute(AGAIN, *(list(column) for column in columns))
        self._chaos.shuffle(now)
        return now


def _letter(row: Row) -> Letter:
    return Letter(
        type=row["type"], key=row["key"], subject=row["subject"], body=row["body"], id=str(row["id"])
    )

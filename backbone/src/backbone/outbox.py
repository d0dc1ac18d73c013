"""The relay: publishes what a service owes and removes it, at least once, in batches.

Any number of relays share one outbox (`SKIP LOCKED`). Chaos mode, for tests and demos, delivers twice, late and out of
order, and stays durable: a row leaves the outbox only with its last delivery.
"""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from backbone import failpoints
from backbone.broker import Broker, Letter
from backbone.database import Database, Row, Transaction

BATCH = 500

TAKE = """DELETE FROM outbox WHERE id = ANY(ARRAY(
  SELECT id FROM outbox WHERE due_at IS NULL OR due_at <= backbone.now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING id, type, key, subject, body, due_at"""
AGAIN = """INSERT INTO outbox (type, key, subject, body, due_at)
SELECT t, k, s, b, backbone.now() + d * interval '1 s' FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[])
  u(t, k, s, b, d)"""
NEXT_DUE = "SELECT min(due_at) FROM outbox"


class Relay:
    """One service's relay. `run_once` empties what is due and returns the next due moment."""

    def __init__(self, database: Database, broker: Broker, *, chaos: Random | None = None) -> None:
        self._database = database
        self._broker = broker
        self._chaos = chaos

    async def run_once(self) -> datetime | None:
        while await self._relay_batch() == BATCH:
            pass
        if self._chaos is None:
            return None
        async with self._database.reading() as reader:
            due: datetime | None = await reader.fetchval(NEXT_DUE)
            return due

    async def _relay_batch(self) -> int:
        async with self._database.transaction() as transaction:
            rows = sorted(await transaction.fetch(TAKE, BATCH), key=lambda row: row["id"])
            letters = await self._disturb(transaction, rows) if self._chaos else rows
            if letters:
                await self._broker.publish([_letter(row) for row in letters])
                failpoints.hit(f"{self._database.login.schema}.published")
        return len(rows)

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
                *((r["type"], r["key"], r["subject"], r["body"], seconds) for r, seconds in again),
                strict=True,
            )
            await transaction.execute(AGAIN, *(list(column) for column in columns))
        self._chaos.shuffle(now)
        return now


def _letter(row: Row) -> Letter:
    return Letter(type=row["type"], key=row["key"], subject=row["subject"], body=row["body"])

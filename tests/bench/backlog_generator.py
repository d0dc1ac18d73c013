"""A seeded backlog in the scheduler's own tables, by COPY: as many waiting as asked, over as many offices as asked.

Every constraint, count and history holds as if each application had come by message: what `cetak audit` checks of the
scheduler's tables is true of it. Specimen only: ids and receipt numbers are made of a counter, no person is in it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from scheduler.domain.policy import DEFAULT_RULES, OUTSIDE, REASONS

WEIGHTS = {
    "data_change": 46,
    "first_issue": 22,
    "lost": 13,
    "damaged": 9,
    "moved_in": 6,
    "outside_domicile": 2,
}
DISTRICTS = 13
"""Of an office, besides the bucket of those outside: with eight kinds, the 112 lanes of a full office."""
COLUMNS = (
    *("id", "office", "kind", "district", "reason", "district_code", "receipt_number", "source"),
    *("received_at", "ranked_from", "state", "sealed"),
)
OFFICES = """WITH new AS (INSERT INTO office (code, tz, account) SELECT code, 'Asia/Jakarta', 'default'
    FROM unnest($1::text[]) code RETURNING code),
turns AS (INSERT INTO release_turn (office, stage) SELECT code, s FROM new, unnest(ARRAY['verify', 'print']) s),
rules AS (INSERT INTO policy (office, version, valid_from, rules, author, reason)
  SELECT code, 1, '-infinity', $2::text::jsonb, 'cetak', 'default' FROM new),
stations AS (INSERT INTO station (id, office, seen_at, slots, seconds_per_card, measured)
  SELECT replace(code, '.', '') || '-1', code, backbone.now(), 2, 60, true FROM new RETURNING id, office),
places AS (SELECT code AS office, '' AS place FROM new UNION ALL SELECT office, id FROM stations)
INSERT INTO stock (office, place, item, account, n) SELECT office, place, 'blank', account, 0
FROM places, unnest($3::text[]) account"""
LANES = "INSERT INTO lane SELECT o, k, d FROM unnest($1::text[], $2::text[], $3::text[]) u(o, k, d)"
COUNTS = """WITH delta AS (INSERT INTO headcount SELECT office, state, kind, district,
    (ranked_from AT TIME ZONE 'UTC')::date, count(*) FROM application GROUP BY 1, 2, 3, 4, 5 RETURNING *)
INSERT INTO crowd SELECT office, x.grain, kind, x.district, x.start, sum(n) FROM delta CROSS JOIN LATERAL (VALUES
  (district, 'all', '-infinity'::date), (district, 'month', day - extract(day FROM day)::int + 1),
  ('', 'month', day - extract(day FROM day)::int + 1), ('', 'day', day)) x(district, grain, start)
GROUP BY 1, 2, 3, 4, 5"""
RECEIPTS = "INSERT INTO receipt SELECT receipt_number, id FROM application"
EVENTS = """INSERT INTO event (application_id, epoch, seq, state, cause, actor, ranked_from, at)
SELECT id, 1, 1, 'waiting', 'received', source, ranked_from, received_at FROM application"""


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What to make: `waiting` cards over `offices`, received evenly over the `days` before `until`, by a seed.

    `alone`: all of them at the first office, however many there are.
    """

    waiting: int
    offices: int = 514
    alone: bool = False
    days: int = 540
    until: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    seed: int = 6
    sealed: int = 200

    def codes(self) -> list[str]:
        """The offices' codes; the first is 21.02."""
        return ["21.02", *(f"{30 + n // 60}.{1 + n % 60:02}" for n in range(self.offices - 1))]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows for COPY, in the order of COLUMNS; ids grow with the time of arrival, as those of the service do."""
        random, codes = Random(self.seed), self.codes()[: 1 if self.alone else None]
        reasons = random.choices([*WEIGHTS], [*WEIGHTS.values()], k=4096)
        blob, step = random.randbytes(self.sealed), timedelta(days=self.days) / self.waiting
        begin = self.until - timedelta(days=self.days)
        for n in range(self.waiting):
            at = begin + n * step
            reason, pick = reasons[random.getrandbits(12)], random.getrandbits(32)
            office = codes[pick % len(codes)]
            number = (pick >> 16) % (DISTRICTS + 1)
            code = f"{office}.{number:02}" if number else "99.99.01"
            yield (
                UUID(int=(int(at.timestamp() * 1000) << 80) | 0x7000 << 64 | 0x8 << 60 | n),
                *(office, reason, code if number else OUTSIDE, reason, code),
                *(f"{n:016X}", "import", at, at, "waiting", blob),
            )

    def lanes(self) -> list[tuple[str, str, str]]:
        return [
            (office, kind, f"{office}.{n:02}" if n else OUTSIDE)
            for office in self.codes()
            for kind in (*REASONS, "urgent")
            for n in range(DISTRICTS + 1)
        ]


async def load(connection: asyncpg.Connection, backlog: Backlog, accounts: tuple[str, ...]) -> None:
    """Fill the scheduler's empty schema (the connection's search_path) and vacuum it."""
    await connection.execute(OFFICES, backlog.codes(), json.dumps(dict(DEFAULT_RULES)), list(accounts))
    await connection.execute(LANES, *(list(column) for column in zip(*backlog.lanes(), strict=True)))
    async with connection.transaction():
        await connection.copy_records_to_table("application", columns=COLUMNS, records=backlog.rows())
    for statement in (COUNTS, RECEIPTS, EVENTS, "VACUUM ANALYZE"):
        await connection.execute(statement, timeout=3600)

"""Stations: enrolment, hello and heartbeat, pause and the other states."""

from backbone.contracts.station import Hello
from backbone.database import Reader, Row, Transaction

ENROL = """INSERT INTO station (id, office, slots) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET slots = EXCLUDED.slots
WHERE station.office = EXCLUDED.office RETURNING *"""
HELLO = """UPDATE station s SET run = greatest(s.run, $2), seen_at = backbone.now(), fence_seen = greatest(s.fence_seen, $3),
  evidence = $4, printer = $5, printer_reasons = $6, process = CASE WHEN s.run < $2 THEN $8 ELSE coalesce(s.process, $8) END
FROM (SELECT * FROM station WHERE id = $1 FOR UPDATE) was, office o
WHERE s.id = $1 AND was.id = s.id AND o.code = s.office
  AND (s.run < $2 OR (s.run = $2 AND coalesce(s.process = $8, true)))
RETURNING s.*, o.recovering, o.epoch, (SELECT last_value FROM fence) AS fence, was.fence_seen AS was_fence_seen,
  o.epoch > coalesce((SELECT epoch FROM journal_told WHERE station = s.id), 1) AS journal_wanted, was.run < $2 AS new_run, backbone.now() AS now,
  was.printer = 'ready' AND $5 = 'stopped' AS fell, was.printer <> $5 OR coalesce(was.seen_at < backbone.now() - $7 * interval '1 s', true) AS woke,
  (SELECT version FROM calendars) AS calendars_version"""
SET_STATE = """UPDATE station SET state = $2, reason = $3, state_by = $4
WHERE id = $1 AND state = ANY($5::text[]) RETURNING *"""
HOLD = "SELECT id FROM station WHERE id = $1 FOR NO KEY UPDATE"
BY_ID = "SELECT * FROM station WHERE id = $1"
LIST = """SELECT * FROM station WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') ORDER BY id"""
GONE = """SELECT s.id FROM station s JOIN office o ON o.code = s.office AND NOT o.recovering WHERE s.state <> 'lost' AND coalesce(s.seen_at, '-infinity') < backbone.now() - $1 * interval '1 s'
  AND EXISTS (SELECT 1 FROM attempt a WHERE a.station = s.id AND a.state = 'reserved')"""


async def enrol(tx: Transaction, station: str, office: str, slots: int) -> Row | None:
    """The station's row; None where the id belongs to another office."""
    return await tx.fetchrow(ENROL, station, office, slots)


async def hello(tx: Transaction, station: str, said: Hello, silent_seconds: float) -> Row | None:
    """Note that a station lives; None where it is unknown or a newer run of it said hello. `woke`: it may take work."""
    return await tx.fetchrow(
        HELLO,
        station,
        said.run,
        said.fence_seen,
        said.evidence,
        said.printer,
        list(said.printer_reasons),
        silent_seconds,
        said.process,
    )


async def set_state(
    tx: Transaction, station: str, state: str, reason: str, actor: str, old: list[str]
) -> Row | None:
    return await tx.fetchrow(SET_STATE, station, state, reason, actor, old)


async def hold(tx: Transaction, station: str) -> None:
    """Its state and what is decided from its cards stand still until the transaction ends."""
    await tx.fetchval(HOLD, station)


async def find(reader: Reader, station: str) -> Row | None:
    return await reader.fetchrow(BY_ID, station)


async def in_prefix(reader: Reader, prefix: str) -> list[Row]:
    return await reader.fetch(LIST, prefix)


async def gone(reader: Reader, seconds: float) -> list[str]:
    """Stations silent for so long that hold reserved attempts."""
    return [row["id"] for row in await reader.fetch(GONE, seconds)]

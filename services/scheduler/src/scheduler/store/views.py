"""What people look at: counts, lists, the reasons that hold a card."""

from typing import Any
from uuid import UUID

from backbone.database import Reader, Row

COUNTS = """SELECT state, kind, district, sum(n)::int AS n FROM headcount
WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') AND n <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
OLDEST = """SELECT min(h.ranked_from) FROM lane l CROSS JOIN LATERAL (SELECT ranked_from FROM application a
  WHERE a.office = l.office AND a.state = 'waiting' AND a.kind = l.kind AND a.district = l.district
  ORDER BY ranked_from, id LIMIT 1) h WHERE ($1 = '' OR l.office = $1 OR l.office LIKE $1 || '.%')"""
TODAY = """SELECT t.cause, sum(t.n)::int AS n FROM tally t JOIN office o ON o.code = t.office
WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') AND t.day = (backbone.now() AT TIME ZONE o.tz)::date GROUP BY 1"""
FLIGHT = """SELECT state, count(*)::int AS n FROM attempt
WHERE state IN ('reserved', 'armed', 'uncertain') AND ($1 = '' OR office = $1 OR office LIKE $1 || '.%') GROUP BY 1"""
STOCK = """SELECT account, sum(n)::int AS n FROM stock
WHERE item = 'blank' AND ($1 = '' OR office = $1 OR office LIKE $1 || '.%') GROUP BY 1"""
STATIONS = """SELECT id, office, state, reason, printer, printer_reasons, seen_at, seconds_per_card,
  coalesce(seen_at > backbone.now() - $2 * interval '1 s', false) AS seen,
  (SELECT n FROM stock WHERE place = station.id AND office = station.office AND item = 'blank' AND account = 'on_hand') AS blanks,
  (SELECT count(*) FROM attempt WHERE station = station.id AND state = 'uncertain') AS uncertain,
  (SELECT count(*) FROM attempt a WHERE a.station = station.id AND a.state IN ('reserved', 'armed', 'uncertain')) AS live
FROM station WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') AND state <> 'retired' ORDER BY id"""
CENTRES = """SELECT DISTINCT c.* FROM centre c JOIN office o ON o.account = c.account
WHERE $1 = '' OR o.code = $1 OR o.code LIKE $1 || '.%'"""
INCIDENTS = """SELECT * FROM incident WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') AND ($2 OR closed_at IS NULL)
AND id > $3 ORDER BY id LIMIT $4"""
LIST = """SELECT id, receipt_number, office, kind, reason, district_code, state, received_at, ranked_from, due_at, frozen_by
FROM application WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') AND ($2::text IS NULL OR state = $2)
AND ($3::text IS NULL OR reason = $3) AND ($4::text IS NULL OR district_code = $4) AND ($5::uuid IS NULL OR id > $5)
ORDER BY id LIMIT $6"""
BY_RECEIPT = "SELECT id FROM application WHERE receipt_number = $1"
EVENTS = "SELECT * FROM event WHERE application_id = $1 ORDER BY epoch, seq"
STATION_QUEUE = """SELECT count(*) FILTER (WHERE state = 'reserved') AS depth,
  count(*) FILTER (WHERE state IN ('armed', 'uncertain')) AS in_flight,
  coalesce(extract(epoch FROM backbone.now() - min(reserved_at)), 0) AS oldest
FROM attempt WHERE station = $1 AND state IN ('reserved', 'armed', 'uncertain')"""
OUTBOX_AGE = "SELECT coalesce(extract(epoch FROM backbone.now() - min(created_at)), 0) FROM outbox"


async def counts(reader: Reader, prefix: str) -> list[Row]:
    return await reader.fetch(COUNTS, prefix)


async def tally_today(reader: Reader, prefix: str) -> dict[str, int]:
    return {row["cause"]: row["n"] for row in await reader.fetch(TODAY, prefix)}


async def attempts_in_flight(reader: Reader, prefix: str) -> dict[str, int]:
    return {row["state"]: row["n"] for row in await reader.fetch(FLIGHT, prefix)}


async def blanks(reader: Reader, prefix: str) -> dict[str, int]:
    return {row["account"]: row["n"] for row in await reader.fetch(STOCK, prefix)}


async def stations(reader: Reader, prefix: str, seen_within: float) -> list[Row]:
    return await reader.fetch(STATIONS, prefix, seen_within)


async def centres(reader: Reader, prefix: str) -> list[Row]:
    return await reader.fetch(CENTRES, prefix)


async def incidents(reader: Reader, prefix: str, *, closed: bool, after: int, limit: int) -> list[Row]:
    return await reader.fetch(INCIDENTS, prefix, closed, after, limit)


async def listed(
    reader: Reader, prefix: str, filters: dict[str, Any], after: UUID | None, limit: int
) -> list[Row]:
    return await reader.fetch(
        LIST, prefix, filters.get("state"), filters.get("reason"), filters.get("district_code"), after, limit
    )

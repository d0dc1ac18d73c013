"""What people look at: counts, lists, the reasons that hold a card."""

from typing import Any
from uuid import UUID

from backbone.database import Reader, Row
from scheduler.domain.lifecycle import APPLICATION_STATES
from scheduler.domain.policy import KINDS

_KINDS, _STATES = ", ".join(map(repr, KINDS)), ", ".join(map(repr, APPLICATION_STATES))
OFFICES = "SELECT code FROM office WHERE ($1 = '' OR code = $1 OR code LIKE $1 || '.%')"
COUNTS = f"""SELECT state, kind, district, sum(n)::int AS n FROM (
  SELECT 'waiting' AS state, c.kind, c.district, c.n FROM ({OFFICES}) o
    JOIN crowd c ON c.office = o.code AND c.grain = 'all'
  UNION ALL SELECT s.state, h.kind, h.district, h.n FROM ({OFFICES}) o CROSS JOIN unnest(ARRAY[{_STATES}]) s(state)
    CROSS JOIN LATERAL (SELECT kind, district, n FROM headcount h WHERE h.office = o.code AND h.state = s.state
      AND h.day = '-infinity' OFFSET 0) h
    WHERE s.state <> 'waiting') x
WHERE n <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
OLDEST = f"""SELECT min(a.ranked_from) FROM ({OFFICES}) o CROSS JOIN unnest(ARRAY[{_KINDS}]) k(kind)
CROSS JOIN LATERAL (SELECT ranked_from FROM application a WHERE a.office = o.code AND a.kind = k.kind
  AND a.state = 'waiting' ORDER BY ranked_from, id LIMIT 1) a"""
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
# Frozen by what is open, so that the backlog is not looked through for them.
FROZEN = """SELECT a.state, a.kind, count(*)::int AS n FROM (SELECT DISTINCT application_id AS id FROM incident
  WHERE office = $1 AND closed_at IS NULL AND application_id IS NOT NULL) i JOIN application a USING (id)
WHERE a.frozen_by IS NOT NULL GROUP BY 1, 2"""
TERMS = """SELECT s.state, (SELECT min(due_at) FROM application a WHERE a.office = $1 AND a.state = s.state
  AND a.state IN ('deferred', 'in_review', 'needs_correction') AND a.due_at IS NOT NULL) AS due_at
FROM unnest(ARRAY['deferred', 'in_review', 'needs_correction']) s(state)"""
DELIVERY = "SELECT min(expected_at) FROM delivery WHERE office = $1 AND received_at IS NULL"
OFFICES_PAGE = f"{OFFICES} AND code > $2 ORDER BY code LIMIT $3"
_SEEN = """SELECT id, state, reason, state_by, seen_at, printer, printer_reasons, slots,
  coalesce(seen_at > backbone.now() - $2 * interval '1 s', false) AS seen,
  coalesce((SELECT n FROM stock WHERE place = s.id AND office = s.office AND item = 'blank' AND account = 'on_hand'), 0) AS blanks,
  (SELECT count(*)::int FROM attempt a WHERE a.station = s.id AND a.state = 'uncertain') AS uncertain,
  (SELECT count(*)::int FROM attempt a WHERE a.station = s.id AND a.state IN ('reserved', 'armed', 'uncertain')) AS live
FROM station s"""
STATIONS_SEEN = f"{_SEEN} WHERE office = $1 AND state <> 'retired' ORDER BY id"
STATION_SEEN = f"{_SEEN} WHERE id = $1"
INCIDENTS = """SELECT * FROM incident WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%') AND ($2 OR closed_at IS NULL)
AND id > $3 ORDER BY id LIMIT $4"""
# Each office and state brings its next page; what it costs does not depend on how many stand behind it.
LIST = f"""SELECT a.* FROM ({OFFICES}) o CROSS JOIN unnest($2::text[]) s(state) CROSS JOIN LATERAL (
  SELECT id, receipt_number, office, kind, reason, district_code, state, received_at, ranked_from, due_at, frozen_by
  FROM application x WHERE x.office = o.code AND x.state = s.state AND x.id > $3 {{filters}}
  ORDER BY x.id LIMIT $4) a
ORDER BY a.id LIMIT $4"""
LIST_FILTERS = ("reason", "district_code")
BY_RECEIPT = "SELECT application_id FROM receipt WHERE number = $1"
EVENTS = "SELECT * FROM event WHERE application_id = $1 ORDER BY epoch, seq"
STATION_QUEUE = """SELECT count(*) FILTER (WHERE state = 'reserved') AS depth,
  count(*) FILTER (WHERE state IN ('armed', 'uncertain')) AS in_flight,
  coalesce(extract(epoch FROM backbone.now() - min(reserved_at)), 0) AS oldest
FROM attempt WHERE station = $1 AND state IN ('reserved', 'armed', 'uncertain')"""
OUTBOX_AGE = "SELECT coalesce(extract(epoch FROM backbone.now() - (SELECT created_at FROM outbox ORDER BY id LIMIT 1)), 0)"


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
    """A page of the queue after `after`, by id. `filters`: state, reason, district_code; None: any."""
    states = [filters["state"]] if filters.get("state") else list(APPLICATION_STATES)
    given = {name: filters[name] for name in LIST_FILTERS if filters.get(name) is not None}
    # What is not asked for does not stand in the text: the planner would think its rows rare, and sort them all.
    sql = LIST.format(filters="".join(f" AND x.{name} = ${n}" for n, name in enumerate(given, 5)))
    return await reader.fetch(sql, prefix, states, after or UUID(int=0), limit, *given.values())

"""What trying a policy reads: counts of the waiting, past picks, the cards it names. Bounded by days, not by the backlog."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from backbone.database import Reader, Row
from scheduler.domain.rehearsal import Bucket, Peak
from scheduler.store.applications import ONE

OFFICE = """SELECT o.code, o.tz, coalesce($2, backbone.now()) AS at, backbone.now() AS now, p.version, p.rules
FROM office o JOIN LATERAL (SELECT version, rules FROM policy WHERE office = o.code
  AND valid_from <= coalesce($2, backbone.now()) AND (valid_until IS NULL OR valid_until > coalesce($2, backbone.now()))
  ORDER BY version DESC LIMIT 1) p ON true
WHERE o.code = $1"""
WAITING = "SELECT kind, district, day, n FROM headcount WHERE office = $1 AND state = 'waiting' AND n > 0"
PAST = """SELECT (p.at AT TIME ZONE o.tz)::date AS day, p.kind, p.district,
  (p.ranked_from AT TIME ZONE 'UTC')::date AS ranked, count(*)::int AS n, min(p.at) AS since
FROM office o CROSS JOIN LATERAL (SELECT id FROM release_log
  WHERE office = o.code AND stage = 'verify' AND at > backbone.now() - $2 * interval '1 day'
  ORDER BY at DESC LIMIT $3) l JOIN release_pick p ON p.release = l.id
WHERE o.code = $1 GROUP BY 1, 2, 3, 4"""
PACE = """SELECT avg(t.n)::float FROM tally t JOIN office o ON o.code = t.office
WHERE t.office = $1 AND t.cause = 'printed' AND t.n > 0 AND t.day > (backbone.now() AT TIME ZONE o.tz)::date - $2::int"""
OF_DAYS = """SELECT a.* FROM unnest($2::text[], $3::date[]) u(kind, day) CROSS JOIN LATERAL (
  SELECT id, receipt_number, state, kind, district, ranked_from FROM application a
  WHERE a.office = $1 AND a.kind = u.kind AND a.state = 'waiting'
    AND a.ranked_from >= u.day::timestamp AT TIME ZONE 'UTC' AND a.ranked_from < (u.day + 1)::timestamp AT TIME ZONE 'UTC'
  ORDER BY a.ranked_from, a.id LIMIT $4) a"""
NAMED = f"{ONE} WHERE a.office = $1 AND a.id = ANY($2::uuid[])"


async def office(reader: Reader, code: str, at: datetime | None) -> Row | None:
    """The office with the policy that is in force at `at` (None: now), as far as is known today."""
    return await reader.fetchrow(OFFICE, code, at)


async def waiting(reader: Reader, code: str) -> list[Bucket]:
    return [Bucket(*row.values()) for row in await reader.fetch(WAITING, code)]


async def past_picks(reader: Reader, code: str, days: int, releases: int) -> list[Row]:
    """Picks at verification by the office's day, lane and UTC day of `ranked_from`, of the last `days` and `releases`."""
    return await reader.fetch(PAST, code, days, releases)


async def cards_a_day(reader: Reader, code: str, days: int) -> float | None:
    """Cards printed on an average day on which any was; None: on no day."""
    found: float | None = await reader.fetchval(PACE, code, days)
    return found


async def of_days(reader: Reader, code: str, peaks: Sequence[Peak], each: int) -> list[Row]:
    """The first cards of each kind and day."""
    kinds: list[str] = [kind for kind, _ in peaks]
    days: list[date] = [day for _, day in peaks]
    return await reader.fetch(OF_DAYS, code, kinds, days, each)


async def named(reader: Reader, code: str, ids: Sequence[UUID]) -> list[Row]:
    return await reader.fetch(NAMED, code, list(ids))

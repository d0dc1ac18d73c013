"""What was picked and printed on an office's days, with the claims that had a card at each pick."""

from collections.abc import Sequence
from datetime import date

from backbone.database import Reader, Row

OFFICE = "SELECT code, tz, (backbone.now() AT TIME ZONE tz)::date AS today FROM office WHERE code = $1"
PICKS = """SELECT p.stage, (p.at AT TIME ZONE o.tz)::date AS day, p.policy_version, p.kind, p.district, p.why, p.live
FROM office o JOIN release_pick p ON p.office = o.code AND p.stage IN ('verify', 'print')
  AND p.at >= $2::date::timestamp AT TIME ZONE o.tz AND p.at < ($3::date + 1)::timestamp AT TIME ZONE o.tz
WHERE o.code = $1 ORDER BY p.release, p.n"""
# A card is reserved in the transaction of its pick, a moment after it.
PRINTED = """SELECT 'printed' AS stage, (a.closed_at AT TIME ZONE o.tz)::date AS day, p.policy_version, p.kind, p.district,
  p.why, p.live
FROM office o JOIN attempt a ON a.office = o.code AND a.state = 'printed'
  AND a.closed_at >= $2::date::timestamp AT TIME ZONE o.tz AND a.closed_at < ($3::date + 1)::timestamp AT TIME ZONE o.tz
LEFT JOIN LATERAL (SELECT * FROM release_pick r WHERE r.office = o.code AND r.stage = 'print'
  AND r.at BETWEEN a.reserved_at - interval '60 s' AND a.reserved_at AND r.card = a.application_id
  ORDER BY r.release DESC LIMIT 1) p ON true
WHERE o.code = $1 ORDER BY a.fence"""
URGENT = "SELECT day, n FROM tally WHERE office = $1 AND cause = 'urgent' AND day BETWEEN $2 AND $3"
POLICIES = "SELECT version, rules, author, reason FROM policy WHERE office = $1 AND version = ANY($2::int[])"


async def office(reader: Reader, code: str) -> Row | None:
    return await reader.fetchrow(OFFICE, code)


async def taken(reader: Reader, code: str, first: date, last: date) -> list[Row]:
    """Every pick at both stages in order, then every card printed (good as of now) with the pick it was printed by.

    The version is None, as is all of the pick, for a card that no release reserved (found in a journal).
    """
    picks = await reader.fetch(PICKS, code, first, last)
    return picks + await reader.fetch(PRINTED, code, first, last)


async def urgent(reader: Reader, code: str, first: date, last: date) -> dict[date, int]:
    return {row["day"]: row["n"] for row in await reader.fetch(URGENT, code, first, last)}


async def policies(reader: Reader, code: str, versions: Sequence[int]) -> list[Row]:
    return await reader.fetch(POLICIES, code, list(versions))

"""What was picked and printed on an office's days, with the claims that had a card at each pick."""

from collections.abc import Sequence
from datetime import date

from backbone.database import Reader, Row

OFFICE = "SELECT code, tz, (backbone.now() AT TIME ZONE tz)::date AS today FROM office WHERE code = $1"
PICKS = """SELECT l.stage, (l.at AT TIME ZONE o.tz)::date AS day, l.policy_version, p.pick
FROM office o JOIN release_log l ON l.office = o.code AND l.stage IN ('verify', 'print')
  AND l.at >= $2::date::timestamp AT TIME ZONE o.tz AND l.at < ($3::date + 1)::timestamp AT TIME ZONE o.tz
CROSS JOIN LATERAL jsonb_array_elements(l.log -> 'picks') WITH ORDINALITY p(pick, n)
WHERE o.code = $1 ORDER BY l.id, p.n"""
# A card is reserved in the transaction of its pick, a moment after it.
PRINTED = """SELECT 'printed' AS stage, (a.closed_at AT TIME ZONE o.tz)::date AS day, l.policy_version, l.pick
FROM office o JOIN attempt a ON a.office = o.code AND a.state = 'printed'
  AND a.closed_at >= $2::date::timestamp AT TIME ZONE o.tz AND a.closed_at < ($3::date + 1)::timestamp AT TIME ZONE o.tz
LEFT JOIN LATERAL (SELECT r.policy_version, p.pick FROM release_log r CROSS JOIN LATERAL jsonb_array_elements(r.log -> 'picks') p(pick)
  WHERE r.office = o.code AND r.stage = 'print' AND r.at BETWEEN a.reserved_at - interval '60 s' AND a.reserved_at
    AND p.pick ->> 2 = a.application_id::text ORDER BY r.id DESC LIMIT 1) l ON true
WHERE o.code = $1 ORDER BY a.fence"""
URGENT = "SELECT day, n FROM tally WHERE office = $1 AND cause = 'urgent' AND day BETWEEN $2 AND $3"
POLICIES = "SELECT version, rules, author, reason FROM policy WHERE office = $1 AND version = ANY($2::int[])"


async def office(reader: Reader, code: str) -> Row | None:
    return await reader.fetchrow(OFFICE, code)


async def taken(reader: Reader, code: str, first: date, last: date) -> list[Row]:
    """Every pick at both stages in order, then every card printed (good as of now) with the pick it was printed by.

    `pick` as the release log keeps it; None, as is the version, for a card that no release reserved (found in a journal).
    """
    picks = await reader.fetch(PICKS, code, first, last)
    return picks + await reader.fetch(PRINTED, code, first, last)


async def urgent(reader: Reader, code: str, first: date, last: date) -> dict[date, int]:
    return {row["day"]: row["n"] for row in await reader.fetch(URGENT, code, first, last)}


async def policies(reader: Reader, code: str, versions: Sequence[int]) -> list[Row]:
    return await reader.fetch(POLICIES, code, list(versions))

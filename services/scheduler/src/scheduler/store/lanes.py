"""Releases: the turn, the lanes' heads, the log."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from backbone.database import Reader, Row, Transaction
from scheduler.domain.merge import Head, Lane, LaneKey

IN_SIGHT = """(SELECT coalesce(sum(n), 0) FROM stock WHERE office = o.code AND item = 'blank' AND account = 'on_hand')
    + (SELECT coalesce(sum(blanks), 0) FROM delivery WHERE office = o.code AND received_at IS NULL
        AND expected_at BETWEEN backbone.now() AND backbone.now() + interval '12 hours')"""
LOOK = f"""SELECT v.credit AS verify_credit, p.credit AS print_credit, o.code, o.tz, o.account, o.recovering,
  o.print_after_close, rule.version, rule.rules, (SELECT version FROM calendars) AS calendars_version, backbone.now() AS now,
  c.state AS centre_state, c.closes_at, c.opens_at, c.calls_per_hour, c.quota_left, c.approval_hours,
  (SELECT coalesce(jsonb_object_agg(kind, n), '{{}}') FROM (SELECT kind, count(*) AS n FROM application
    WHERE office = $1 AND state = 'approved' AND approved_until > (SELECT backbone.now() + $2 * interval '1 s')
      AND frozen_by IS NULL GROUP BY kind) a) AS approved,
  (SELECT coalesce(sum(n), 0)::int FROM headcount WHERE office = $1 AND state = 'verifying') AS verifying,
  {IN_SIGHT} AS blanks,
  s.pace_seen, s.pace_known, s.slots_free,
  (SELECT coalesce(sum(n) FILTER (WHERE cause = 'approval_expired'), 0)
      > 0.02 * greatest(coalesce(sum(n) FILTER (WHERE cause = 'approved'), 0), 50)
    FROM tally WHERE office = $1 AND day = (backbone.now() AT TIME ZONE o.tz)::date) AS halved
FROM release_turn v JOIN release_turn p ON p.office = v.office AND p.stage = 'print' JOIN office o ON o.code = v.office
JOIN LATERAL (SELECT version, rules FROM policy WHERE policy.office = o.code AND valid_from <= backbone.now()
  AND (valid_until IS NULL OR valid_until > backbone.now()) ORDER BY version DESC LIMIT 1) rule ON true
CROSS JOIN LATERAL (SELECT
    coalesce(sum(3600 / greatest(seconds_per_card, 0.5)) FILTER (WHERE seen_at > backbone.now() - $3 * interval '1 s'), 0)
      AS pace_seen,
    coalesce(sum(3600 / greatest(seconds_per_card, 0.5)), 0) AS pace_known,
    coalesce(sum(greatest(slots - (SELECT count(*) FROM attempt a WHERE a.station = station.id
      AND a.state IN ('reserved', 'armed', 'uncertain')), 0)), 0) AS slots_free
  FROM station WHERE office = $1 AND state = 'running' AND seen_at > backbone.now() - interval '7 days') s
LEFT JOIN centre c ON c.account = o.account
WHERE v.office = $1 AND v.stage = 'verify'"""
TURN = f"{LOOK} FOR UPDATE OF v, p SKIP LOCKED"

# Before anything else that an outcome or an answer locks: two that move cards of one office would else wait for each
# other, one for the counts the first has changed, the other for the station or the counts of the second.
FIRST = """SELECT FROM release_turn t WHERE stage = 'verify' AND (office = ANY($1::text[])
  OR office = (SELECT s.office FROM station s WHERE s.id = $2)) ORDER BY office FOR UPDATE"""
# What is read next is reserved from: a pause, a count or a lost card is seen, or its station is left out this time.
HOLD = """WITH stations AS MATERIALIZED (SELECT id FROM station WHERE office = $1 AND state = 'running' ORDER BY id
  FOR NO KEY UPDATE SKIP LOCKED),
blanks AS MATERIALIZED (SELECT place FROM stock WHERE office = $1 AND item = 'blank' AND account IN ('booked', 'on_hand')
  AND place IN (SELECT id FROM stations) ORDER BY place, account FOR NO KEY UPDATE SKIP LOCKED)
SELECT coalesce((SELECT array_agg(place) FROM (SELECT place FROM blanks GROUP BY place HAVING count(*) = 2) x), '{}')
    AS held,
  (SELECT count(*) FROM station WHERE office = $1 AND state = 'running') AS running"""
STATIONS = """SELECT s.id, s.slots, s.state = 'running' AS running,
  coalesce(s.seen_at > backbone.now() - $2 * interval '1 s', false) AS seen, s.printer = 'ready' AS ready,
  count(a.id) AS live, coalesce(bool_or(a.state = 'uncertain'), false) AS uncertain,
  coalesce((SELECT n FROM stock WHERE office = s.office AND place = s.id AND item = 'blank' AND account = 'on_hand'), 0)
    AS blanks
FROM station s LEFT JOIN attempt a ON a.station = s.id AND a.state IN ('reserved', 'armed', 'uncertain')
WHERE s.office = $1 AND s.state = 'running' AND s.id = ANY($3::text[]) GROUP BY s.id ORDER BY blanks DESC, s.id"""

FETCH = {
    # The state stands in the text, not as a value, so that the partial index serves whatever plan is kept.
    "waiting": "a.state = 'waiting' AND $2::timestamptz IS NOT NULL",
    "approved": "a.state = 'approved' AND a.approved_until > $2",
}
_FIRST = "AND a.frozen_by IS NULL AND {eligible} ORDER BY ranked_from, id LIMIT l.few) h"
# Whole kinds and single lanes each by their own index, in one statement: a card that stands in both is in both or in none.
HEADS = f"""SELECT l.n, h.id, h.district, h.ranked_from
FROM unnest($3::int[], $4::text[], $5::int[]) l(n, kind, few) CROSS JOIN LATERAL (
  SELECT id, district, ranked_from FROM application a WHERE a.office = $1 AND a.kind = l.kind {_FIRST}
UNION ALL SELECT l.n, h.id, l.district, h.ranked_from
FROM unnest($6::int[], $7::text[], $8::text[], $9::int[]) l(n, kind, district, few) CROSS JOIN LATERAL (
  SELECT id, ranked_from FROM application a
  WHERE a.office = $1 AND a.kind = l.kind AND a.district = l.district {_FIRST}"""
SAVE = """WITH saved AS (UPDATE release_turn SET credit = $3 WHERE office = $1 AND stage = $2)
INSERT INTO release_log (office, stage, policy_version, cards, ranked, lanes, whys, terms)
VALUES ($1, $2, $4, $5, $6, $7, $8, $9)"""
OFFICES = f"""SELECT o.code, o.account, {IN_SIGHT} AS blanks,
  EXISTS (SELECT FROM crowd c WHERE c.office = o.code AND c.grain = 'all' AND c.n > 0) AS waits
FROM office o ORDER BY o.code"""


async def take_turn(tx: Transaction, office: str, margin: float, seen_within: float) -> Row | None:
    """The office's turn, locked, with its policy and the small numbers that room depends on; None: somebody else has it.

    `margin`: seconds an approval must still hold; `seen_within`: seconds after which a station counts as silent. The
    stations' numbers are a first look: `stations` holds them still before anything is reserved.
    """
    return await tx.fetchrow(TURN, office, margin, seen_within)


async def look(reader: Reader, office: str, margin: float, seen_within: float) -> Row | None:
    """What `take_turn` gives, for whoever only looks; None for an unknown office."""
    return await reader.fetchrow(LOOK, office, margin, seen_within)


async def come_first(tx: Transaction, offices: Iterable[str] = (), station: str | None = None) -> None:
    """Wait for these offices' turns, or for that of a station's office, holding nothing yet; the turn is then ours."""
    await tx.fetch(FIRST, list(offices), station)


async def stations(tx: Transaction, office: str, seen_within: float) -> tuple[list[Row], bool]:
    """The running stations with their room, most blanks first, so that of two with equal room the fuller one prints and
    all run low together; neither they nor their blanks change until the transaction ends.

    True where somebody else is at work on another running one: it was left out.
    """
    found = await tx.fetchrow(HOLD, office)
    assert found is not None
    rows = await tx.fetch(STATIONS, office, seen_within, found["held"])
    return rows, len(found["held"]) < found["running"]


async def heads(
    tx: Transaction, office: str, state: str, few: Mapping[LaneKey, int], good_until: datetime
) -> list[Lane]:
    """Of each of these lanes the first cards, so many, all as of one moment.

    At the print stage only cards whose approval holds longer than `good_until`.
    """
    heads: list[deque[Head]] = [deque() for _ in few]
    kinds = [kind for kind, _ in few]
    numbered = [(n, *key, most) for n, (key, most) in enumerate(few.items())]
    whole = [(n, kind, most) for n, kind, district, most in numbered if district is None]
    single = [row for row in numbered if row[2] is not None]
    values = (*_columns(whole, 3), *_columns(single, 4))
    for row in await tx.fetch(HEADS.format(eligible=FETCH[state]), office, good_until, *values):
        n, card, district, ranked_from = row.values()
        heads[n].append(Head(card, kinds[n], district, ranked_from))
    return [
        Lane(kind=kind, district=district, heads=cards, exhausted=len(cards) < most)
        for cards, ((kind, district), most) in zip(heads, few.items(), strict=True)
    ]


async def save(
    tx: Transaction, office: str, stage: str, credit: dict[str, int], policy_version: int, log: dict[str, Any]
) -> None:
    """Keep the credit and log the release."""
    columns = (log[name] for name in ("cards", "ranked", "lanes", "whys", "terms"))
    await tx.execute(SAVE, office, stage, credit, policy_version, *columns)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[n] for row in rows] for n in range(width)]

"""Applications: taking them in, the one statement that changes a state, and where one stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.contracts.scheduler import ApplicationStatus
from backbone.database import Reader, Row, Transaction
from scheduler.domain.lifecycle import APPLICATION_MOVES, may_move

# The waiting cards' changes by lane and day, summed up for `crowd`; rows in order, so that two wait for one another.
CROWD = """crowded AS (INSERT INTO crowd AS c
  SELECT office, x.grain, kind, x.district, x.start, sum(n)::int FROM delta CROSS JOIN LATERAL (VALUES
    (district, 'all', '-infinity'::date), (district, 'month', day - extract(day FROM day)::int + 1),
    ('', 'month', day - extract(day FROM day)::int + 1), ('', 'day', day)) x(district, grain, start)
  WHERE state = 'waiting' GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (office, grain, kind, district, start) DO UPDATE SET n = c.n + EXCLUDED.n)"""

TAKE_IN = f"""
WITH given AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::bytea[])
  u(id, office, reason, district, district_code, receipt_number, source, received_at, sealed)),
lanes AS (INSERT INTO lane SELECT DISTINCT office, reason, district FROM given ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING),
new AS (INSERT INTO application (id, office, kind, district, reason, district_code, receipt_number, source, received_at,
    ranked_from, state, sealed)
  SELECT id, office, reason, district, reason, district_code, receipt_number, source, received_at, received_at,
    'waiting', sealed FROM given ORDER BY id ON CONFLICT (id) DO NOTHING RETURNING *),
receipts AS (INSERT INTO receipt SELECT receipt_number, id FROM new),
delta AS (SELECT office, state, kind, district, (ranked_from AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM new
  GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5),
counted AS (INSERT INTO headcount AS h SELECT * FROM delta
  ON CONFLICT (office, state, kind, district, day) DO UPDATE SET n = h.n + EXCLUDED.n),
{CROWD},
told AS (INSERT INTO event (application_id, epoch, seq, state, cause, actor, ranked_from)
  SELECT new.id, o.epoch, 1, 'waiting', 'received', new.source, new.ranked_from
  FROM new JOIN office o ON o.code = new.office)
SELECT new.*, o.epoch FROM new JOIN office o ON o.code = new.office"""

# `state || ''`: rows are to be found by their ids, not among all that are in these states; others' rows are not waited for.
MOVE = f"""
WITH u AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::uuid[], $5::timestamptz[])
  u(id, round, due_at, approval_id, approved_until)),
held AS (SELECT id, state, round, frozen_by, approval_id AS spent, ranked_from FROM application
  WHERE id = ANY($1) AND state || '' = ANY($6::text[]) ORDER BY id FOR UPDATE),
was AS (SELECT a.id, a.state, a.spent, a.ranked_from, u.due_at, u.approval_id, u.approved_until FROM held a JOIN u USING (id)
  WHERE (u.round IS NULL OR a.round = u.round) AND ($11 OR a.frozen_by IS NULL)),
moved AS (UPDATE application a SET state = $7, seq = a.seq + 1, round = a.round + ($7 = 'verifying')::int,
    due_at = was.due_at, deferrals = a.deferrals + ($7 = 'deferred')::int,
    approval_id = CASE WHEN $7 IN ('approved', 'printing') THEN coalesce(was.approval_id, a.approval_id)
      WHEN $7 = 'printed' THEN a.approval_id END,
    approved_until = CASE WHEN $7 IN ('approved', 'printing') THEN coalesce(was.approved_until, a.approved_until)
      WHEN $7 = 'printed' THEN a.approved_until END,
    applicant_since = CASE WHEN $7 = 'needs_correction' THEN backbone.now()
      WHEN $7 = 'lapsed' THEN coalesce(a.applicant_since, backbone.now()) END,
    ranked_from = CASE WHEN was.state IN ('needs_correction', 'lapsed') AND $7 = 'waiting'
      THEN a.ranked_from + (backbone.now() - a.applicant_since) ELSE a.ranked_from END
  FROM was WHERE a.id = was.id
  RETURNING a.*, was.state AS was_state, was.spent AS was_approval, was.ranked_from AS was_ranked_from),
delta AS (SELECT office, state, kind, district, day, sum(d)::int AS n FROM (
    SELECT office, was_state AS state, kind, district, CASE WHEN was_state = 'waiting'
      THEN (was_ranked_from AT TIME ZONE 'UTC')::date ELSE '-infinity'::date END AS day, -1 AS d FROM moved
    UNION ALL SELECT office, state, kind, district, CASE WHEN state = 'waiting'
      THEN (ranked_from AT TIME ZONE 'UTC')::date ELSE '-infinity'::date END, 1 FROM moved) x
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(d) <> 0 ORDER BY 1, 2, 3, 4, 5),
counted AS (INSERT INTO headcount AS h SELECT * FROM delta
  ON CONFLICT (office, state, kind, district, day) DO UPDATE SET n = h.n + EXCLUDED.n),
{CROWD},
told AS (INSERT INTO event (application_id, epoch, seq, state, cause, actor, reason, ranked_from)
  SELECT m.id, o.epoch, m.seq, m.state, $8, $9, $10, m.ranked_from FROM moved m JOIN office o ON o.code = m.office),
tallied AS (INSERT INTO tally AS t
  SELECT o.code, (backbone.now() AT TIME ZONE o.tz)::date, $8, count(*) FROM moved m JOIN office o ON o.code = m.office
  GROUP BY 1, 2 ORDER BY 1 ON CONFLICT (office, day, cause) DO UPDATE SET n = t.n + EXCLUDED.n)
SELECT m.id, m.office, m.kind, m.district, m.reason, m.state, m.seq, m.round, m.due_at, m.approval_id, m.approved_until,
  m.ranked_from, m.was_state, m.was_approval, m.receipt_number, o.epoch, o.account, backbone.now() AS at,
  CASE WHEN m.state = 'verifying' THEN m.sealed END AS sealed
FROM moved m JOIN office o ON o.code = m.office"""

NOTE = """
WITH noted AS (UPDATE application SET seq = seq + 1 WHERE id = $1 RETURNING *),
told AS (INSERT INTO event (application_id, epoch, seq, state, cause, actor, reason, ranked_from)
  SELECT n.id, o.epoch, n.seq, n.state, $2, $3, $4, n.ranked_from FROM noted n JOIN office o ON o.code = n.office),
tallied AS (INSERT INTO tally AS t
  SELECT o.code, (backbone.now() AT TIME ZONE o.tz)::date, $2, 1 FROM noted n JOIN office o ON o.code = n.office
  ON CONFLICT (office, day, cause) DO UPDATE SET n = t.n + EXCLUDED.n)
SELECT n.*, o.epoch, backbone.now() AS at FROM noted n JOIN office o ON o.code = n.office"""

CHANGE_LANE = f"""
WITH was AS (SELECT id, kind, district, state, office, ranked_from FROM application WHERE id = $1 FOR UPDATE),
lanes AS (INSERT INTO lane SELECT office, $2::text, $3::text FROM was ON CONFLICT DO NOTHING),
changed AS (UPDATE application a SET kind = $2, district = $3, reason = $4, district_code = $5,
    sealed = coalesce($6, a.sealed), correction = greatest(a.correction, $7)
  FROM was WHERE a.id = was.id RETURNING a.*),
delta AS (SELECT office, state, kind, district, CASE WHEN state = 'waiting'
    THEN (ranked_from AT TIME ZONE 'UTC')::date ELSE '-infinity'::date END AS day, sum(d)::int AS n FROM (
    SELECT office, state, kind, district, ranked_from, -1 AS d FROM was
    UNION ALL SELECT office, state, kind, district, ranked_from, 1 FROM changed) x
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(d) <> 0 ORDER BY 1, 2, 3, 4, 5),
{CROWD}
INSERT INTO headcount AS h SELECT * FROM delta
ON CONFLICT (office, state, kind, district, day) DO UPDATE SET n = h.n + EXCLUDED.n"""

ONE = """SELECT a.*, o.epoch, o.account, o.tz, o.recovering, o.print_after_close, backbone.now() AS at
FROM application a JOIN office o ON o.code = a.office"""
BY_ID = f"{ONE} WHERE a.id = $1"
BY_IDS = f"{ONE} WHERE a.id = ANY($1::uuid[])"
LOCK = f"{ONE} WHERE a.id = $1 FOR UPDATE OF a"
COLLECT = "UPDATE application SET collected_at = $2, due_at = NULL WHERE id = $1 AND state = 'printed' AND collected_at IS NULL"
FREEZE = "UPDATE application SET frozen_by = $2 WHERE id = $1 AND frozen_by IS NULL"
CLOSE = """WITH closed AS (UPDATE incident SET closed_at = backbone.now(), closed_by = $2, resolution = $3 WHERE id = $1
  RETURNING *),
freed AS (UPDATE application a SET frozen_by = (SELECT min(i.id) FROM incident i
    WHERE i.application_id = a.id AND i.closed_at IS NULL AND i.id <> $1) FROM closed c WHERE a.id = c.application_id)
SELECT * FROM closed"""
INCIDENT = """INSERT INTO incident (office, application_id, attempt_id, kind, detail)
VALUES ($1, $2, $3, $4, $5) RETURNING id"""
BURY = """INSERT INTO tombstone AS t (application_id, command, body) VALUES ($1, $2, $3)
ON CONFLICT (application_id, command) DO UPDATE SET body = EXCLUDED.body
WHERE (EXCLUDED.body ->> 'version')::int > (t.body ->> 'version')::int"""
DIG = "DELETE FROM tombstone WHERE application_id = ANY($1::uuid[]) RETURNING application_id, command, body"
DIG_LATE = """DELETE FROM tombstone t USING application a WHERE a.id = t.application_id
RETURNING t.application_id, t.command, t.body"""

# Whole months and days by the counts, the boundary day's cards by the index: what it costs depends on that day alone, and
# those who are asked for together go through it once, each from where the one before has stopped.
PLACES = """
WITH asked AS (SELECT *, (moment AT TIME ZONE 'UTC')::date AS day,
    date_trunc('month', moment AT TIME ZONE 'UTC')::date AS month
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) u(id, lane, district, kind, moment)),
line AS (SELECT *, row_number() OVER w = 1 AS first, lag(moment, 1, day::timestamp AT TIME ZONE 'UTC') OVER w AS since,
    lag(id, 1, '00000000-0000-0000-0000-000000000000') OVER w AS since_id FROM asked
  WINDOW w AS (PARTITION BY kind, day ORDER BY moment, id)),
ahead AS (SELECT c.id, sum(more.n) OVER (PARTITION BY kind, day ORDER BY moment, c.id) AS n
  FROM line c CROSS JOIN LATERAL (SELECT count(*) + CASE WHEN c.first THEN
    (SELECT coalesce(sum(n), 0) FROM crowd WHERE office = $1 AND grain = 'month' AND kind = c.kind AND district = ''
      AND start < c.month)
  + (SELECT coalesce(sum(n), 0) FROM crowd WHERE office = $1 AND grain = 'day' AND kind = c.kind AND district = ''
      AND start >= c.month AND start < c.day) ELSE 0 END AS n
    FROM application a WHERE a.office = $1 AND a.kind = c.kind AND a.state = 'waiting'
      AND (a.ranked_from, a.id) >= (c.since, c.since_id) AND (a.ranked_from, a.id) < (c.moment, c.id)) more),
lane_line AS (SELECT *, row_number() OVER w = 1 AS first, lag(moment, 1, day::timestamp AT TIME ZONE 'UTC') OVER w AS since,
    lag(id, 1, '00000000-0000-0000-0000-000000000000') OVER w AS since_id FROM asked WHERE kind = lane
  WINDOW w AS (PARTITION BY kind, district, day ORDER BY moment, id)),
near AS (SELECT c.id, sum(more.n) OVER (PARTITION BY kind, district, day ORDER BY moment, c.id) AS n
  FROM lane_line c CROSS JOIN LATERAL (SELECT count(*) + CASE WHEN c.first THEN
    (SELECT coalesce(sum(n), 0) FROM crowd WHERE office = $1 AND grain = 'month' AND kind = c.kind
      AND district = c.district AND start < c.month)
  + (SELECT coalesce(sum(n), 0) FROM headcount WHERE office = $1 AND state = 'waiting' AND kind = c.kind
      AND district = c.district AND day >= c.month AND day < c.day) ELSE 0 END AS n
    FROM application a WHERE a.office = $1 AND a.kind = c.kind AND a.district = c.district AND a.state = 'waiting'
      AND (a.ranked_from, a.id) >= (c.since, c.since_id) AND (a.ranked_from, a.id) < (c.moment, c.id)) more)
SELECT id, (1 + sum(place))::int AS place, (1 + sum(lane_place))::int AS lane_place
FROM (SELECT id, n AS place, 0 AS lane_place FROM ahead UNION ALL SELECT id, 0, n FROM near) counted GROUP BY id"""


Cuts = Sequence[tuple[str, datetime]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a move sets on one application. A `round` that differs from the stored one makes it a stale answer."""

    id: UUID
    round: int | None = None
    due_at: datetime | None = None
    approval_id: UUID | None = None
    approved_until: datetime | None = None


async def take_in(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> list[Row]:
    """Insert what is new, waiting; the new rows."""
    return await tx.fetch(TAKE_IN, *(list(column) for column in zip(*rows, strict=True)))


async def move(
    tx: Transaction,
    changes: Sequence[Change],
    *,
    old: Sequence[str],
    new: str,
    cause: str,
    actor: str,
    reason: str | None = None,
    even_frozen: bool = False,
    elements: dict[UUID, tuple[str, ...]] | None = None,
    moves: Mapping[str, frozenset[str]] = APPLICATION_MOVES,
) -> list[Row]:
    """The only way a state changes: guarded, counted, told as an event and as a status message. The rows that moved."""
    assert all(may_move(state, new, moves) for state in old), (old, new)
    if not changes:
        return []
    columns = zip(*((c.id, c.round, c.due_at, c.approval_id, c.approved_until) for c in changes), strict=True)
    rows = await tx.fetch(
        MOVE, *(list(c) for c in columns), list(old), new, cause, actor, reason, even_frozen
    )
    tx.owe(*(status(row, cause, (elements or {}).get(row["id"], ())) for row in rows))
    return rows


async def note(
    tx: Transaction, application_id: UUID, cause: str, actor: str, reason: str | None = None
) -> Row | None:
    """Tell something of an application that changes no state."""
    row = await tx.fetchrow(NOTE, application_id, cause, actor, reason)
    if row is not None:
        tx.owe(status(row, cause))
    return row


def status(row: Row, cause: str, elements: tuple[str, ...] = ()) -> ApplicationStatus:
    return ApplicationStatus(
        application_id=row["id"],
        epoch=row["epoch"],
        seq=row["seq"],
        state=row["state"],
        cause=cause,
        at=row["at"],
        due_at=row["due_at"],
        elements=elements,
    )


async def change_lane(
    tx: Transaction,
    application_id: UUID,
    *,
    kind: str,
    district: str,
    reason: str,
    district_code: str,
    sealed: bytes | None = None,
    correction: int = 0,
) -> None:
    """Move an application to another lane and keep the counts true; its place in time stays."""
    await tx.fetch(CHANGE_LANE, application_id, kind, district, reason, district_code, sealed, correction)


async def find(reader: Reader, application_id: UUID, *, lock: bool = False) -> Row | None:
    return await reader.fetchrow(LOCK if lock else BY_ID, application_id)


async def raise_incident(
    tx: Transaction,
    *,
    office: str,
    application_id: UUID | None,
    attempt_id: UUID | None,
    kind: str,
    detail: dict[str, Any],
) -> int:
    """Write down a contradiction and freeze the application until a person has looked."""
    incident: int = await tx.fetchval(INCIDENT, office, application_id, attempt_id, kind, detail)
    if application_id is not None:
        await tx.execute(FREEZE, application_id, incident)
    return incident


async def incident(tx: Transaction, incident_id: int) -> Row | None:
    return await tx.fetchrow("SELECT * FROM incident WHERE id = $1 FOR UPDATE", incident_id)


async def close_incident(tx: Transaction, incident_id: int, actor: str, resolution: str) -> Row:
    """Close it, and thaw its application or leave it to the next open incident."""
    row = await tx.fetchrow(CLOSE, incident_id, actor, resolution)
    assert row is not None
    return row


async def place(reader: Reader, row: Row, cuts: Cuts) -> tuple[int, int]:
    """Place in the office and in the lane: cards ahead, plus one; `cuts` as `rank.place_cuts` gives them."""
    return (await places(reader, row["office"], [(row, cuts)]))[row["id"]]


async def places(
    reader: Reader, office: str, asked: Sequence[tuple[Row, Cuts]]
) -> dict[UUID, tuple[int, int]]:
    """The places of many applications of one office, by id, in one statement."""
    cuts = [(row["id"], row["kind"], row["district"], *cut) for row, mine in asked for cut in mine]
    columns = [list(column) for column in zip(*cuts, strict=True)]
    rows = await reader.fetch(PLACES, office, *columns)
    return {row["id"]: (row["place"], row["lane_place"]) for row in rows}

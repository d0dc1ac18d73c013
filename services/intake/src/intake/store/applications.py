"""Single applications: read, corrected, handed over; what the scheduler tells of them; what must be told again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row, Transaction
from intake.domain.case import CLOSED_STATES

BY_ID = "SELECT * FROM application WHERE id = $1"
LOCK = f"{BY_ID} FOR UPDATE"
BY_RECEIPT = "SELECT * FROM application WHERE receipt_number = $1"
IN_FLIGHT = "('verifying', 'approved', 'printing')"
_SEEN = "($2 = '' OR office = $2 OR office LIKE $2 || '.%') ORDER BY received_at DESC, id DESC LIMIT 50"
OF_PERSON = f"""SELECT * FROM (SELECT * FROM application WHERE person_hash = $1 AND open
  UNION ALL SELECT * FROM application WHERE person_hash = $1 AND NOT open) a WHERE {_SEEN}"""
OF_RECEIPT = f"SELECT * FROM application WHERE receipt_number = $1 AND {_SEEN}"
OF_REFERENCE = f"SELECT * FROM application WHERE reference = $1 AND {_SEEN}"
PUBLIC = """SELECT id, pin_version, receipt_number, state, reason, received_at, state_at, due_at, elements, place,
  lane_place, ranked_at, collected_at FROM application WHERE receipt_number = $1"""
EVENTS = """SELECT at, what, actor, reason, n, NULL::int AS epoch, NULL::int AS seq FROM event WHERE application_id = $1
UNION ALL SELECT at, state, 'scheduler', cause, NULL, epoch, seq FROM status_event WHERE application_id = $1
ORDER BY at, epoch NULLS FIRST, seq, n"""
NOTE = """INSERT INTO event (application_id, n, what, actor, reason)
SELECT $1, 1 + coalesce(max(n), 0), $2, $3, $4 FROM event WHERE application_id = $1"""
CORRECT = """UPDATE application SET person_hash = $2, nik_last4 = $3, person = $4, district_code = $5, reason = $6,
  warnings = $7::text::jsonb, correction = correction + 1 WHERE id = $1 RETURNING correction, backbone.now() AS at"""
COLLECT = """UPDATE application SET state = 'collected', cause = 'collected', open = false, handover = $2,
  collected_at = backbone.now(), state_at = backbone.now()
WHERE id = $1 AND state = 'printed' RETURNING collected_at"""

REOPEN = """UPDATE application SET state = 'received', cause = $2, open = true, due_at = NULL, elements = '{}',
  state_at = backbone.now(), resend_at = backbone.now() + $3 * interval '1 s' WHERE id = $1 RETURNING *"""
LAST_OF = (
    "SELECT actor, reason, at FROM event WHERE application_id = $1 AND what = $2 ORDER BY n DESC LIMIT 1"
)

STATUS = f"""
WITH u AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[], $6::timestamptz[],
    $7::timestamptz[], $8::text[]) u(id, epoch, seq, state, cause, at, due_at, elements)),
known AS (SELECT a.id, a.state, a.state_epoch, a.state_seq, a.person_hash FROM application a
  WHERE a.id = ANY($1) ORDER BY a.id FOR UPDATE),
told AS (INSERT INTO status_event (application_id, epoch, seq, state, cause, at)
  SELECT id, epoch, seq, state, cause, at FROM u WHERE id IN (SELECT id FROM known)
  ORDER BY id, epoch, seq ON CONFLICT DO NOTHING),
newest AS (SELECT DISTINCT ON (u.id) u.*, known.state AS was FROM u JOIN known USING (id)
  ORDER BY u.id, u.epoch DESC, u.seq DESC),
changed AS (UPDATE application a SET state_epoch = n.epoch, state_seq = n.seq,
    first_status_at = coalesce(a.first_status_at, backbone.now()),
    resend_at = backbone.now() + CASE WHEN n.state IN {IN_FLIGHT} THEN $9::float8 ELSE $10::float8 END * interval '1 s',
    state = CASE WHEN a.collected_at IS NULL THEN n.state ELSE a.state END,
    cause = CASE WHEN a.collected_at IS NULL THEN n.cause ELSE a.cause END,
    state_at = CASE WHEN a.collected_at IS NULL THEN n.at ELSE a.state_at END,
    due_at = n.due_at, elements = string_to_array(n.elements, ','),
    open = a.collected_at IS NULL AND n.state NOT IN {CLOSED_STATES!r} AND (a.open OR NOT EXISTS (
      SELECT 1 FROM application other WHERE other.person_hash = a.person_hash AND other.open AND other.id <> a.id))
  FROM newest n WHERE a.id = ANY($1) AND a.id = n.id AND (n.epoch, n.seq) > (a.state_epoch, a.state_seq)
  RETURNING a.id, a.open, a.state, n.was)
SELECT u.id, changed.state, changed.was, changed.open, known.id IS NOT NULL AS known
FROM (SELECT DISTINCT id FROM u) u LEFT JOIN changed USING (id) LEFT JOIN known USING (id)"""
RANKED = """
WITH known AS (SELECT id FROM application WHERE id = ANY($1) ORDER BY id FOR UPDATE),
newest AS (SELECT DISTINCT ON (u.id) u.* FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::int[],
    $6::timestamptz[]) u(id, rank_at, place, lane_place, policy_version, at) JOIN known USING (id)
  ORDER BY u.id, u.at DESC, u.policy_version DESC)
UPDATE application a SET rank_at = n.rank_at, place = n.place, lane_place = n.lane_place,
  policy_version = n.policy_version, ranked_at = n.at
FROM newest n WHERE a.id = ANY($1) AND a.id = n.id AND (a.ranked_at IS NULL OR n.at > a.ranked_at)"""

# Not in the words of `unheard_of`: that index holds all of a file that is on its way.
STILL_UNHEARD_OF = "SELECT id FROM application WHERE id = ANY($1::uuid[]) AND coalesce(first_status_at, 'infinity') = 'infinity'"
UNHEARD_OF = """UPDATE application SET resend_at = backbone.now()
  + CASE source WHEN 'import' THEN $2::float8 ELSE $1::float8 END * interval '1 s' WHERE id = ANY(ARRAY(
  SELECT id FROM application WHERE first_status_at IS NULL AND resend_at <= backbone.now()
  ORDER BY resend_at LIMIT 500 FOR UPDATE SKIP LOCKED)) RETURNING *"""
UNHEARD_SINCE = f"""UPDATE application SET resend_at = backbone.now() + greatest(backbone.now() - state_at,
  CASE WHEN state IN {IN_FLIGHT} THEN $1::float8 ELSE $2::float8 END * interval '1 s') WHERE id = ANY(ARRAY(
  SELECT id FROM application WHERE open AND first_status_at IS NOT NULL AND resend_at <= backbone.now()
  ORDER BY resend_at LIMIT 500 FOR UPDATE SKIP LOCKED)) RETURNING *"""
NEXT_DUE = """SELECT (SELECT min(resend_at) FROM application WHERE first_status_at IS NULL) AS resend,
  (SELECT min(resend_at) FROM application WHERE open AND first_status_at IS NOT NULL) AS ask,
  (SELECT min(created_at) FROM idempotency) + $1 * interval '1 s' AS expiry"""
EXPIRE = """DELETE FROM idempotency WHERE (device, key) IN (SELECT device, key FROM idempotency
  WHERE created_at <= backbone.now() - $1 * interval '1 s' ORDER BY created_at LIMIT 5000)"""
QUEUE = """SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 100000) o) AS depth,
  (SELECT count(*) FROM (SELECT 1 FROM application WHERE first_status_at IS NULL LIMIT 100000) a) AS in_flight,
  coalesce(extract(epoch FROM backbone.now() - (SELECT created_at FROM outbox ORDER BY id LIMIT 1)), 0)::float8 AS oldest"""


async def find(reader: Reader, application_id: UUID, *, lock: bool = False) -> Row | None:
    return await reader.fetchrow(LOCK if lock else BY_ID, application_id)


async def note(
    tx: Transaction, application_id: UUID, what: str, actor: str, reason: str | None = None
) -> None:
    """Write down what was done; the application's row must be locked by this transaction."""
    await tx.execute(NOTE, application_id, what, actor, reason)


async def tell(tx: Transaction, sql: str, rows: Sequence[tuple[Any, ...]], *more: float) -> list[Row]:
    """STATUS (with the seconds until it asks, in flight and at rest) or RANKED, for many applications at once."""
    return await tx.fetch(sql, *(list(column) for column in zip(*rows, strict=True)), *more)

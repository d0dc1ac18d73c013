"""Restores of the database: the office that recovers, the journals its stations tell, the attempts found in them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row, Transaction

# The moment makes the epoch: a backup put back twice must not give the same number twice.
BEGIN = """WITH raised AS (UPDATE office SET recovering = true,
    epoch = greatest(epoch + 1, (extract(epoch FROM backbone.now()) / 60)::int)
  WHERE code = $1 AND NOT recovering RETURNING code, epoch)
INSERT INTO recovery (office, epoch, why, began_by, known_until)
SELECT code, epoch, $2, $3, coalesce(greatest((SELECT max(seen_at) FROM station WHERE office = $1),
  (SELECT at FROM release_log WHERE office = $1 ORDER BY id DESC LIMIT 1)), backbone.now()) FROM raised RETURNING *"""
LIFT = """SELECT setval('fence', 1000000 + greatest((SELECT last_value FROM fence),
  (SELECT coalesce(max(fence_seen), 0) FROM station), (SELECT coalesce(max(fence), 0) FROM journal),
  (SELECT coalesce(max(fence), 0) FROM attempt)))"""
END = "UPDATE office SET recovering = false WHERE code = $1 AND recovering RETURNING epoch"
FINISH = """UPDATE recovery SET finished_at = backbone.now(), finished_by = $2, result = $3
WHERE office = $1 AND finished_at IS NULL"""
OFFICES = """SELECT o.code AS office, o.epoch, o.recovering, r.why, r.known_until, r.began_at, r.began_by, r.finished_at, r.finished_by, r.result
FROM office o LEFT JOIN LATERAL (SELECT * FROM recovery WHERE office = o.code ORDER BY id DESC LIMIT 1) r ON true
WHERE $1 = '' OR o.code = $1 OR o.code LIKE $1 || '.%' ORDER BY o.code"""
STATIONS = """SELECT s.office, s.id AS station, s.state, s.seen_at, t.at AS told_at, coalesce(t.entries, 0) AS entries,
  coalesce(t.epoch, 1) < o.epoch AS untold, s.state NOT IN ('lost', 'retired') AND coalesce(t.epoch, 1) < o.epoch AS awaited
FROM station s JOIN office o ON o.code = s.office LEFT JOIN journal_told t ON t.station = s.id
WHERE o.code = ANY($1::text[]) ORDER BY s.id"""
HOLD_STATIONS = "SELECT id FROM station WHERE office = $1 ORDER BY id FOR NO KEY UPDATE"

KEEP = """INSERT INTO journal AS j (station, attempt_id, application_id, approval_id, receipt_number, fence, nonce, run,
  intended_at, reference, outcome, evidence, outcome_at, epoch)
SELECT $1, u.attempt_id, u.application_id, u.approval_id, u.receipt_number, u.fence, u.nonce, u.run, u.intended_at,
  u.reference, u.outcome, u.evidence, u.outcome_at, $2
FROM jsonb_to_recordset($3) u(attempt_id uuid, application_id uuid, approval_id uuid, receipt_number text, fence bigint,
  nonce uuid, run int, intended_at timestamptz, reference text, outcome text, evidence jsonb, outcome_at timestamptz)
ORDER BY u.attempt_id
ON CONFLICT (station, attempt_id) DO UPDATE SET fence = EXCLUDED.fence, nonce = EXCLUDED.nonce, run = EXCLUDED.run,
  intended_at = EXCLUDED.intended_at, reference = EXCLUDED.reference, outcome = EXCLUDED.outcome,
  evidence = EXCLUDED.evidence, outcome_at = EXCLUDED.outcome_at, epoch = EXCLUDED.epoch,
  merged = CASE WHEN j.epoch = EXCLUDED.epoch THEN j.merged END"""
TOLD_WHOLE = """INSERT INTO journal_told (station, epoch, entries)
SELECT $1, $2, count(*) FROM journal WHERE station = $1
ON CONFLICT (station) DO UPDATE SET epoch = EXCLUDED.epoch, entries = EXCLUDED.entries, at = backbone.now()"""
COUNT = "SELECT count(*) FROM journal WHERE station = $1"

UNMERGED = """SELECT j.*, a.state, a.station AS known_station, coalesce(a.evidence ->> 'by', '') = 'person' AS by_person,
  a.office AS known_office, p.office, p.state AS application_state, p.approved_until, backbone.now() AS at
FROM journal j LEFT JOIN attempt a ON a.id = j.attempt_id LEFT JOIN application p ON p.id = j.application_id
WHERE j.station = ANY($1::text[]) AND j.merged IS NULL AND ($2::uuid IS NULL OR j.application_id = $2)
ORDER BY j.fence, j.attempt_id"""
MERGED = """UPDATE journal j SET merged = u.merged FROM unnest($1::text[], $2::uuid[], $3::text[]) u(station, id, merged)
WHERE j.station = u.station AND j.attempt_id = u.id"""
RESERVED = "SELECT id, station FROM attempt WHERE office = $1 AND state = 'reserved' ORDER BY fence"
OTHER_CARD = """SELECT id, state FROM attempt WHERE application_id = $1 AND id <> $2
  AND state IN ('reserved', 'armed', 'uncertain', 'printed')"""
CLOSE = """UPDATE attempt SET state = $2, nonce = coalesce(nonce, $3), run = coalesce(run, $4), armed_at = coalesce(armed_at, $5),
  evidence = $6, given_up = ($2 = 'uncertain'), recovered = ($2 = 'uncertain'), closed_by = 'journal',
  closed_at = CASE WHEN $2 = 'printed' THEN coalesce($7, backbone.now()) END
WHERE id = $1 RETURNING *"""
# Its number may have been given again since the restore: then it gets a fresh one.
MAKE = """INSERT INTO attempt (id, application_id, n, office, station, approval_id, fence, state, run, nonce, given_up, recovered,
  reserved_at, armed_at, closed_by, evidence)
SELECT $1, p.id, 1 + coalesce((SELECT max(n) FROM attempt x WHERE x.application_id = p.id), 0), p.office, $3, $4,
  CASE WHEN EXISTS (SELECT FROM attempt x WHERE x.fence = $5) THEN nextval('fence') ELSE $5 END, 'uncertain', $6, $7, true,
  true, $8, $8, 'journal', $9
FROM application p WHERE p.id = $2 RETURNING *"""
LOST = """UPDATE attempt SET state = 'uncertain', nonce = gen_random_uuid(), run = 0, armed_at = reserved_at, given_up = true,
  recovered = true, closed_by = 'recover', evidence = '{"cause": "journal_lost"}' WHERE id = ANY($1::uuid[]) RETURNING *"""
GIVE_UP = """UPDATE attempt SET state = 'uncertain', given_up = true, closed_by = 'agent', evidence = '{"cause": "not_in_journal"}'
WHERE id = ANY($1::uuid[]) AND station = $2 AND state = 'armed' AND run < $3 RETURNING *"""
ON_HAND = """SELECT place, n FROM stock WHERE office = $1 AND item = 'blank' AND account = 'on_hand' AND place = ANY($2::text[])
ORDER BY place FOR UPDATE"""
BURY = "INSERT INTO tombstone (application_id, command, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
KNOWN_INCIDENT = "SELECT 1 FROM incident WHERE attempt_id = $1 AND kind = $2 LIMIT 1"


async def offices(reader: Reader, prefix: str) -> list[Row]:
    """How each office below a prefix stands, with its last recovery."""
    return await reader.fetch(OFFICES, prefix)


async def stations(reader: Reader, codes: Sequence[str]) -> list[Row]:
    """Each station of some offices: `awaited` where its journal is still to be told."""
    return await reader.fetch(STATIONS, list(codes))


async def unmerged(tx: Transaction, names: Sequence[str], application: UUID | None = None) -> list[Row]:
    """What some stations told and nobody has looked at, with what the database has of it; of one application where given."""
    return await tx.fetch(UNMERGED, list(names), application)


async def merged(tx: Transaction, results: Sequence[tuple[str, UUID, str]]) -> None:
    """Note what came of (station, attempt)."""
    if results:
        await tx.execute(MERGED, *(list(column) for column in zip(*results, strict=True)))


async def close(tx: Transaction, told: Row, state: str) -> Row:
    """Close a known attempt by its journal; one that was never armed here was armed when it was intended."""
    row = await tx.fetchrow(
        CLOSE,
        told["attempt_id"],
        state,
        told["nonce"],
        told["run"],
        told["intended_at"],
        told["evidence"],
        told["outcome_at"],
    )
    assert row is not None
    return row


async def make(tx: Transaction, told: Row, approval_id: UUID, evidence: dict[str, Any]) -> Row:
    """The row, uncertain, of an attempt that the database does not know; its application must be known."""
    row = await tx.fetchrow(
        MAKE,
        told["attempt_id"],
        told["application_id"],
        told["station"],
        approval_id,
        told["fence"],
        told["run"],
        told["nonce"],
        told["intended_at"],
        evidence,
    )
    assert row is not None
    return row

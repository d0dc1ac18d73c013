"""Requests, answers and approvals."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.contracts.scheduler import VerificationRequested
from backbone.database import Reader, Row, Transaction
from datacenter_gateway.domain.account import MEMORY

ANSWERS = "SELECT * FROM answer WHERE application_id = ANY($1::uuid[])"
STATES = "SELECT name, state FROM account WHERE name = ANY($1::text[])"
QUEUE = """INSERT INTO request AS r (application_id, round, office, account, reason, sealed, turn)
SELECT i, n, o, a, w, s, greatest((SELECT turn FROM account WHERE name = a),
    (SELECT max(q.turn) FROM request q WHERE q.account = a AND q.office = o))
    + sum(step) OVER (PARTITION BY a, o ORDER BY place)
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::float8[])
  WITH ORDINALITY u(i, n, o, a, w, s, step, place) ORDER BY place
ON CONFLICT (application_id) DO UPDATE SET round = EXCLUDED.round, office = EXCLUDED.office, account = EXCLUDED.account,
  reason = EXCLUDED.reason, sealed = EXCLUDED.sealed, state = 'queued', claim = NULL, due_at = NULL,
  queued_at = backbone.now()
WHERE r.round < EXCLUDED.round"""
GIVE_BACK = """DELETE FROM request WHERE application_id = ANY(ARRAY(SELECT application_id FROM request
  WHERE account = $1 AND (claim = $2 OR ($3 AND (state = 'queued' OR due_at <= backbone.now()))) FOR UPDATE SKIP LOCKED))
RETURNING application_id, round, position"""
UNCLAIM = "UPDATE request SET state = 'queued', claim = NULL, due_at = NULL WHERE claim = ANY($1::uuid[])"
ANSWER = f"""WITH gone AS (DELETE FROM request WHERE application_id = $1 AND claim = $2
  RETURNING application_id, round, office, account),
fresh AS (SELECT * FROM gone WHERE NOT EXISTS (SELECT FROM answer a
  WHERE a.application_id = gone.application_id AND a.round >= gone.round)),
kept AS (INSERT INTO answer (application_id, round, outcome, code, elements, approval_id, approved_until, at)
  SELECT application_id, round, $3::text, $4::text, $5::text[], $6::uuid, $8::timestamptz, $7::timestamptz FROM fresh
  ON CONFLICT (application_id) DO UPDATE SET round = EXCLUDED.round, outcome = EXCLUDED.outcome, code = EXCLUDED.code,
    elements = EXCLUDED.elements, approval_id = EXCLUDED.approval_id, approved_until = EXCLUDED.approved_until, at = EXCLUDED.at),
approved AS (INSERT INTO approval (approval_id, application_id, round, office, approved_at, approved_until, record)
  SELECT $6, application_id, round, office, $7, $8, $9::bytea FROM fresh WHERE $6 IS NOT NULL),
cleared AS (DELETE FROM unreadable WHERE application_id = $1),
measured AS (UPDATE account a SET call_seconds = {MEMORY} * a.call_seconds + {1 - MEMORY:.1f} * $10::float8
  FROM gone WHERE a.name = gone.account RETURNING a.name, a.report_day),
reported AS (UPDATE window_day d SET approvals = d.approvals + ($6 IS NOT NULL AND EXISTS (SELECT FROM fresh))::int,
    booked_until = greatest(d.booked_until, backbone.now())
  FROM measured m WHERE d.account = m.name AND d.day = m.report_day)
SELECT round, EXISTS (SELECT FROM fresh) AS fresh FROM gone"""
LIMIT_QUOTA = (
    "UPDATE account SET quota_left = least(quota_left, $2) WHERE name = $1 AND quota_left IS DISTINCT FROM $2"
)
UNREADABLE = """INSERT INTO unreadable AS u (application_id) VALUES ($1)
ON CONFLICT (application_id) DO UPDATE SET times = u.times + 1 RETURNING times"""
SPEND = """UPDATE approval SET record = NULL, erased_at = backbone.now(), erased_why = w
FROM unnest($1::uuid[], $2::text[]) u(i, w) WHERE approval_id = i AND record IS NOT NULL"""
EXPIRE = """UPDATE approval SET record = NULL, erased_at = backbone.now(), erased_why = 'expired'
WHERE record IS NOT NULL AND approved_until <= backbone.now()"""
NEXT_EXPIRY = "SELECT min(approved_until) FROM approval WHERE record IS NOT NULL"
APPROVAL = """SELECT approval_id, application_id, approved_until, record,
  record IS NOT NULL AND approved_until > backbone.now() AS lives FROM approval WHERE approval_id = $1"""
QUEUE_VIEW = """SELECT count(*) FILTER (WHERE state = 'queued') AS depth, count(*) FILTER (WHERE state = 'calling') AS in_flight,
  coalesce(extract(epoch FROM backbone.now() - min(queued_at)), 0)::float8 AS oldest_seconds FROM request"""
RECORDS = "SELECT count(*) FROM approval WHERE record IS NOT NULL"
OUTBOX_AGE = """SELECT coalesce(extract(epoch FROM backbone.now() - (SELECT created_at FROM outbox ORDER BY id LIMIT 1)),
  0)::float8"""


async def queue(tx: Transaction, messages: Sequence[VerificationRequested]) -> None:
    """Queue requests, an office's in the order given, one an application; a later round takes the place of an earlier.

    Offices take turns: a request stands one step, 1 / blanks, behind the last of its office, or behind the request that
    started last where none of its office waits. So an office with three times the blanks has three times the turns, none
    saves turns while it asks nothing, and the next call is still the first row of an index.
    """
    await tx.execute(
        QUEUE,
        [m.application_id for m in messages],
        [m.round for m in messages],
        [m.office for m in messages],
        [m.account for m in messages],
        [m.reason for m in messages],
        [m.sealed for m in messages],
        [_step(m.blanks) for m in messages],
    )


def _step(blanks: int | None) -> float:
    """How far behind its office's last a request stands; a repeated question has had its turn."""
    return 0.0 if blanks is None else 1 / max(1, blanks)


async def states(tx: Transaction, accounts: Iterable[str]) -> dict[str, str]:
    """The state of each account that exists."""
    return {row["name"]: row["state"] for row in await tx.fetch(STATES, sorted(set(accounts)))}


async def give_back(tx: Transaction, account: str, claim: UUID | None, *, all_waiting: bool) -> list[Row]:
    """Remove a claimed request, and all that wait or were left by a dead caller; what was removed, in order."""
    rows = await tx.fetch(GIVE_BACK, account, claim, all_waiting)
    return sorted(rows, key=lambda row: row["position"])


async def answer(
    tx: Transaction,
    *,
    application_id: UUID,
    claim: UUID,
    outcome: str,
    code: str,
    elements: Sequence[str],
    at: datetime,
    approval_id: UUID | None,
    approved_until: datetime | None,
    record: bytes | None,
    seconds: float,
) -> Row | None:
    """Store an answer and its approval, remove the request; its round, or None where the claim is gone.

    Not `fresh`: a copy of the question, which came while the first was answered, was asked too; the first answer stands.
    """
    return await tx.fetchrow(
        ANSWER,
        application_id,
        claim,
        outcome,
        code,
        list(elements),
        approval_id,
        at,
        approved_until,
        record,
        seconds,
    )


async def first_answer(tx: Transaction, application_id: UUID) -> Row:
    """The answer on record for an application's latest round."""
    (row,) = await tx.fetch(ANSWERS, [application_id])
    return row


async def view(reader: Reader) -> dict[str, Any]:
    row = await reader.fetchrow(QUEUE_VIEW)
    assert row is not None
    return dict(row)

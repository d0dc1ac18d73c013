"""Attempts at a card: reserve, arm, outcome, free, reconcile, spoil. Safety rests on these WHERE clauses."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from backbone.database import Reader, Row, Transaction


class Busy(Exception):
    """The station has a card at its printer: armed, or of unknown fate."""


class SerialTaken(Exception):
    """Another attempt has used a blank of this serial."""


RESERVE = """INSERT INTO attempt (id, application_id, n, office, station, approval_id)
SELECT u.id, u.application_id, 1 + coalesce((SELECT max(n) FROM attempt x WHERE x.application_id = u.application_id), 0),
  $1, u.station, u.approval_id
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[]) WITH ORDINALITY u(id, application_id, station, approval_id, o)
ORDER BY u.o"""

# `state || ''`: its application is to be found by its id, not among all that are printing.
ARM = """UPDATE attempt a SET state = 'armed', nonce = $4, run = $3, armed_at = backbone.now()
FROM application p, station s, office o
WHERE a.id = $1 AND a.fence = $2 AND a.station = $5 AND a.state = 'reserved'
  AND p.id = a.application_id AND p.state || '' = 'printing' AND p.approval_id = a.approval_id
  AND p.approved_until > backbone.now() AND p.frozen_by IS NULL
  AND s.id = a.station AND s.state = 'running' AND s.run = $3
  AND o.code = a.office AND NOT o.recovering
  AND (o.print_after_close OR EXISTS (SELECT 1 FROM centre c WHERE c.account = o.account AND c.state = 'open'
    AND (c.closes_at IS NULL OR c.closes_at > backbone.now() + s.seconds_per_card * interval '1 s')))
RETURNING a.armed_at"""

WHY_NOT_ARMED = """SELECT a.state, a.nonce, a.armed_at, a.fence, a.station, a.run, p.state AS application_state,
  p.approval_id = a.approval_id AS approval_same, p.approved_until > backbone.now() AS approval_good,
  p.frozen_by, s.state AS station_state, s.run AS station_run, o.recovering, o.print_after_close
FROM attempt a JOIN application p ON p.id = a.application_id JOIN station s ON s.id = a.station
JOIN office o ON o.code = a.office WHERE a.id = $1"""

# The row is locked before it is read: an outcome that waited for another must book from the state it then finds.
# The station comes first, as where it is declared lost, so that neither waits for the other.
# A spooler's "printed" is no evidence that a card came out: it stays uncertain until a person has looked.
OUTCOME = """WITH held AS (SELECT id, evidence FROM station WHERE id = $4 FOR NO KEY UPDATE),
was AS (SELECT x.id, x.state, CASE WHEN $5::text = 'printed' AND held.evidence = 'spooler' THEN 'uncertain' ELSE $5 END AS said
  FROM held JOIN attempt x ON x.station = held.id WHERE x.id = $1 FOR UPDATE OF x),
closed AS (UPDATE attempt a SET state = was.said, given_up = (was.said = 'uncertain'), evidence = $6, closed_by = 'agent',
    blank_serial = coalesce($8, a.blank_serial),
    closed_at = CASE WHEN was.said <> 'uncertain' THEN backbone.now() END
  FROM was
  WHERE a.id = $1 AND a.fence = $2 AND a.nonce = $3 AND a.station = $4 AND was.id = a.id
    AND (was.said <> 'released' OR a.run = $7)
    AND (a.state, was.said) IN (('armed', 'printed'), ('armed', 'uncertain'), ('armed', 'released'), ('uncertain', 'printed'))
  RETURNING a.*, was.state AS was_state),
paced AS (UPDATE station s SET measured = s.measured OR c.state = 'printed',
    seconds_per_card = CASE WHEN c.state <> 'printed' OR c.was_state <> 'armed' THEN s.seconds_per_card
      WHEN s.measured THEN 0.8 * s.seconds_per_card + 0.2 * extract(epoch FROM backbone.now() - c.armed_at)
      ELSE extract(epoch FROM backbone.now() - c.armed_at) END
  FROM closed c WHERE s.id = c.station)
SELECT c.*, p.approved_until, p.state AS application_state FROM closed c JOIN application p ON p.id = c.application_id"""

# Applications are locked first, as where a person withdraws one, so that neither waits for the other. After a restore of
# the database what is reserved may be printed in the world: nothing is freed before its station's journal was heard.
FREE = """WITH p AS (SELECT p.id, p.approved_until FROM application p JOIN attempt x ON x.application_id = p.id
    JOIN office o ON o.code = x.office
  WHERE x.state = 'reserved' AND NOT o.recovering AND (x.id = ANY($1::uuid[]) OR x.station = ANY($3::text[])) ORDER BY p.id FOR UPDATE OF p)
UPDATE attempt a SET state = 'released', closed_at = backbone.now(), closed_by = $2
FROM p WHERE p.id = a.application_id AND a.state = 'reserved'
RETURNING a.id, a.application_id, a.office, a.station, p.approved_until, p.approved_until > backbone.now() AS good"""

GIVE_UP = """UPDATE attempt SET state = 'uncertain', given_up = true, closed_by = $2
WHERE station = $1 AND state = 'armed' RETURNING *"""

RECONCILE = """WITH closed AS (UPDATE attempt a SET state = $2, closed_at = backbone.now(), closed_by = $3, second_person = $4,
    note = $5, evidence = coalesce(a.evidence, '{}'::jsonb) || jsonb_build_object('by', 'person', 'looked_by', $3::text)
  FROM station s WHERE a.id = $1 AND a.state = 'uncertain' AND s.id = a.station
    AND (a.given_up OR s.run > a.run OR s.state = 'lost') RETURNING a.*)
SELECT c.*, p.approved_until, p.approved_until > backbone.now() AS good
FROM closed c JOIN application p ON p.id = c.application_id"""

# The application is locked first: a card that is being handed over cannot be spoiled as well.
SPOIL = """WITH kept AS (SELECT p.id FROM application p JOIN attempt x ON x.application_id = p.id
  WHERE x.id = $1 AND p.collected_at IS NULL FOR UPDATE OF p),
closed AS (UPDATE attempt a SET state = 'spoiled', closed_at = backbone.now(), closed_by = $2, second_person = $3,
    note = $4 FROM kept WHERE a.id = $1 AND a.state = 'printed' AND kept.id = a.application_id RETURNING a.*)
SELECT * FROM closed"""

SPOILED_LAST = """SELECT count(*) FROM (SELECT state FROM attempt WHERE station = $1 AND state IN ('printed', 'spoiled')
  ORDER BY fence DESC LIMIT $2) x WHERE state = 'spoiled'"""
INCIDENT_OPEN = "SELECT 1 FROM incident WHERE attempt_id = $1 AND kind = $2 AND closed_at IS NULL"
BY_ID = "SELECT a.*, backbone.now() AS now FROM attempt a WHERE a.id = $1"
LIVE_OF = (
    """SELECT * FROM attempt WHERE application_id = $1 AND state IN ('reserved', 'armed', 'uncertain')"""
)
HAS_CARD = "SELECT 1 FROM attempt WHERE application_id = $1 AND state = 'printed'"
JOBS = """SELECT a.id, a.application_id, a.approval_id, p.receipt_number, a.office, p.district_code, p.reason, a.fence, a.n,
  a.state FROM attempt a JOIN application p ON p.id = a.application_id
WHERE a.station = $1 AND a.state IN ('reserved', 'armed', 'uncertain') ORDER BY a.fence"""
LIST = """SELECT a.*, p.receipt_number FROM attempt a JOIN application p ON p.id = a.application_id
WHERE ($1 = '' OR a.office = $1 OR a.office LIKE $1 || '.%') AND ($2::text IS NULL OR a.state = $2) AND a.fence > $3
ORDER BY a.fence LIMIT $4"""


async def reserve(tx: Transaction, office: str, rows: Sequence[tuple[UUID, UUID, str, UUID]]) -> None:
    """Make attempts (id, application, station, approval), fences in order; a second live card is refused by an index."""
    await tx.execute(RESERVE, office, *(list(column) for column in zip(*rows, strict=True)))


async def arm(tx: Transaction, attempt_id: UUID, fence: int, run: int, nonce: UUID, station: str) -> Any:
    """The moment of arming, or None where a term vetoes it. Raises Busy while another card is at the printer."""
    try:
        return await tx.fetchval(ARM, attempt_id, fence, run, nonce, station)
    except asyncpg.UniqueViolationError:
        raise Busy from None


async def outcome(
    tx: Transaction,
    attempt_id: UUID,
    *,
    fence: int,
    nonce: UUID,
    station: str,
    state: str,
    evidence: dict[str, Any],
    run: int,
    blank_serial: str | None,
) -> Row | None:
    """Close (or leave uncertain) by the agent's word; None where nothing changed.

    Raises SerialTaken where another attempt bears the blank's serial; the transaction goes on.
    """
    values = (attempt_id, fence, nonce, station, state, evidence, run, blank_serial)
    if blank_serial is None:
        return await tx.fetchrow(OUTCOME, *values)
    try:
        async with tx.savepoint():
            return await tx.fetchrow(OUTCOME, *values)
    except asyncpg.UniqueViolationError:
        raise SerialTaken from None


async def free(
    tx: Transaction, who: str, *, attempts: Sequence[UUID] = (), stations: Sequence[str] = ()
) -> list[Row]:
    """The only exit from `reserved` besides arming."""
    return await tx.fetch(FREE, list(attempts), who, list(stations))


async def find(reader: Reader, attempt_id: UUID) -> Row | None:
    return await reader.fetchrow(BY_ID, attempt_id)


async def live_of(reader: Reader, application_id: UUID) -> Row | None:
    return await reader.fetchrow(LIVE_OF, application_id)


async def has_card(reader: Reader, application_id: UUID) -> bool:
    """Whether a good card of it was printed and is not given up."""
    return await reader.fetchval(HAS_CARD, application_id) is not None


async def jobs(reader: Reader, station: str) -> list[Row]:
    return await reader.fetch(JOBS, station)

"""The sweep: every state that is left only by a message or a person has a date, and here it comes due."""

from datetime import datetime

from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Transaction
from scheduler.store import applications, attempts, stations
from scheduler.store.applications import Change
from scheduler.use_cases.commands import apply_tombstone
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station, put_back
from scheduler.use_cases.release import request

DUE = """SELECT id, state FROM application WHERE due_at <= backbone.now() ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED"""
ASK_AGAIN = """UPDATE application a SET due_at = backbone.now() + $2 * interval '1 s' FROM office o
WHERE a.id = ANY($1::uuid[]) AND a.state = 'verifying' AND o.code = a.office RETURNING a.*, o.account, backbone.now() AS at"""
EXPIRED = """SELECT id, approval_id FROM application WHERE state = 'approved' AND approved_until > '-infinity'
  AND approved_until <= backbone.now() LIMIT 1000 FOR UPDATE SKIP LOCKED"""
NEXT = """SELECT least((SELECT min(due_at) FROM application WHERE due_at IS NOT NULL),
  (SELECT min(approved_until) FROM application WHERE state = 'approved' AND approved_until > '-infinity'),
  (SELECT min(p.approved_until) FROM attempt a JOIN application p ON p.id = a.application_id
    JOIN office o ON o.code = a.office WHERE a.state = 'reserved' AND NOT o.recovering),
  (SELECT min(s.seen_at) + $1 * interval '1 s' FROM station s JOIN office o ON o.code = s.office
    WHERE s.state <> 'lost' AND NOT o.recovering
    AND EXISTS (SELECT 1 FROM attempt a WHERE a.station = s.id AND a.state = 'reserved')))"""
TOO_LATE = """SELECT a.id FROM attempt a JOIN application p ON p.id = a.application_id
WHERE a.state = 'reserved' AND p.approved_until <= backbone.now()"""
RETURNS = {
    "deferred": ("waiting", "deferral_over"),
    "in_review": ("waiting", "hold_over"),
    "needs_correction": ("lapsed", "lapsed"),
    "printed": ("lapsed", "lapsed"),
}


async def sweep_once(desk: Desk) -> datetime | None:
    """Do what is due; the next due moment."""
    await desk.database.retrying(lambda tx: late_commands(desk, tx))
    if await _next_due(desk) is None:
        return None
    await desk.database.retrying(lambda tx: due(desk, tx))
    await desk.database.retrying(lambda tx: expire(desk, tx))
    async with desk.database.reading() as reader:
        gone = await stations.gone(reader, desk.terms.gone)
    for station in gone:
        await desk.database.retrying(lambda tx, station=station: free_station(desk, tx, station, "silent"))  # type: ignore[misc]
    desk.known.sweep_at = await _next_due(desk)
    return desk.known.sweep_at


async def _next_due(desk: Desk) -> datetime | None:
    """The earliest date kept in any row, past or to come; None where nothing waits for time."""
    async with desk.database.reading() as reader:
        moment: datetime | None = await reader.fetchval(NEXT, desk.terms.gone + 1)
        return moment


async def late_commands(desk: Desk, tx: Transaction) -> None:
    """Commands buried while another transaction took their application in."""
    for buried in await tx.fetch(applications.DIG_LATE):
        await apply_tombstone(desk, tx, buried)


async def due(desk: Desk, tx: Transaction) -> None:
    """Deferred and held cases wait again, unanswered requests are asked again, the applicant's term ends."""
    by_state: dict[str, list[Change]] = {}
    for row in await tx.fetch(DUE):
        by_state.setdefault(row["state"], []).append(Change(id=row["id"]))
    for state, (new, cause) in RETURNS.items():
        await applications.move(
            tx,
            by_state.get(state, []),
            old=[state],
            new=new,
            cause=cause,
            actor="scheduler",
            even_frozen=True,
        )
    asked = [change.id for change in by_state.get("verifying", [])]
    seconds = desk.terms.verifying_due.total_seconds()
    tx.owe(*(request(row) for row in await tx.fetch(ASK_AGAIN, asked, seconds)))
    if by_state:
        tx.ring(desk.release_bell)


async def expire(desk: Desk, tx: Transaction) -> None:
    """Approvals that ended unused, reserved ones too: back to the same place, counted. Armed ones no timer touches."""
    too_late = [row["id"] for row in await tx.fetch(TOO_LATE)]
    await put_back(tx, await attempts.free(tx, "approval_expired", attempts=too_late))
    rows = await tx.fetch(EXPIRED)
    moved = await applications.move(
        tx,
        [Change(id=row["id"]) for row in rows],
        old=["approved"],
        new="waiting",
        cause="approval_expired",
        actor="scheduler",
        even_frozen=True,
    )
    for row in moved:
        tx.owe(
            ApprovalSpent(
                approval_id=row["was_approval"], application_id=row["id"], cause="expired", at=row["at"]
            )
        )
    if moved:
        tx.ring(desk.release_bell)

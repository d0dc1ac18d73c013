"""An officer's acts on one case: urgent, decide, hold; each with a reason. Reopening begins at intake."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from backbone.database import Row
from backbone.problems import Conflict, FieldError, Invalid, NotFound
from backbone.rights import Actor, authorize
from scheduler.domain.policy import URGENT
from scheduler.store import applications
from scheduler.store.applications import Change
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.ranking import policy_of, tell_place

Decision = Literal["waiting", "needs_correction", "refused"]
URGENT_TODAY = """SELECT coalesce(sum(t.n), 0) FROM tally t JOIN office o ON o.code = t.office
WHERE o.code = $1 AND t.cause = 'urgent' AND t.day = (backbone.now() AT TIME ZONE o.tz)::date"""
LOCK_OFFICE = "SELECT code FROM office WHERE code = $1 FOR NO KEY UPDATE"
HOLD_ON = "UPDATE application SET due_at = $2 WHERE id = $1 AND state = 'in_review'"

PAST = FieldError(
    field="until", code="past", message_id="Waktu ini sudah lewat.", message_en="This moment is past already."
)


class TooManyUrgent(Conflict):
    slug = "urgent-cap"
    message_id = "Batas permohonan mendesak untuk hari ini sudah tercapai."
    message_en = "Today's number of urgent cases is used up."


class AlreadyUrgent(Conflict):
    slug = "already-urgent"
    message_id = "Permohonan ini sudah mendesak."
    message_en = "This application is urgent already."


class NotNow(Conflict):
    slug = "state-forbids"
    message_id = "Keadaan permohonan ini tidak mengizinkan tindakan itu."
    message_en = "The state of this application does not allow that."


async def make_urgent(desk: Desk, actor: Actor, application_id: UUID, reason: str) -> Row:
    """Move a waiting case into the urgent lane, within the office's daily cap."""
    async with desk.database.transaction() as tx:
        row = await applications.find(tx, application_id)
        if row is None:
            raise NotFound
        authorize(actor, "application.urgent", office=row["office"])
        await tx.fetchval(LOCK_OFFICE, row["office"])
        row = await applications.find(tx, application_id, lock=True)
        assert row is not None
        policy = await policy_of(tx, row["office"])
        if row["kind"] == URGENT:
            raise AlreadyUrgent
        if row["state"] not in ("waiting", "deferred", "in_review", "needs_correction"):
            raise NotNow(state=row["state"])
        if await tx.fetchval(URGENT_TODAY, row["office"]) >= policy.urgent_per_day:
            raise TooManyUrgent(per_day=policy.urgent_per_day)
        await applications.change_lane(
            tx,
            row["id"],
            kind=URGENT,
            district=row["district"],
            reason=row["reason"],
            district_code=row["district_code"],
        )
        noted = await applications.note(tx, row["id"], "urgent", actor.subject, reason)
        assert noted is not None
        await tell_place(tx, policy, noted, noted["at"])
        tx.ring(desk.release_bell)
        return noted


async def decide(desk: Desk, actor: Actor, application_id: UUID, to: Decision, reason: str) -> Row:
    """An officer's decision on a case in review."""
    async with desk.database.transaction() as tx:
        row = await applications.find(tx, application_id, lock=True)
        if row is None:
            raise NotFound
        authorize(actor, "application.decide", office=row["office"])
        if row["state"] != "in_review":
            raise NotNow(state=row["state"])
        due = desk.clock.now() + desk.terms.correction_due if to == "needs_correction" else None
        (moved,) = await applications.move(
            tx,
            [Change(id=row["id"], due_at=due)],
            old=[row["state"]],
            new=to,
            cause="decided",
            actor=actor.subject,
            reason=reason,
            even_frozen=True,
        )
        if due is not None:
            desk.due_by(tx, due)
        tx.ring(desk.release_bell)
        return moved


async def hold(desk: Desk, actor: Actor, application_id: UUID, until: datetime, reason: str) -> Row:
    """Hold a case back until a date; it then waits again, in its old place. Raises Invalid where that is past."""
    if until <= desk.clock.now():
        raise Invalid(errors=[PAST])
    async with desk.database.transaction() as tx:
        row = await applications.find(tx, application_id, lock=True)
        if row is None:
            raise NotFound
        authorize(actor, "application.decide", office=row["office"])
        if row["state"] not in ("waiting", "deferred", "in_review"):
            raise NotNow(state=row["state"])
        desk.due_by(tx, until)
        if await tx.execute(HOLD_ON, row["id"], until):
            noted = await applications.note(tx, row["id"], "held", actor.subject, reason)
            assert noted is not None
            return noted
        (moved,) = await applications.move(
            tx,
            [Change(id=row["id"], due_at=until)],
            old=["waiting", "deferred"],
            new="in_review",
            cause="held",
            actor=actor.subject,
            reason=reason,
            even_frozen=True,
        )
        return moved


async def close_incident(desk: Desk, actor: Actor, incident_id: int, resolution: str) -> Row:
    """A person has looked at a contradiction: its application goes on, unless another open incident holds it."""
    async with desk.database.transaction() as tx:
        row = await applications.incident(tx, incident_id)
        if row is None:
            raise NotFound
        authorize(actor, "incident.close", office=row["office"])
        if row["closed_at"] is not None:
            return row
        closed = await applications.close_incident(tx, incident_id, actor.subject, resolution)
        if row["application_id"] is not None:
            await applications.note(tx, row["application_id"], "incident_closed", actor.subject, resolution)
        tx.ring(desk.release_bell)
        tx.ring(desk.sweep_bell)
        return closed

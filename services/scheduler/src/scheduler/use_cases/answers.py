"""The gateway's word: answers and returned requests. A stale round is dropped, a lost approval is given back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backbone import failpoints
from backbone.contracts.gateway import (
    CalendarsChanged,
    VerificationAnswered,
    VerificationReturned,
    WindowChanged,
)
from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Transaction
from scheduler.domain.lifecycle import defer_until, verdict_state
from scheduler.store import applications, knowledge, lanes
from scheduler.store.applications import Change
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.release import release_here


async def answered(desk: Desk, tx: Transaction, messages: Sequence[VerificationAnswered]) -> None:
    """Move each verifying application to what the centre said."""
    known = {
        row["id"]: row for row in await tx.fetch(applications.BY_IDS, [m.application_id for m in messages])
    }
    offices = sorted({row["office"] for row in known.values()})
    await lanes.come_first(tx, offices)
    groups: dict[tuple[str, str], list[VerificationAnswered]] = {}
    for message in {(m.application_id, m.round): m for m in messages}.values():
        groups.setdefault((message.outcome, message.code), []).append(message)
    used: dict[UUID, UUID | None] = {}
    for (outcome, code), group in groups.items():
        now = desk.clock.now()
        changes = [
            _change(desk, m, known[m.application_id]["deferrals"], now)
            for m in group
            if m.application_id in known
        ]
        moved = await applications.move(
            tx,
            changes,
            old=["verifying"],
            new=verdict_state(group[0].outcome),
            cause=outcome,
            actor="centre",
            reason=code or None,
            even_frozen=True,
            elements={m.application_id: m.elements for m in group},
        )
        used.update((row["id"], row["approval_id"]) for row in moved)
        for change in changes:
            if (ends := change.due_at or change.approved_until) is not None:
                desk.due_by(tx, ends)
    await _give_back(tx, messages, used)
    failpoints.hit("scheduler.answered")
    for office in offices:
        await release_here(desk, tx, office)


def _change(desk: Desk, message: VerificationAnswered, deferrals: int, now: datetime) -> Change:
    due = None
    if message.outcome == "deferred":
        due = defer_until(now, deferrals)
    elif message.outcome == "needs_correction":
        due = now + desk.terms.correction_due
    return Change(
        id=message.application_id,
        round=message.round,
        due_at=due,
        approval_id=message.approval_id,
        approved_until=message.approved_until,
    )


async def _give_back(
    tx: Transaction, messages: Sequence[VerificationAnswered], used: dict[UUID, UUID | None]
) -> None:
    """An approval that nobody waits for any more is spent, unless it is the very one in use (a second delivery)."""
    approvals = [message for message in messages if message.approval_id is not None]
    unmoved = [m.application_id for m in approvals if m.application_id not in used]
    if unmoved:
        used.update((row["id"], row["approval_id"]) for row in await tx.fetch(applications.BY_IDS, unmoved))
    for message in approvals:
        if message.approval_id is not None and message.approval_id != used.get(message.application_id):
            tx.owe(
                ApprovalSpent(
                    approval_id=message.approval_id,
                    application_id=message.application_id,
                    cause="superseded",
                    at=message.at,
                )
            )


async def returned(desk: Desk, tx: Transaction, messages: Sequence[VerificationReturned]) -> None:
    """Not asked: back to its place."""
    for cause in sorted({m.cause for m in messages}):
        asked = {(m.application_id, m.round) for m in messages if m.cause == cause}
        await applications.move(
            tx,
            [Change(id=application, round=number) for application, number in asked],
            old=["verifying"],
            new="waiting",
            cause="returned",
            actor="gateway",
            reason=cause,
            even_frozen=True,
        )
    tx.ring(desk.release_bell)


async def window_changed(desk: Desk, tx: Transaction, messages: Sequence[WindowChanged]) -> None:
    for message in messages:
        await knowledge.set_centre(tx, message)
    tx.ring(desk.release_bell)


async def calendars_changed(desk: Desk, tx: Transaction, messages: Sequence[CalendarsChanged]) -> None:
    for message in messages:
        await knowledge.set_calendars(tx, message)
    tx.ring(desk.release_bell)
    tx.ring(desk.sweep_bell)

"""Reopening a refused or lapsed case, at a supervisor's word that intake has let pass: the person has no other open one."""

from collections.abc import Sequence

from backbone.contracts.intake import ReopeningRequested
from backbone.database import Row, Transaction
from scheduler.domain.lifecycle import reopened
from scheduler.store import applications, attempts
from scheduler.store.applications import Change
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.ranking import tell_new_place

CAUSE = "reopened"
TOO_LATE = "reopening_too_late"
TOLD = (
    "SELECT 1 FROM event WHERE application_id = $1 AND (cause = $3 OR (cause = $4 AND seq = $2 + 1)) LIMIT 1"
)


async def reopen(desk: Desk, tx: Transaction, messages: Sequence[ReopeningRequested]) -> None:
    """Wait again, in the old place less the time the applicant held the case; or lie ready where the card still does.

    It counts only while the case stands as intake knew it: what was told of it later closes it there again.
    """
    for message in messages:
        row = await applications.find(tx, message.application_id, lock=True)
        if row is None:
            body = message.model_dump(mode="json")
            await tx.execute(applications.BURY, message.application_id, message.TYPE, body)
        elif row["seq"] != message.seq or (new := await _becomes(tx, row)) is None:
            await _late(tx, row, message)
        else:
            await _reopen(desk, tx, row, new, message)
    tx.ring(desk.release_bell)


async def _becomes(tx: Transaction, row: Row) -> str | None:
    return reopened(row["state"], card_there=await attempts.has_card(tx, row["id"]))


async def _reopen(desk: Desk, tx: Transaction, row: Row, new: str, message: ReopeningRequested) -> None:
    await applications.move(
        tx,
        [Change(id=row["id"], due_at=desk.collect_by(tx) if new == "printed" else None)],
        old=[row["state"]],
        new=new,
        cause=CAUSE,
        actor=message.actor,
        reason=message.reason,
        even_frozen=True,
    )
    if new == "waiting":
        await tell_new_place(tx, row["id"])


async def _late(tx: Transaction, row: Row, message: ReopeningRequested) -> None:
    """Nothing where it was done before; else the case's history, and intake, are told."""
    if await tx.fetchval(TOLD, row["id"], message.seq, TOO_LATE, CAUSE) is None:
        await applications.note(tx, row["id"], TOO_LATE, message.actor, message.reason)

"""Withdraw, correct, collect: the applicant's commands. The state decides; "too late" is a normal answer.

A command may come before the application it is about: it waits as a tombstone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backbone.contracts.intake import (
    ApplicationCollected,
    CorrectionSubmitted,
    ReopeningRequested,
    WithdrawalRequested,
)
from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Row, Transaction
from scheduler.domain.lifecycle import may_move
from scheduler.store import applications, attempts
from scheduler.store.applications import Change
from scheduler.use_cases.desk import Desk, bucket
from scheduler.use_cases.freeing import put_back
from scheduler.use_cases.merging import JOURNAL, merge_late
from scheduler.use_cases.ranking import tell_new_place
from scheduler.use_cases.reopening import reopen

NOT_PRINTED = "collected_but_not_printed"
KNOWN_INCIDENT = "SELECT 1 FROM incident WHERE application_id = $1 AND kind = $2 LIMIT 1"
REPEATED = "SELECT 1 FROM event WHERE application_id = $1 AND cause = $2 LIMIT 1"


async def withdraw(desk: Desk, tx: Transaction, messages: Sequence[WithdrawalRequested]) -> None:
    for message in messages:
        row = await _found(tx, message)
        if row is not None and row["state"] != "withdrawn":
            await _withdraw(desk, tx, row, message.actor, message.reason)
    tx.ring(desk.release_bell)


async def _withdraw(desk: Desk, tx: Transaction, row: Row, actor: str, reason: str) -> None:
    row = await _freed(desk, tx, row, actor)
    at_the_printer = row["state"] == "printing"
    if at_the_printer or not may_move(row["state"], "withdrawn"):
        await _once(tx, row["id"], "withdraw_too_late", actor, reason)
        return
    await applications.move(
        tx,
        [Change(id=row["id"])],
        old=[row["state"]],
        new="withdrawn",
        cause="withdrawn",
        actor=actor,
        reason=reason,
        even_frozen=True,
    )
    _spend(tx, row, "withdrawn")


async def correct(desk: Desk, tx: Transaction, messages: Sequence[CorrectionSubmitted]) -> None:
    """New data ask for a new verification; the place in time is kept, less the time the applicant held the case."""
    for message in messages:
        row = await _found(tx, message)
        if row is not None and row["correction"] < message.version:
            await _correct(desk, tx, row, message)
    tx.ring(desk.release_bell)


async def _correct(desk: Desk, tx: Transaction, row: Row, message: CorrectionSubmitted) -> None:
    row = await _freed(desk, tx, row, message.actor)
    if row["state"] not in ("waiting", "deferred", "verifying", "approved", "needs_correction", "in_review"):
        await _once(tx, row["id"], "correction_too_late", message.actor, message.note)
        return
    await applications.change_lane(
        tx,
        row["id"],
        kind=row["kind"] if row["kind"] == "urgent" else message.reason,
        district=bucket(row["office"], message.district_code),
        reason=message.reason,
        district_code=message.district_code,
        sealed=message.sealed,
        correction=message.version,
    )
    if row["state"] in ("waiting", "in_review"):
        await applications.note(tx, row["id"], "corrected", message.actor, message.note)
    else:
        await applications.move(
            tx,
            [Change(id=row["id"])],
            old=[row["state"]],
            new="waiting",
            cause="corrected",
            actor=message.actor,
            even_frozen=True,
        )
        _spend(tx, row, "superseded")
    await tell_new_place(tx, row["id"])


async def collected(desk: Desk, tx: Transaction, messages: Sequence[ApplicationCollected]) -> None:
    """A card was handed over. That it was not known as printed is a contradiction for a person to look at."""
    for message in messages:
        row = await _found(tx, message)
        if row is None or row["collected_at"] is not None:
            continue
        if row["state"] == "lapsed" and await attempts.has_card(tx, row["id"]):
            await _last_minute(desk, tx, row, message.actor)
        if await tx.execute(applications.COLLECT, row["id"], message.collected_at):
            continue
        if await tx.fetchval(KNOWN_INCIDENT, row["id"], NOT_PRINTED) is None:
            await applications.raise_incident(
                tx,
                office=row["office"],
                application_id=row["id"],
                attempt_id=None,
                kind=NOT_PRINTED,
                detail={"state": row["state"], "collected_at": message.collected_at.isoformat()},
            )


async def _last_minute(desk: Desk, tx: Transaction, row: Row, actor: str) -> None:
    """The applicant came while the term ended, and has the card: it did not lapse after all."""
    await applications.move(
        tx,
        [Change(id=row["id"], due_at=desk.collect_by(tx))],
        old=["lapsed"],
        new="printed",
        cause="handed_over",
        actor=actor,
        even_frozen=True,
    )


async def apply_tombstone(desk: Desk, tx: Transaction, buried: Row) -> None:
    """Carry out a command that came before its application, or take in its card that a journal told of."""
    if buried["command"].startswith(JOURNAL):
        await merge_late(desk, tx, buried["body"]["station"], buried["application_id"])
        return
    kinds: dict[str, Any] = {
        WithdrawalRequested.TYPE: (WithdrawalRequested, withdraw),
        CorrectionSubmitted.TYPE: (CorrectionSubmitted, correct),
        ReopeningRequested.TYPE: (ReopeningRequested, reopen),
        ApplicationCollected.TYPE: (ApplicationCollected, collected),
    }
    model, handle = kinds[buried["command"]]
    await handle(desk, tx, [model.model_validate(buried["body"])])


async def _found(tx: Transaction, message: Any) -> Row | None:
    row = await applications.find(tx, message.application_id, lock=True)
    if row is None:
        body = message.model_dump(mode="json")
        await tx.execute(applications.BURY, message.application_id, message.TYPE, body)
    return row


async def _freed(desk: Desk, tx: Transaction, row: Row, actor: str) -> Row:
    """The application after its reserved attempt, if any, was freed; an armed one stays where it is."""
    if row["state"] != "printing":
        return row
    live = await attempts.live_of(tx, row["id"])
    if live is not None and live["state"] == "reserved":
        await put_back(tx, await attempts.free(tx, actor, attempts=[live["id"]]))
    fresh = await applications.find(tx, row["id"])
    assert fresh is not None
    return fresh


async def _once(tx: Transaction, application_id: UUID, cause: str, actor: str, reason: str) -> None:
    if await tx.fetchval(REPEATED, application_id, cause) is None:
        await applications.note(tx, application_id, cause, actor, reason)


def _spend(tx: Transaction, row: Row, cause: Any) -> None:
    if row["approval_id"] is not None:
        tx.owe(
            ApprovalSpent(approval_id=row["approval_id"], application_id=row["id"], cause=cause, at=row["at"])
        )

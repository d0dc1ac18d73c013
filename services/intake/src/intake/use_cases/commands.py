"""Withdraw, correct, collect. The first two are asked of the scheduler, whose state decides; collecting is decided here."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from backbone import failpoints
from backbone.contracts.intake import ApplicationCollected, CorrectionSubmitted, WithdrawalRequested
from backbone.database import Row, Transaction
from backbone.log import NIK
from backbone.problems import Conflict, Invalid
from backbone.rights import Actor
from intake.domain.application import ApplicationDraft, CheckedApplication, Verdict, check
from intake.domain.case import CLOSED_STATES, REOPENING
from intake.store import applications
from intake.use_cases import people
from intake.use_cases.accept import OpenApplication, field_errors, warning_codes
from intake.use_cases.cases import HANDOVER, visible
from intake.use_cases.desk import Desk

CORRECTABLE = ("nik", "full_name", "birth_date", "sex", "phone", "district_code", "reason")


class TooLate(Conflict):
    slug = "too-late"
    message_id = (
        "Permohonan ini sudah selesai atau kartunya sudah dicetak; tindakan ini tidak dapat dilakukan lagi."
    )
    message_en = "This application is closed or its card is printed; this can no longer be done."


class NotReady(Conflict):
    slug = "not-ready-to-collect"
    message_id = "Kartu permohonan ini belum tercatat selesai dicetak, jadi belum dapat diserahkan."
    message_en = "The card of this application is not on record as printed, so it cannot be handed over."


class BeingReopened(Conflict):
    slug = "being-reopened"
    message_id = "Permohonan ini sedang dibuka kembali. Silakan coba lagi sebentar lagi."
    message_en = "This application is being reopened. Please try again in a moment."


async def withdraw(desk: Desk, actor: Actor, application_id: UUID, reason: str) -> dict[str, Any]:
    """Ask for a withdrawal; "too late, already printing" is the scheduler's to say."""

    async def work(tx: Transaction) -> dict[str, Any]:
        row = await visible(tx, actor, "application.withdraw", application_id, lock=True)
        if row["state"] == "withdrawn":
            return told(row)
        _may_act(row, CLOSED_STATES)
        why = plain(reason)
        await applications.note(tx, application_id, "withdrawal_requested", actor.subject, why)
        tx.owe(
            WithdrawalRequested(
                application_id=application_id,
                actor=actor.subject,
                reason=why,
                requested_at=desk.clock.now(),
            )
        )
        failpoints.hit("intake.withdrawal_requested")
        return told(row)

    return await desk.database.retrying(work)


async def correct(
    desk: Desk, actor: Actor, application_id: UUID, changes: Mapping[str, str], note: str
) -> dict[str, Any]:
    """Check the changed record whole, seal it anew, and tell the scheduler. `changes` holds raw text by field."""

    async def work(tx: Transaction) -> dict[str, Any]:
        row = await visible(tx, actor, "application.correct", application_id, lock=True)
        _may_act(row, (*CLOSED_STATES, "printed"))
        verdict = _corrected(desk, row, changes)
        if verdict.application is None:
            raise Invalid(errors=field_errors(verdict.errors))
        version = await _store_correction(desk, tx, row, verdict.application, verdict, actor, plain(note))
        warnings = [error.model_dump() for error in field_errors(verdict.warnings)]
        return told(row) | {"correction": version, "warnings": warnings}

    try:
        return await desk.database.retrying(work)
    except asyncpg.UniqueViolationError:
        raise OpenApplication from None


async def collect(
    desk: Desk, actor: Actor, application_id: UUID, collector: str | None, note: str | None
) -> dict[str, Any]:
    """Hand over a printed card, once; a repetition is told the same."""

    async def work(tx: Transaction) -> dict[str, Any]:
        row = await visible(tx, actor, "application.collect", application_id, lock=True)
        if row["state"] == "collected":
            return _collected(row, row["collected_at"])
        if row["state"] != "printed":
            raise NotReady(state=row["state"])
        who = {"collector": collector, "note": note}
        sealed = people.seal_values(desk.keys.storage, HANDOVER, application_id, who)
        at = await tx.fetchval(applications.COLLECT, application_id, sealed)
        await applications.note(tx, application_id, "collected", actor.subject)
        tx.owe(ApplicationCollected(application_id=application_id, actor=actor.subject, collected_at=at))
        failpoints.hit("intake.collected")
        return _collected(row, at)

    return await desk.database.retrying(work)


def _may_act(row: Row, too_late: tuple[str, ...]) -> None:
    """Raise where a command comes too late, or could overtake the reopening it depends on."""
    if row["state"] in too_late:
        raise TooLate(state=row["state"])
    if row["cause"] == REOPENING:
        raise BeingReopened


def told(row: Row) -> dict[str, Any]:
    """The answer to a command: which application, and the state it was in when it was asked."""
    return {
        "application_id": row["id"],
        "receipt_number": row["receipt_number"],
        "state": row["state"],
        "links": {"self": f"/intake/v1/applications/{row['id']}"},
    }


def plain(text: str) -> str:
    """A reason or note as it may travel: numbers that look like a NIK are masked."""
    return NIK.sub("****************", text.strip())


def _collected(row: Row, at: datetime) -> dict[str, Any]:
    return told(row) | {"state": "collected", "collected_at": at}


def _corrected(desk: Desk, row: Row, changes: Mapping[str, str]) -> Verdict:
    person = people.unseal(desk.keys.storage, row["id"], row["person"])
    known = {
        **{name: value or "" for name, value in asdict(person).items()},
        "birth_date": person.birth_date.isoformat(),
        "district_code": row["district_code"],
        "reason": row["reason"],
        "reference": row["reference"] or "",
    }
    return check(
        ApplicationDraft(**{**known, **changes}),
        regions=desk.regions,
        now=row["received_at"],
        office_tz=desk.terms.tz,
        earliest=desk.terms.earliest_import,
        source="counter",
    )


async def _store_correction(
    desk: Desk,
    tx: Transaction,
    row: Row,
    application: CheckedApplication,
    verdict: Verdict,
    actor: Actor,
    note: str,
) -> int:
    person = people.of(application)
    stored = await tx.fetchrow(
        applications.CORRECT,
        row["id"],
        people.person_hash(desk.keys.person, person.nik),
        person.nik[-4:],
        people.seal(desk.keys.storage, row["id"], person),
        application.district_code,
        application.reason,
        warning_list(verdict),
    )
    assert stored is not None
    version: int = stored["correction"]
    await applications.note(tx, row["id"], "corrected", actor.subject, note)
    tx.owe(
        CorrectionSubmitted(
            application_id=row["id"],
            version=version,
            actor=actor.subject,
            note=note,
            sealed=people.seal_for_gateway(desk.keys.courier, row["id"], person),
            reason=application.reason,
            district_code=application.district_code,
            submitted_at=stored["at"],
        )
    )
    failpoints.hit("intake.corrected")
    return version


def warning_list(verdict: Verdict) -> str:
    return warning_codes(verdict.warnings)

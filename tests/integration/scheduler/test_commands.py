"""The applicant's commands: correct, withdraw, collect; the state decides."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backbone.contracts.gateway import VerificationAnswered
from backbone.contracts.intake import ApplicationCollected, CorrectionSubmitted, WithdrawalRequested
from backbone.contracts.scheduler import (
    ApplicationRanked,
    ApplicationStatus,
    ApprovalSpent,
    VerificationRequested,
)
from scheduler.use_cases.sweep import sweep_once


async def test_a_corrected_case_moves_by_exactly_the_time_the_applicant_held_it(office: Any) -> None:
    card = await _needs_correction(office)
    await office.execute("UPDATE application SET applicant_since = applicant_since - interval '5 days'")

    await office.tell(_correction(office, card))

    row = await office.row("application", card)
    held = await office.value(
        "SELECT e.at - ($2::timestamptz - interval '5 days') FROM event e WHERE application_id = $1 AND cause = 'corrected'",
        card,
        await office.value(
            "SELECT at FROM event WHERE application_id = $1 AND state = 'needs_correction'", card
        ),
    )
    assert row["state"] == "waiting"
    assert abs(row["ranked_from"] - row["received_at"] - held) < timedelta(milliseconds=50)
    await office.check()


async def test_the_moment_a_case_was_received_never_changes(office: Any) -> None:
    card = await _needs_correction(office)
    before = (await office.row("application", card))["received_at"]

    await office.tell(_correction(office, card))

    assert (await office.row("application", card))["received_at"] == before


async def test_a_correction_that_changes_the_reason_changes_the_lane_and_tells_the_new_place(
    office: Any,
) -> None:
    card = await office.apply("data_change")
    await office.relay.run_once()
    office.intake.messages.clear()

    await office.tell(_correction(office, card, reason="first_issue"))
    await office.relay.run_once()

    row = await office.row("application", card)
    (ranked,) = office.intake.of(ApplicationRanked)
    assert (row["kind"], row["district"]) == ("first_issue", "21.02.03")
    assert ranked.rank_at == row["ranked_from"] - timedelta(days=365)
    await office.check()


async def test_a_correction_brings_the_newly_sealed_data_to_the_gateway(office: Any) -> None:
    card = await _needs_correction(office)
    await office.tell(_correction(office, card))
    office.gateway.messages.clear()

    await office.release()

    assert [m.sealed for m in office.gateway.of(VerificationRequested)] == [b"new"]


async def test_the_same_correction_twice_is_one(office: Any) -> None:
    card = await _needs_correction(office)
    message = _correction(office, card)

    await office.tell(message, message)
    await office.tell(message)

    assert await office.value("SELECT count(*) FROM event WHERE cause = 'corrected'") == 1


async def test_a_correction_of_an_approved_case_spends_its_approval(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    await office.tell(_correction(office, job["application_id"]))
    await office.relay.run_once()

    assert await office.state("application", job["application_id"]) == "waiting"
    assert [str(m.approval_id) for m in office.gateway.of(ApprovalSpent)] == [job["approval_id"]]
    await office.check()


async def test_a_correction_reaches_a_frozen_case_too(office: Any) -> None:
    card = await _needs_correction(office)
    await office.execute("UPDATE application SET frozen_by = 1")

    await office.tell(_correction(office, card))

    assert await office.state("application", card) == "waiting"


async def test_a_correction_of_an_armed_card_comes_too_late(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.arm(job, office.ids.new())

    await office.tell(_correction(office, job["application_id"]))
    await office.relay.run_once()

    assert office.intake.of(ApplicationStatus)[-1].cause == "correction_too_late"
    assert await office.state("application", job["application_id"]) == "printing"


async def test_a_case_nobody_corrects_lapses_after_its_due_date(office: Any) -> None:
    card = await _needs_correction(office)
    due = (await office.row("application", card))["due_at"]
    assert timedelta(days=89) < due - office.clock.now() <= timedelta(days=90)
    await office.execute("UPDATE application SET due_at = backbone.now()")

    await sweep_once(office.desk)

    assert await office.state("application", card) == "lapsed"
    await office.check()


async def test_a_withdrawal_twice_is_one(office: Any) -> None:
    card = await office.apply()
    message = _withdrawal(office, card)

    await office.tell(message, message)
    await office.tell(message)

    assert await office.value("SELECT count(*) FROM event WHERE cause = 'withdrawn'") == 1


async def test_a_withdrawal_of_a_printed_card_is_told_once_that_it_is_too_late(office: Any) -> None:
    card = await _printed(office)

    await office.tell(_withdrawal(office, card))
    await office.tell(_withdrawal(office, card))

    assert await office.state("application", card) == "printed"
    assert await office.value("SELECT count(*) FROM event WHERE cause = 'withdraw_too_late'") == 1


async def test_a_collected_card_is_noted_once(office: Any) -> None:
    card = await _printed(office)
    message = _collection(office, card)

    await office.tell(message, message)

    assert (await office.row("application", card))["collected_at"] == message.collected_at
    assert await office.value("SELECT count(*) FROM incident") == 0


async def test_a_card_collected_that_was_never_printed_is_one_incident(office: Any) -> None:
    card = await office.apply()

    await office.tell(_collection(office, card))
    await office.tell(_collection(office, card))

    assert await office.value("SELECT count(*) FROM incident WHERE kind = 'collected_but_not_printed'") == 1
    assert (await office.row("application", card))["frozen_by"] is not None


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_of_corrections_that_overtake_their_case_the_newest_counts(office: Any, order: Any) -> None:
    message = office.received()
    for version in order:
        sealed = f"v{version}".encode()
        await office.tell(
            _correction(office, message.application_id, version=version).model_copy(update={"sealed": sealed})
        )

    await office.tell(message)

    row = await office.row("application", message.application_id)
    assert (row["correction"], row["sealed"]) == (2, b"v2")


async def test_a_command_buried_while_its_case_was_taken_in_is_carried_out_by_the_sweep(office: Any) -> None:
    card = await office.apply()
    body = _withdrawal(office, card).model_dump(mode="json")
    await office.execute(
        "INSERT INTO tombstone (application_id, command, body) VALUES ($1, $2, $3)",
        card,
        WithdrawalRequested.TYPE,
        body,
    )

    await sweep_once(office.desk)

    assert await office.state("application", card) == "withdrawn"


async def _needs_correction(office: Any) -> UUID:
    await office.open_centre()
    await office.enrol()
    card: UUID = await office.apply(ago=timedelta(days=2))
    await office.release()
    await office.tell(
        VerificationAnswered(
            application_id=card, round=1, outcome="needs_correction", code="13", at=office.clock.now()
        )
    )
    return card


async def _printed(office: Any) -> UUID:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.reserved(), office.ids.new()
    await office.arm(job, nonce)
    await office.report(job, nonce, "printed")
    return UUID(job["application_id"])


def _correction(
    office: Any, card: Any, *, reason: Any = "data_change", version: int = 1
) -> CorrectionSubmitted:
    return CorrectionSubmitted(
        application_id=card,
        version=version,
        actor="loket",
        note="nama diperbaiki",
        sealed=b"new",
        reason=reason,
        district_code="21.02.03",
        submitted_at=office.clock.now(),
    )


def _withdrawal(office: Any, card: Any) -> WithdrawalRequested:
    return WithdrawalRequested(
        application_id=card, actor="loket", reason="pindah", requested_at=office.clock.now()
    )


def _collection(office: Any, card: Any) -> ApplicationCollected:
    return ApplicationCollected(application_id=card, actor="loket", collected_at=office.clock.now())

"""The gateway's word on a request: fresh, stale, twice, too late."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backbone.contracts.gateway import VerificationAnswered, VerificationReturned
from backbone.contracts.intake import WithdrawalRequested
from backbone.contracts.scheduler import ApplicationStatus, ApprovalSpent, VerificationRequested
from scheduler.use_cases.sweep import sweep_once


async def test_an_answer_of_an_earlier_round_is_dropped_and_its_approval_given_back(office: Any) -> None:
    asked = await _asked(office)
    await office.tell(_returned(office, asked))
    await office.release()
    stale = _answer(office, asked)

    await office.tell(stale)
    await office.relay.run_once()

    row = await office.row("application", asked.application_id)
    assert (row["state"], row["round"]) == ("verifying", 2)
    assert [m.approval_id for m in office.gateway.of(ApprovalSpent)] == [stale.approval_id]


async def test_of_two_rounds_answered_in_one_batch_the_fresh_one_counts(office: Any) -> None:
    asked = await _asked(office)
    await office.tell(_returned(office, asked))
    await office.release()
    stale = _answer(office, asked)
    fresh = _answer(office, asked, round=2)

    await office.tell(stale, fresh)
    await office.relay.run_once()

    row = await office.row("application", asked.application_id)
    assert row["approval_id"] == fresh.approval_id
    assert [m.approval_id for m in office.gateway.of(ApprovalSpent)] == [stale.approval_id]


async def test_of_two_approvals_of_one_round_the_other_is_given_back(office: Any) -> None:
    asked = await _asked(office)
    answers = [_answer(office, asked), _answer(office, asked)]

    await office.tell(*answers)
    await office.relay.run_once()

    kept = (await office.row("application", asked.application_id))["approval_id"]
    spent = [m.approval_id for m in office.gateway.of(ApprovalSpent)]
    assert {kept, *spent} == {answer.approval_id for answer in answers}
    assert len(spent) == 1


async def test_an_approval_for_a_withdrawn_case_is_spent(office: Any) -> None:
    asked = await _asked(office)
    await office.tell(
        WithdrawalRequested(
            application_id=asked.application_id,
            actor="loket",
            reason="pindah",
            requested_at=office.clock.now(),
        )
    )

    await office.tell(answer := _answer(office, asked))
    await office.relay.run_once()

    assert await office.state("application", asked.application_id) == "withdrawn"
    assert [m.approval_id for m in office.gateway.of(ApprovalSpent)] == [answer.approval_id]


async def test_an_answer_delivered_twice_changes_nothing_and_spends_nothing(office: Any) -> None:
    asked = await _asked(office)
    answer = _answer(office, asked)
    await office.tell(answer, answer)

    await office.tell(answer)
    await office.relay.run_once()

    assert office.gateway.of(ApprovalSpent) == []
    states = [m.state for m in office.intake.of(ApplicationStatus)]
    assert states.count("approved") == 1
    await office.check()


async def test_an_answer_after_the_close_counts(office: Any) -> None:
    asked = await _asked(office)
    await office.open_centre(version=2, state="closed")

    await office.tell(_answer(office, asked))

    assert await office.state("application", asked.application_id) in ("approved", "printing")


async def test_an_answer_about_an_unknown_case_gives_its_approval_back(office: Any) -> None:
    asked = await _asked(office)
    unknown = _answer(office, asked).model_copy(update={"application_id": office.ids.new()})

    await office.tell(unknown)
    await office.relay.run_once()

    assert [m.approval_id for m in office.gateway.of(ApprovalSpent)] == [unknown.approval_id]


async def test_a_deferral_takes_longer_each_time_up_to_a_day(office: Any) -> None:
    hours = []
    asked = await _asked(office)
    for n in range(7):
        now: datetime = office.clock.now()
        answer = _answer(office, asked, "deferred", code="02").model_copy(update={"round": n + 1})
        await office.tell(answer)
        row = await office.row("application", asked.application_id)
        assert row["state"] == "deferred"
        hours.append(round((row["due_at"] - now) / timedelta(hours=1)))
        await office.execute("UPDATE application SET due_at = backbone.now()")
        await sweep_once(office.desk)
        await office.release()

    assert hours == [1, 2, 4, 8, 16, 24, 24]
    await office.check()


async def test_a_deferred_case_keeps_its_place(office: Any) -> None:
    asked = await _asked(office)
    before = await office.row("application", asked.application_id)
    await office.tell(_answer(office, asked, "deferred", code="02"))
    await office.execute("UPDATE application SET due_at = backbone.now()")

    await sweep_once(office.desk)

    row = await office.row("application", asked.application_id)
    assert (row["state"], row["ranked_from"]) == ("waiting", before["ranked_from"])


async def test_a_returned_request_goes_back_to_its_place(office: Any) -> None:
    asked = await _asked(office)
    before = await office.row("application", asked.application_id)

    await office.tell(_returned(office, asked))

    row = await office.row("application", asked.application_id)
    assert (row["state"], row["ranked_from"]) == ("waiting", before["ranked_from"])


async def test_requests_returned_for_different_causes_each_bear_their_own(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.tell(office.received(), office.received())
    await office.release()
    first, second = office.gateway.of(VerificationRequested)

    await office.tell(_returned(office, first, "closed"), _returned(office, second, "timeout"))

    told = {m.application_id: m for m in (first, second)}
    for application, cause in zip(told, ("closed", "timeout"), strict=True):
        reason = "SELECT reason FROM event WHERE application_id = $1 AND cause = 'returned'"
        assert await office.value(reason, application) == cause


async def test_an_old_return_beside_a_fresh_one_does_not_hide_it(office: Any) -> None:
    asked = await _asked(office)
    await office.tell(_returned(office, asked))
    await office.release()
    fresh = _returned(office, asked).model_copy(update={"round": 2})

    await office.tell(fresh, _returned(office, asked))

    assert await office.state("application", asked.application_id) == "waiting"


async def test_a_request_without_an_answer_is_asked_again_with_the_same_round(office: Any) -> None:
    asked = await _asked(office)
    office.gateway.messages.clear()
    await office.execute("UPDATE application SET due_at = backbone.now()")

    await sweep_once(office.desk)
    await office.relay.run_once()

    (again,) = office.gateway.of(VerificationRequested)
    assert (again.application_id, again.round, again.sealed) == (asked.application_id, 1, b"sealed")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("needs_correction", "needs_correction"), ("in_review", "in_review"), ("refused", "refused")],
)
async def test_the_centre_s_verdict_is_the_case_s_state(office: Any, outcome: str, state: str) -> None:
    asked = await _asked(office)

    await office.tell(_answer(office, asked, outcome, code="13", elements=("nama",)))
    await office.relay.run_once()

    status = office.intake.of(ApplicationStatus)[-1]
    assert (status.state, status.elements) == (state, ("nama",))
    await office.check()


async def test_an_answer_reaches_a_frozen_case_which_then_stays_where_it_is(office: Any) -> None:
    asked = await _asked(office)
    await office.execute("UPDATE application SET frozen_by = 1")

    await office.tell(_answer(office, asked))
    await office.release()

    assert await office.state("application", asked.application_id) == "approved"


async def test_an_approval_that_ends_unused_puts_the_card_back_and_is_counted(office: Any) -> None:
    asked = await _asked(office)
    await office.execute("UPDATE station SET seen_at = NULL")
    await office.tell(_answer(office, asked))
    await office.execute("UPDATE application SET approved_until = backbone.now()")

    await sweep_once(office.desk)
    await office.relay.run_once()

    assert await office.state("application", asked.application_id) == "waiting"
    assert [m.cause for m in office.gateway.of(ApprovalSpent)] == ["expired"]
    assert await office.value("SELECT n FROM tally WHERE cause = 'approval_expired'") == 1


async def _asked(office: Any) -> VerificationRequested:
    """One application under verification; the request."""
    await office.open_centre()
    await office.enrol()
    await office.apply(ago=timedelta(days=3))
    await office.release()
    (asked,) = office.gateway.of(VerificationRequested)
    office.gateway.messages.clear()
    request: VerificationRequested = asked
    return request


def _answer(
    office: Any, asked: VerificationRequested, outcome: str = "approved", **values: Any
) -> VerificationAnswered:
    now = office.clock.now()
    approved = outcome == "approved"
    known: dict[str, Any] = {
        "application_id": asked.application_id,
        "round": asked.round,
        "outcome": outcome,
        "code": "",
        "approval_id": office.ids.new() if approved else None,
        "approved_until": now + timedelta(hours=24) if approved else None,
        "at": now,
    }
    return VerificationAnswered(**{**known, **values})


def _returned(office: Any, asked: VerificationRequested, cause: str = "closed") -> VerificationReturned:
    return VerificationReturned(
        application_id=asked.application_id, round=asked.round, cause=cause, at=office.clock.now()
    )

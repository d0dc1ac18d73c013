"""Every state has its door: an act of somebody named, or a date. And what lapsed can be had again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backbone.contracts.gateway import VerificationAnswered
from backbone.contracts.intake import ApplicationCollected, ReopeningRequested, WithdrawalRequested
from backbone.contracts.scheduler import ApplicationRanked, ApplicationStatus
from scheduler.domain.lifecycle import APPLICATION_STATES
from scheduler.use_cases.sweep import sweep_once

Door = Callable[[Any, UUID], Awaitable[Any]]


async def _term_ends(office: Any, card: UUID) -> None:
    """Its date comes; a state without one keeps its place here."""
    await office.execute("UPDATE application SET due_at = backbone.now() WHERE due_at IS NOT NULL")
    await office.execute("UPDATE application SET approved_until = backbone.now() WHERE state = 'approved'")
    await sweep_once(office.desk)
    await office.relay.run_once()


async def _withdrawn(office: Any, card: UUID) -> None:
    asked = {"actor": "loket", "reason": "pindah", "requested_at": office.clock.now()}
    await office.tell(WithdrawalRequested(application_id=card, **asked))


async def _reopened(office: Any, card: UUID) -> None:
    await office.tell(await _reopening(office, card))


async def _released(office: Any, card: UUID) -> None:
    await office.release()


async def _answered(office: Any, card: UUID) -> None:
    await office.approve()


async def _decided(office: Any, card: UUID) -> None:
    answer = await office.post(f"applications/{card}/decide", "operator", to="refused", reason="palsu")
    assert answer.status_code == 200


async def _reported(office: Any, card: UUID) -> None:
    (job,) = await office.jobs()
    nonce = office.ids.new()
    await office.arm(job, nonce)
    await office.report(job, nonce, "printed")


async def _collected(office: Any, card: UUID) -> None:
    await office.tell(
        ApplicationCollected(application_id=card, actor="loket", collected_at=office.clock.now())
    )


async def _spoiled(office: Any, card: UUID) -> None:
    attempt = await office.value("SELECT id FROM attempt WHERE application_id = $1", card)
    await office.post(f"attempts/{attempt}/spoil", second_person="saksi", note="tergores")


DOORS: list[tuple[str, str, Door, str]] = [
    ("waiting", "room for it", _released, "verifying"),
    ("waiting", "the applicant", _withdrawn, "withdrawn"),
    ("deferred", "its date", _term_ends, "waiting"),
    ("deferred", "the applicant", _withdrawn, "withdrawn"),
    # There is room for it at a station: the handler that takes the approval releases it at once.
    ("verifying", "the centre", _answered, "printing"),
    ("verifying", "the applicant", _withdrawn, "withdrawn"),
    ("approved", "room for it", _released, "printing"),
    ("approved", "its date", _term_ends, "waiting"),
    ("printing", "the station", _reported, "printed"),
    ("printing", "the applicant", _withdrawn, "withdrawn"),
    ("printed", "its date", _term_ends, "lapsed"),
    ("printed", "two officers", _spoiled, "waiting"),
    ("needs_correction", "its date", _term_ends, "lapsed"),
    ("needs_correction", "the applicant", _withdrawn, "withdrawn"),
    ("in_review", "an officer", _decided, "refused"),
    ("in_review", "the applicant", _withdrawn, "withdrawn"),
    ("refused", "a supervisor", _reopened, "waiting"),
    ("lapsed", "a supervisor", _reopened, "waiting"),
]
WITHOUT = {"withdrawn"}
"""The person applies anew."""


def test_no_state_is_without_a_door() -> None:
    assert {old for old, *_ in DOORS} | WITHOUT == set(APPLICATION_STATES)


@pytest.mark.parametrize(("old", "who", "door", "new"), DOORS)
async def test_it_leads_out(office: Any, old: str, who: str, door: Door, new: str) -> None:
    card = await _brought_to(office, old)
    assert await office.state("application", card) == old

    await door(office, card)

    assert await office.state("application", card) == new, who
    await office.check()


async def test_a_printed_card_says_until_when_it_is_kept_and_lapses_then(office: Any) -> None:
    card = await _brought_to(office, "printed")
    await office.relay.run_once()
    ready = office.intake.of(ApplicationStatus)[-1]
    await _term_ends(office, card)

    lapsed = office.intake.of(ApplicationStatus)[-1]
    assert timedelta(days=364) < ready.due_at - office.clock.now() <= timedelta(days=365)
    assert (lapsed.state, lapsed.cause, lapsed.due_at) == ("lapsed", "lapsed", None)
    assert await office.value("SELECT n FROM tally WHERE cause = 'lapsed'") == 1


async def test_a_card_handed_over_never_lapses(office: Any) -> None:
    card = await _brought_to(office, "printed")
    await _collected(office, card)

    await _term_ends(office, card)

    row = await office.row("application", card)
    assert (row["state"], row["due_at"]) == ("printed", None)


async def test_a_card_a_person_found_good_has_its_date_too(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    await office.report(job, nonce, "uncertain")

    await office.post(f"attempts/{job['attempt_id']}/reconcile", verdict="printed", note="kartunya baik")

    row = await office.row("application", job["application_id"])
    assert (row["state"], row["due_at"] is not None) == ("printed", True)
    await office.check()


async def test_a_reopened_case_stands_where_it_stood_less_what_its_applicant_held(office: Any) -> None:
    card = await _brought_to(office, "lapsed")
    before = await office.row("application", card)

    await _reopened(office, card)
    await office.relay.run_once()

    after = await office.row("application", card)
    assert after["received_at"] == before["received_at"]
    assert after["ranked_from"] > before["ranked_from"]
    assert office.intake.of(ApplicationStatus)[-1].cause == "reopened"
    assert office.intake.of(ApplicationRanked)[-1].application_id == card


async def test_a_refusal_taken_back_keeps_its_place(office: Any) -> None:
    card = await _brought_to(office, "refused")
    before = await office.row("application", card)

    await _reopened(office, card)

    assert (await office.row("application", card))["ranked_from"] == before["ranked_from"]


async def test_a_card_that_lies_there_is_ready_again_for_another_term(office: Any) -> None:
    card = await _brought_to(office, "printed")
    await _term_ends(office, card)

    await _reopened(office, card)

    row = await office.row("application", card)
    assert (row["state"], row["due_at"] > office.clock.now()) == ("printed", True)
    await _collected(office, card)
    assert await office.value("SELECT count(*) FROM incident") == 0
    await office.check()


async def test_a_card_nobody_collected_is_destroyed_by_a_record_and_reopened_it_is_made_anew(
    office: Any,
) -> None:
    card = await _brought_to(office, "printed")
    attempt = str(await office.value("SELECT id FROM attempt"))
    early = await _destroy(office, attempt)
    await _term_ends(office, card)

    answers = [await _destroy(office, attempt) for _ in range(2)]
    await _reopened(office, card)

    assert early.json()["type"] == "urn:cetak:not-to-destroy"
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await office.blanks() == {"received": 10, "on_hand": 9, "destroyed": 1}
    assert await office.state("application", card) == "waiting"
    assert await office.state("station", "2102-1") == "running"
    await office.check()


async def test_who_comes_while_the_term_ends_has_the_card(office: Any) -> None:
    card = await _brought_to(office, "printed")
    await _term_ends(office, card)

    await _collected(office, card)

    row = await office.row("application", card)
    assert (row["state"], row["collected_at"] is not None) == ("printed", True)
    assert await office.value("SELECT count(*) FROM incident") == 0
    await office.check()


async def test_a_reopening_told_twice_counts_once(office: Any) -> None:
    card = await _brought_to(office, "refused")
    message = await _reopening(office, card)

    await office.tell(message, message)
    await office.tell(message)

    assert await office.value("SELECT count(*) FROM event WHERE cause LIKE 'reopen%'") == 1


async def test_a_reopening_of_what_has_gone_on_changes_nothing_and_says_so_once(office: Any) -> None:
    card = await _brought_to(office, "refused")
    stale = (await _reopening(office, card)).model_copy(update={"seq": 1})

    await office.tell(stale, stale)
    await office.relay.run_once()

    assert await office.state("application", card) == "refused"
    status = office.intake.of(ApplicationStatus)[-1]
    assert (status.state, status.cause) == ("refused", "reopening_too_late")
    assert await office.value("SELECT count(*) FROM event WHERE cause = 'reopening_too_late'") == 1


async def test_a_reopening_reopens_once_even_where_its_case_was_refused_again(office: Any) -> None:
    card = await _brought_to(office, "refused")
    message = await _reopening(office, card)
    await office.tell(message)
    await office.release()
    await _verdict(office, card, "refused", turn=2)

    await office.tell(message)

    assert await office.state("application", card) == "refused"


async def _brought_to(office: Any, state: str) -> UUID:
    """One case, over the public ways, in this state."""
    await office.open_centre()
    await office.enrol()
    card: UUID = await office.apply(ago=timedelta(days=2))
    if state == "waiting":
        return card
    await office.release()
    if state in ("deferred", "needs_correction", "in_review", "refused", "lapsed"):
        await _verdict(office, card, "needs_correction" if state == "lapsed" else state)
        if state == "lapsed":
            await _term_ends(office, card)
    if state in ("approved", "printing", "printed"):
        if state == "approved":
            await office.post("stations/2102-1/pause", reason="istirahat")
        await office.approve()
        if state == "approved":
            await office.post("stations/2102-1/resume", reason="lanjut")
    if state in ("printing", "printed"):
        await office.release()
    if state == "printed":
        await _reported(office, card)
    return card


async def _verdict(office: Any, card: UUID, outcome: Any, *, turn: int = 1) -> None:
    said = {"outcome": outcome, "code": "11", "at": office.clock.now()}
    await office.tell(VerificationAnswered(application_id=card, round=turn, **said))


async def _reopening(office: Any, card: UUID) -> ReopeningRequested:
    row = await office.row("application", card)
    asked = {"actor": "kepala", "reason": "keberatan", "requested_at": office.clock.now()}
    return ReopeningRequested(application_id=card, seq=row["seq"], **asked)


async def _destroy(office: Any, attempt: str) -> Any:
    said = {"number": "BA-77", "place": "2102-1", "cards": 1, "attempts": [attempt]}
    return await office.post(
        "offices/21.02/destructions", second_person="saksi", reason="tak diambil", **said
    )

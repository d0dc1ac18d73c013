"""What a station reports: once, twice, late, or against what is on record."""

from typing import Any

import pytest

from backbone.contracts.scheduler import ApprovalSpent, VerificationRequested


async def test_the_answer_to_an_outcome_carries_the_next_jobs(office: Any) -> None:
    job, nonce = await _armed(office)

    answer = (await office.report(job, nonce, "released")).json()

    assert [found["attempt_id"] for found in answer["jobs"]] == [
        found["attempt_id"] for found in await office.jobs()
    ]


@pytest.mark.parametrize("state", ["printed", "uncertain", "released"])
async def test_the_same_outcome_twice_is_the_same_answer(office: Any, state: str) -> None:
    job, nonce = await _armed(office)

    answers = [(await office.report(job, nonce, state)).json() for _ in range(2)]

    assert [(answer["state"], answer["incident"]) for answer in answers] == [(state, False)] * 2
    assert await office.value("SELECT count(*) FROM incident") == 0
    await office.check()


@pytest.mark.parametrize(("first", "second"), [("released", "printed"), ("printed", "released")])
async def test_a_contradiction_is_an_incident_and_freezes_the_case(
    office: Any, first: str, second: str
) -> None:
    job, nonce = await _armed(office)
    await office.report(job, nonce, first)

    answer = (await office.report(job, nonce, second)).json()

    assert (answer["attempt_id"], answer["state"], answer["incident"]) == (job["attempt_id"], first, True)
    assert await office.value("SELECT kind FROM incident") == "outcome_contradicts"
    assert (await office.row("application", job["application_id"]))["frozen_by"] is not None
    await office.check()


async def test_the_same_contradiction_told_again_is_no_second_incident(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.report(job, nonce, "released")

    for _ in range(3):
        await office.report(job, nonce, "printed")

    assert await office.value("SELECT count(*) FROM incident") == 1


async def test_a_frozen_case_cannot_be_armed(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.execute("UPDATE application SET frozen_by = 1")

    assert (await office.arm(job, office.ids.new())).json()["veto"] == "application"


async def test_a_case_frozen_by_a_contradiction_is_not_released_again(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.post("stations/2102-1/pause", reason="periksa")
    await office.report(job, nonce, "released")
    await office.report(job, nonce, "printed")
    await office.post("stations/2102-1/resume", reason="lanjut")

    await office.release()

    assert await office.jobs() == []


async def test_a_printed_report_for_a_card_never_armed_is_an_incident(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.post("stations/2102-1/pause", reason="periksa")

    answer = await office.report(job, office.ids.new(), "printed")

    assert answer.json()["incident"]


async def test_an_outcome_of_a_card_that_is_only_reserved_is_refused(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    answer = await office.report(job, office.ids.new(), "printed")

    assert (answer.status_code, answer.json()["veto"]) == (409, "attempt")


async def test_a_late_printed_with_evidence_closes_an_uncertain_card(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.report(job, nonce, "uncertain")

    await office.report(job, nonce, "printed", run=2)

    assert await office.state("application", job["application_id"]) == "printed"
    assert await office.blanks() == {"received": 10, "on_hand": 9, "printed": 1}
    await office.check()


async def test_a_card_not_sent_is_given_back_by_the_run_that_armed_it(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.post("stations/2102-1/pause", reason="periksa")

    await office.report(job, nonce, "released")

    assert await office.state("application", job["application_id"]) == "approved"
    assert await office.blanks() == {"received": 10, "on_hand": 10}
    await office.check()


async def test_another_run_cannot_say_that_a_card_was_not_sent(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.hello(run=2)

    answer = await office.report(job, nonce, "released", run=2)

    assert (answer.json()["state"], answer.json()["incident"]) == ("armed", True)


async def test_an_outcome_with_another_nonce_is_not_taken(office: Any) -> None:
    job, _ = await _armed(office)

    answer = await office.report(job, office.ids.new(), "printed")

    assert (answer.json()["state"], answer.json()["incident"]) == ("armed", True)


async def test_an_uncertain_card_leaves_its_station_without_another(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.report(job, nonce, "uncertain")
    await office.apply()

    await office.release()
    await office.approve()
    await office.release()

    assert [job["state"] for job in await office.jobs()] == ["uncertain"]


async def test_a_second_card_cannot_be_armed_while_one_is_at_the_printer(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.tell(office.received(), office.received())
    await office.release()
    await office.approve()
    await office.release()
    first, second = await office.jobs()
    await office.arm(first, office.ids.new())

    refused = await office.arm(second, office.ids.new())

    assert (refused.status_code, refused.json()["veto"]) == (409, "printer")
    await office.check()


async def test_no_timer_touches_an_armed_card(office: Any) -> None:
    from scheduler.use_cases.sweep import sweep_once

    job, _ = await _armed(office)
    await office.execute("UPDATE station SET seen_at = backbone.now() - interval '9 days'")
    await office.execute("UPDATE application SET approved_until = backbone.now() - interval '9 days'")

    await sweep_once(office.desk)

    assert await office.state("attempt", job["attempt_id"]) == "armed"


async def test_a_card_not_printed_whose_approval_has_ended_waits_again(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.execute("UPDATE application SET approved_until = backbone.now()")

    await office.report(job, nonce, "released")

    assert await office.state("application", job["application_id"]) in ("waiting", "verifying")
    await office.check()


async def test_a_printed_card_spends_its_approval(office: Any) -> None:
    job, nonce = await _armed(office)

    await office.report(job, nonce, "printed")
    await office.relay.run_once()

    (spent,) = office.gateway.of(ApprovalSpent)
    assert (str(spent.approval_id), spent.cause) == (job["approval_id"], "printed")


async def test_a_printed_card_makes_room_for_the_next_in_the_same_transaction(office: Any) -> None:
    await office.open_centre()
    await office.enrol(slots=1)
    await office.tell(office.received(), office.received())
    await office.release()
    await office.approve()
    (job,), nonce = await office.jobs(), office.ids.new()
    await office.arm(job, nonce)

    await office.report(job, nonce, "printed")

    assert [other["state"] for other in await office.jobs()] == ["reserved"]
    assert office.gateway.of(VerificationRequested) == []


async def test_the_pace_of_a_station_is_measured_from_armed_to_printed(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.execute("UPDATE attempt SET armed_at = backbone.now() - interval '40 s'")

    await office.report(job, nonce, "printed")

    assert 40 <= (await office.row("station", "2102-1"))["seconds_per_card"] < 45


async def _armed(office: Any) -> tuple[dict[str, Any], Any]:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    return job, nonce

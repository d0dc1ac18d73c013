"""A request's way: two calls, a decision, one transaction."""

from typing import Any

from backbone.contracts.scheduler import ApprovalSpent
from datacenter_gateway.store import requests


async def test_a_matching_person_with_a_ready_record_is_approved_for_a_day(office: Any) -> None:
    request = office.request()
    await office.send(request)
    await office.pass_seconds(10)
    (answer,) = office.scheduler.answers()
    assert (answer.application_id, answer.round, answer.outcome) == (request.application_id, 1, "approved")
    assert (answer.approved_until - answer.at).total_seconds() == 24 * 3600
    assert office.centre.methods() == ["CALL_VERIFY_BY_ELEMEN", "CALL_NIK"]


async def test_the_question_is_put_as_the_protocol_says(office: Any) -> None:
    await office.send(office.request())
    await office.pass_seconds(10)
    (_, _, first), (_, _, second) = office.centre.calls
    assert first == {
        "USER_ID": "",
        "PASSWORD": "rahasia",
        "IP_USER": "",
        "NIK": "2102014201909001",
        "TRESHOLD": "90",
        "NAMA_LGKP": "SITI SPESIMEN",
        "TGL_LHR": "02-01-1990",
        "JENIS_KLMIN": "Perempuan",
    }
    assert sorted(second) == ["IP_USER", "NIK", "PASSWORD", "USER_ID"]


async def test_a_mismatch_needs_correction_and_the_record_is_not_fetched(office: Any) -> None:
    office.centre.row["TGL_LHR"] = "Tidak Sesuai"
    await office.send(office.request())
    await office.pass_seconds(10)
    (answer,) = office.scheduler.answers()
    assert (answer.outcome, answer.elements) == ("needs_correction", ("birth_date",))
    assert office.centre.methods() == ["CALL_VERIFY_BY_ELEMEN"]


async def test_a_record_still_in_process_is_deferred(office: Any) -> None:
    office.centre.status = "PROCESSING"
    await office.send(office.request())
    await office.pass_seconds(10)
    (answer,) = office.scheduler.answers()
    assert (answer.outcome, answer.code, answer.approval_id) == ("deferred", "PROCESSING", None)


async def test_a_first_issue_whose_card_is_issued_is_for_an_officer(office: Any) -> None:
    office.centre.status = "CARD_ISSUED"
    await office.send(office.request(reason="first_issue"))
    await office.pass_seconds(10)
    assert office.scheduler.answers()[0].outcome == "in_review"


async def test_another_persons_record_is_no_approval_but_a_failure(office: Any) -> None:
    office.centre.nik = "2102014201909002"
    await office.send(office.request())
    await office.pass_seconds(10)
    assert not office.scheduler.answers()
    assert office.scheduler.windows()[-1].state == "outage"
    assert len(office.scheduler.returned()) == 1


async def test_one_record_that_is_never_readable_goes_to_an_officer(office: Any) -> None:
    office.centre.nik = "2102014201909002"
    request = office.request()
    for _ in range(3):
        await office.send(request)
        await office.pass_seconds(600)
    (answer,) = office.scheduler.answers()
    assert (answer.outcome, answer.code) == ("in_review", "unreadable")


async def test_a_copy_queued_while_the_first_was_answered_ends_with_the_first_answer(office: Any) -> None:
    request, other = office.request(), office.request()
    await office.send(request)
    await office.pass_seconds(10)
    async with office.database.transaction() as tx:
        await requests.queue(tx, [request])
    await office.send(other)
    await office.pass_seconds(60)

    first, second = (x for x in office.scheduler.answers() if x.application_id == request.application_id)
    assert second == first
    assert await office.value("SELECT count(*) FROM request") == 0
    assert await office.value("SELECT count(*) FROM approval") == 2


async def test_a_request_that_comes_again_gets_the_same_answer(office: Any) -> None:
    request = office.request()
    await office.send(request)
    await office.pass_seconds(10)
    await office.send(request, request)
    await office.pass_seconds(10)
    first, second = office.scheduler.answers()
    assert first == second
    assert len(office.centre.calls) == 2


async def test_a_request_delivered_twice_at_once_is_asked_once(office: Any) -> None:
    request = office.request()
    await office.send(request, request)
    await office.send(request)
    await office.pass_seconds(10)
    assert len(office.centre.calls) == 2


async def test_a_later_round_takes_the_place_of_a_call_in_flight(office: Any) -> None:
    request = office.request()
    await office.send(request)
    await office.pass_seconds(0.5)
    await office.send(office.request(application_id=request.application_id, round_=2))
    await office.pass_seconds(20)
    assert [answer.round for answer in office.scheduler.answers()] == [2]


async def test_an_older_round_is_ignored(office: Any) -> None:
    request = office.request(round_=2)
    await office.send(request)
    await office.pass_seconds(10)
    await office.send(office.request(application_id=request.application_id, round_=1))
    await office.pass_seconds(10)
    assert len(office.scheduler.answers()) == 1


async def test_requests_are_asked_in_the_order_they_came(open_office: Any) -> None:
    office = await open_office(calls_in_flight=1)
    niks = [f"210201420190{serial}" for serial in range(9001, 9006)]
    await office.send(*(office.request(nik=nik) for nik in niks))
    await office.pass_seconds(60)
    asked = [body["NIK"] for _, method, body in office.centre.calls if method == "CALL_NIK"]
    assert asked == niks


async def test_no_more_calls_are_in_flight_than_set(office: Any) -> None:
    await office.send(*(office.request() for _ in range(12)))
    await office.pass_seconds(60)
    assert office.centre.most_in_flight == 4
    assert len(office.scheduler.answers()) == 12


async def test_what_was_sealed_for_another_application_becomes_a_dead_letter(office: Any) -> None:
    stranger = office.request()
    request = office.request().model_copy(update={"sealed": stranger.sealed})
    await office.send(request)
    assert await office.value("SELECT count(*) FROM dead_letter WHERE settled_at IS NULL") == 1
    assert await office.value("SELECT count(*) FROM request") == 0


async def test_a_dead_callers_request_is_freed_and_asked_again(office: Any) -> None:
    request = office.request()
    async with office.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO request (application_id, round, office, account, reason, sealed, state, claim, due_at)"
            " VALUES ($1, 1, '21.02', 'default', 'lost', $2, 'calling', $3, backbone.now() + interval '30 s')",
            request.application_id,
            request.sealed,
            office.ids.new(),
        )
    await office.send(office.request())
    await office.pass_seconds(25)
    assert len(office.scheduler.answers()) == 1
    await office.pass_seconds(25)
    assert len(office.scheduler.answers()) == 2


async def test_a_spent_approval_loses_its_record_and_keeps_its_row(office: Any) -> None:
    await office.send(office.request())
    await office.pass_seconds(10)
    (answer,) = office.scheduler.answers()
    spent = ApprovalSpent(
        approval_id=answer.approval_id,
        application_id=answer.application_id,
        cause="printed",
        at=office.clock.now(),
    )
    await office.send(spent, spent)
    await office.send(spent)
    assert await office.value("SELECT record IS NULL FROM approval") is True
    assert await office.value("SELECT erased_why FROM approval") == "printed"


async def test_a_record_is_erased_at_its_approvals_end(office: Any) -> None:
    await office.send(office.request())
    await office.pass_seconds(25 * 3600)
    assert await office.value("SELECT erased_why FROM approval") == "expired"

"""One case: read, searched, withdrawn, corrected, collected; who may, and what the state says."""

import json
from typing import Any

import pytest

from backbone.contracts.intake import ApplicationCollected, CorrectionSubmitted, WithdrawalRequested


async def get(counter: Any, application: str, *scopes: str, prefix: str = "21.02", path: str = "") -> Any:
    return await counter.client.get(
        f"/v1/applications/{application}{path}", headers=counter.token(*scopes, prefix=prefix)
    )


async def act(
    counter: Any,
    application: str,
    what: str,
    body: Any = None,
    *,
    scope: str = "counter",
    prefix: str = "21.02",
) -> Any:
    return await counter.client.post(
        f"/v1/applications/{application}/{what}", json=body, headers=counter.token(scope, prefix=prefix)
    )


async def find(counter: Any, body: Any, *, scope: str = "counter", prefix: str = "21.02") -> Any:
    return await counter.client.post(
        "/v1/applications/search", json=body, headers=counter.token(scope, prefix=prefix)
    )


async def test_the_record_shows_four_digits_of_the_nik_and_the_name_to_the_counter(counter: Any) -> None:
    body = counter.body()
    application = (await counter.applied(body))["application_id"]

    at_the_counter = (await get(counter, application, "counter")).json()
    auditor = await get(counter, application, "auditor")

    assert at_the_counter["nik"] == "************" + body["nik"][-4:]
    assert at_the_counter["full_name"] == "BUDI SANTOSO"
    assert at_the_counter["state"] == "received"
    assert "full_name" not in auditor.json()
    assert body["nik"] not in auditor.text


@pytest.mark.parametrize(
    ("scope", "prefix", "code"),
    [
        ("kiosk", "21.02", 403),
        ("counter", "21.71", 404),
        ("counter", "21.0", 404),
        ("auditor", "21", 200),
        ("auditor", "", 200),
    ],
)
async def test_a_record_is_seen_by_its_office_and_those_above(
    counter: Any, scope: str, prefix: str, code: int
) -> None:
    application = (await counter.applied())["application_id"]

    assert (await get(counter, application, scope, prefix=prefix)).status_code == code


async def test_an_unknown_case_and_a_foreign_one_look_the_same(counter: Any) -> None:
    application = (await counter.applied())["application_id"]

    foreign = await get(counter, application, "counter", prefix="21.71")
    unknown = await get(counter, str(counter.ids.new()), "counter", prefix="21.71")

    assert foreign.json() | {"instance": ""} == unknown.json() | {"instance": ""}
    for what, body in (("withdraw", {"reason": "pindah"}), ("correct", {"note": "abc"}), ("collect", {})):
        assert (await act(counter, application, what, body, prefix="21.71")).status_code == 404


async def test_a_case_is_found_by_nik_in_a_body_or_by_receipt_however_it_is_typed(counter: Any) -> None:
    body = counter.body()
    answer = await counter.applied(body)

    by_nik = (await find(counter, {"nik": body["nik"]})).json()["items"]
    typed = answer["receipt_number"].lower().replace("-", " ")
    by_receipt = (await find(counter, {"receipt_number": typed})).json()["items"]

    assert [row["id"] for row in by_nik] == [row["id"] for row in by_receipt] == [answer["application_id"]]
    assert (await find(counter, {"nik": body["nik"]}, prefix="21.71")).json()["items"] == []
    assert (await find(counter, {"nik": body["nik"]}, scope="kiosk")).status_code == 403
    assert (await find(counter, {})).status_code == 422


async def test_a_withdrawal_is_asked_of_the_scheduler_and_decided_by_it(counter: Any) -> None:
    application = (await counter.applied())["application_id"]

    asked = await act(counter, application, "withdraw", {"reason": "pindah 2102030501909001"})
    await counter.relay.run_once()

    (message,) = counter.scheduler.of(WithdrawalRequested)
    assert (asked.status_code, asked.json()["state"]) == (202, "received")
    assert (message.actor, message.reason) == ("tester", "pindah ****************")
    assert (await counter.row(application))["state"] == "received"


async def test_what_is_withdrawn_answers_the_same_again_and_what_is_closed_refuses(counter: Any) -> None:
    withdrawn = (await counter.applied())["application_id"]
    refused = (await counter.applied())["application_id"]
    await counter.status(withdrawn, "withdrawn", 2)
    await counter.status(refused, "refused", 2)

    again = await act(counter, withdrawn, "withdraw", {"reason": "pindah"})
    late = await act(counter, refused, "withdraw", {"reason": "pindah"})

    assert (again.status_code, again.json()["state"]) == (202, "withdrawn")
    assert (late.status_code, late.json()["state"]) == (409, "refused")


async def test_a_correction_is_checked_sealed_anew_and_told(counter: Any) -> None:
    body = counter.body()
    application = (await counter.applied(body))["application_id"]

    wrong = await act(counter, application, "correct", {"full_name": "B@D", "note": "salah tulis"})
    right = await act(
        counter,
        application,
        "correct",
        {
            "full_name": "budi  setiawan",
            "district_code": "21.02.04",
            "reason": "moved_in",
            "note": "salah tulis",
        },
    )
    await counter.relay.run_once()

    (message,) = counter.scheduler.of(CorrectionSubmitted)
    opened = json.loads(counter.courier.open(message.sealed, f"verification|{application}"))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "full_name")
    assert (right.status_code, right.json()["correction"]) == (202, 1)
    assert (opened["full_name"], opened["nik"], opened["birth_date"]) == (
        "BUDI SETIAWAN",
        body["nik"],
        "1990-01-05",
    )
    assert (message.version, message.district_code, message.reason) == (1, "21.02.04", "moved_in")
    assert (await get(counter, application, "counter")).json()["full_name"] == "BUDI SETIAWAN"


async def test_a_corrected_nik_may_not_be_that_of_another_open_case(counter: Any) -> None:
    other, body = counter.body(), counter.body()
    await counter.applied(other)
    application = (await counter.applied(body))["application_id"]

    taken = await act(counter, application, "correct", {"nik": other["nik"], "note": "salah ketik"})
    free = await act(counter, application, "correct", {"nik": counter.body()["nik"], "note": "salah ketik"})

    assert (taken.status_code, free.status_code) == (409, 202)
    assert (await find(counter, {"nik": body["nik"]})).json()["items"] == []


async def test_a_printed_card_is_not_corrected_any_more(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.status(application, "printed", 5)

    late = await act(counter, application, "correct", {"full_name": "SITI AMINAH", "note": "salah tulis"})

    assert (late.status_code, late.json()["state"]) == (409, "printed")


async def test_a_card_is_handed_over_once_and_only_when_it_is_printed(counter: Any) -> None:
    body = counter.body()
    application = (await counter.applied(body))["application_id"]
    early = await act(counter, application, "collect")
    await counter.status(application, "printed", 5)

    first = await act(counter, application, "collect", {"collector": "SITI AMINAH", "note": "anak"})
    again = await act(counter, application, "collect")
    await counter.relay.run_once()

    assert (early.status_code, early.json()["state"]) == (409, "received")
    assert (first.status_code, first.json()["state"]) == (202, "collected")
    assert again.json() == first.json()
    assert len(counter.scheduler.of(ApplicationCollected)) == 1
    record = (await get(counter, application, "counter")).json()
    assert record["handover"] == {"collector": "SITI AMINAH", "note": "anak"}
    assert (await counter.post(body)).status_code == 202


async def test_the_history_tells_our_acts_and_the_scheduler_s_words_in_order(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.status(application, "waiting", 1)
    await act(counter, application, "withdraw", {"reason": "pindah"})
    await counter.status(application, "withdrawn", 2)

    events = (await get(counter, application, "auditor", path="/events")).json()

    assert [event["what"] for event in events] == ["received", "waiting", "withdrawal_requested", "withdrawn"]
    assert [event["seq"] for event in events] == [None, 1, None, 2]
    assert (events[2]["actor"], events[2]["reason"]) == ("tester", "pindah")
    assert (await get(counter, application, "kiosk", path="/events")).status_code == 403


async def test_received_at_cannot_be_changed(counter: Any) -> None:
    await counter.applied()

    with pytest.raises(Exception, match="received_at never changes"):
        await counter.execute("UPDATE application SET received_at = received_at - interval '1 day'")

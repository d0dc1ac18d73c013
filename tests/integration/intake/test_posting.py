"""Posting applications: durable before the answer, once per key, one open case per person, neighbours apart."""

import asyncio
import json
from typing import Any

from backbone import failpoints
from backbone.contracts.intake import ApplicationReceived


async def test_an_application_is_stored_answered_and_owed_to_the_scheduler(counter: Any) -> None:
    body = counter.body(sex="L")

    answer = await counter.applied(body)
    await counter.relay.run_once()

    row = await counter.row(answer["application_id"])
    (message,) = counter.scheduler.of(ApplicationReceived)
    assert (answer["status"], answer["warnings"], len(answer["pin"])) == ("received", [], 6)
    assert answer["links"]["self"] == f"/intake/v1/applications/{row['id']}"
    assert (row["office"], row["source"], row["state"], row["nik_last4"]) == (
        "21.02",
        "kiosk",
        "received",
        body["nik"][-4:],
    )
    assert (message.application_id, message.receipt_number) == (row["id"], answer["receipt_number"])
    assert message.received_at == row["received_at"]


async def test_the_gateway_can_open_what_is_sealed_for_it_and_nobody_else_reads_it(counter: Any) -> None:
    body = counter.body()
    await counter.applied(body)
    await counter.relay.run_once()

    (message,) = counter.scheduler.of(ApplicationReceived)
    opened = json.loads(counter.courier.open(message.sealed, f"verification|{message.application_id}"))

    assert opened == {
        "nik": body["nik"],
        "full_name": "BUDI SANTOSO",
        "birth_date": "1990-01-05",
        "sex": "M",
    }


async def test_without_a_key_nothing_is_taken(counter: Any) -> None:
    response = await counter.client.post(
        "/v1/applications", json=counter.body(), headers=counter.token("kiosk")
    )

    assert (response.status_code, response.json()["type"]) == (400, "urn:cetak:idempotency-key-required")


async def test_the_same_key_and_body_get_the_first_answer_again(counter: Any) -> None:
    body = counter.body(full_name="SUKARNO")
    first = await counter.post(body, key="k-1")

    again = await counter.post(dict(reversed(body.items())), key="k-1")

    assert again.json() == first.json()
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert "idempotency-replayed" not in first.headers
    assert await counter.value("SELECT count(*) FROM application") == 1


async def test_the_same_key_with_another_body_is_refused(counter: Any) -> None:
    await counter.applied(key="k-1")

    response = await counter.post(key="k-1")

    assert (response.status_code, response.json()["type"]) == (422, "urn:cetak:idempotency-key-reused")


async def test_a_key_belongs_to_its_device(counter: Any) -> None:
    await counter.applied(key="k-1", subject="kiosk-1")

    assert (await counter.post(key="k-1", subject="kiosk-2")).status_code == 202


async def test_a_key_sent_many_times_at_once_is_one_application_with_one_answer(counter: Any) -> None:
    body = counter.body()

    answers = await asyncio.gather(*(counter.post(body, key="k-1") for _ in range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert await counter.value("SELECT count(*) FROM application") == 1
    assert await counter.value("SELECT count(*) FROM outbox") == 1


async def test_a_repeated_answer_survives_the_end_of_its_case(counter: Any) -> None:
    body = counter.body()
    first = await counter.applied(body, key="k-1")
    await counter.status(first["application_id"], "withdrawn", 2)

    again = await counter.applied(body, key="k-1")

    assert again == first


async def test_every_wrong_field_is_listed_in_both_languages(counter: Any) -> None:
    response = await counter.post(counter.body(nik="12", full_name="", reason="renewal"))

    errors = response.json()["errors"]
    assert response.status_code == 422
    assert [error["field"] for error in errors] == ["nik", "full_name", "reason"]
    assert all(error["message_id"] and error["message_en"] and error["code"] for error in errors)


async def test_a_nik_sent_as_a_number_is_refused_with_its_cause_and_the_other_faults(counter: Any) -> None:
    response = await counter.post(counter.body(nik=2102030501909001, district_code="21.02.99"))

    errors = {error["field"]: error for error in response.json()["errors"]}
    assert response.status_code == 422
    assert set(errors) == {"nik", "district_code"}
    assert errors["nik"]["code"] == "no_string"
    assert "2102030501909001" not in response.text


async def test_what_is_no_json_object_is_refused(counter: Any) -> None:
    headers = counter.token("kiosk") | {"Idempotency-Key": "k"}
    for content in (b"", b"[]", b'"x"', b"{", b"\xff", b'{"nik": "\\ud800"}'):
        response = await counter.client.post("/v1/applications", content=content, headers=headers)
        assert response.status_code == 422, content


async def test_a_missing_field_is_named(counter: Any) -> None:
    body = counter.body()
    del body["nik"]

    response = await counter.post(body)

    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [("nik", "missing")]


async def test_any_json_string_is_taken_for_what_it_is(counter: Any) -> None:
    for text in ("\x00", "😀" * 50, "\u202e", "a" * 5000, "' OR 1=1 --"):
        for name in (
            "nik",
            "full_name",
            "birth_date",
            "sex",
            "district_code",
            "reason",
            "reference",
            "captured_at",
        ):
            response = await counter.post(counter.body(**{name: text}))
            assert response.status_code in (202, 422), (name, text, response.text)


async def test_a_body_of_unreasonable_size_is_refused(counter: Any) -> None:
    assert (await counter.post(counter.body(phone="1" * 70_000))).status_code == 413


async def test_a_person_with_an_open_case_gets_one_neutral_sentence_at_a_kiosk(counter: Any) -> None:
    body = counter.body()
    await counter.applied(body)

    response = await counter.post(body | {"reason": "lost"}, prefix="21.71")

    assert (response.status_code, response.json()["type"]) == (409, "urn:cetak:open-application")
    assert "receipt_number" not in response.json()


async def test_a_counter_learns_the_receipt_only_where_name_and_birth_date_agree(counter: Any) -> None:
    body = counter.body()
    first = await counter.applied(body)

    known = await counter.post(body, scope="counter", prefix="21.71")
    stranger = await counter.post(body | {"full_name": "SITI AMINAH"}, scope="counter")

    assert known.json()["receipt_number"] == first["receipt_number"]
    assert stranger.status_code == 409
    assert "receipt_number" not in stranger.json()


async def test_a_refused_posting_leaves_its_key_free(counter: Any) -> None:
    body = counter.body()
    first = await counter.applied(body)
    assert (await counter.post(body, key="k-2")).status_code == 409
    await counter.status(first["application_id"], "refused", 2)

    assert (await counter.post(body, key="k-2")).status_code == 202


async def test_a_kiosk_that_asks_about_one_person_after_another_is_slowed(counter: Any) -> None:
    body = counter.body()
    await counter.applied(body)

    codes = [(await counter.post(body)).status_code for _ in range(25)]

    assert codes[:20] == [409] * 20
    assert 429 in codes[20:]


async def test_a_reference_is_taken_once_in_its_office(counter: Any) -> None:
    await counter.applied(counter.body(reference="A-1"))

    again = await counter.post(counter.body(reference="A-1"))
    elsewhere = await counter.post(counter.body(reference="A-1"), prefix="21.71")

    assert (again.status_code, again.json()["type"]) == (409, "urn:cetak:reference-in-use")
    assert elsewhere.status_code == 202


async def test_sixty_four_at_once_each_get_their_own_verdict(counter: Any) -> None:
    good = [counter.body() for _ in range(32)]
    same_person = [body | {"reason": "lost"} for body in good[:16]]
    bad = [counter.body(nik="12") for _ in range(16)]

    answers = await asyncio.gather(*(counter.post(body) for body in [*good, *same_person, *bad]))

    codes = [answer.status_code for answer in answers]
    assert codes[:32] == [202] * 32
    assert codes[32:48] == [409] * 16
    assert codes[48:] == [422] * 16
    assert await counter.value("SELECT count(*) FROM application") == 32
    assert await counter.value("SELECT count(*) FROM outbox") == 32
    assert await counter.value("SELECT count(*) FROM idempotency") == 32
    assert failpoints.passed["intake.accepted_after_commit"] < 32


async def test_a_group_that_fails_is_tried_again_one_by_one(counter: Any) -> None:
    failpoints.arm("intake.accepted_before_commit:raise:2")

    answers = await asyncio.gather(*(counter.post() for _ in range(10)))

    assert {answer.status_code for answer in answers} == {202}
    assert await counter.value("SELECT count(*) FROM application") == 10


async def test_an_application_that_was_not_stored_is_never_answered_with_202(counter: Any) -> None:
    failpoints.arm("intake.accepted_before_commit:raise")

    response = await counter.post()

    assert response.status_code == 500
    assert await counter.value("SELECT count(*) FROM application") == 0


async def test_a_failure_after_the_commit_is_mended_by_the_same_key(counter: Any) -> None:
    body = counter.body()
    failpoints.arm("intake.accepted_after_commit:raise")

    lost = await counter.post(body, key="k-1")
    found = await counter.post(body, key="k-1")

    assert (lost.status_code, found.status_code) == (500, 202)
    assert found.headers["idempotency-replayed"] == "true"


async def test_a_lost_database_is_a_503_that_says_when_to_come_back(counter: Any) -> None:
    await counter.database.close()

    response = await counter.post()

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    await counter.database.open()


async def test_a_client_that_goes_away_does_not_cancel_the_commit(counter: Any) -> None:
    task = asyncio.create_task(counter.post())
    while not counter.desk.group._task:
        await asyncio.sleep(0)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await counter.desk.group.close()

    assert await counter.value("SELECT count(*) FROM application") == 1


async def test_who_may_not_post_or_belongs_to_no_office_is_refused(counter: Any) -> None:
    assert (await counter.post(scope="auditor")).status_code == 403
    assert (await counter.post(scope="supervisor", prefix="21")).json()[
        "type"
    ] == "urn:cetak:no-single-office"
    assert (await counter.client.post("/v1/applications", json={})).status_code == 401


async def test_no_personal_data_reach_outbox_history_or_log(counter: Any, capfd: Any) -> None:
    body = counter.body(full_name="KENARI RAHASIA", phone="081198765432", reference="R-1")
    answer = await counter.applied(body)
    await counter.post(body)
    await counter.post(body | {"nik": body["nik"] + "9"})
    failpoints.arm("intake.accepted_before_commit:raise:2")
    await counter.post(counter.body(full_name="KENARI RAHASIA"))

    rows = [
        await counter.value(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        for table in ("outbox", "event", "idempotency", "application")
    ]
    seen = " ".join(filter(None, rows)) + "".join(capfd.readouterr())
    for secret in (body["nik"], "KENARI", "81198765432", answer["pin"] + '"'):
        assert secret not in seen

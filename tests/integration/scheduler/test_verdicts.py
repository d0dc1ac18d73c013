"""A person's word on a card: uncertain ones settled, bad ones spoiled, incidents closed."""

from typing import Any

import pytest

from backbone.contracts.intake import ApplicationCollected


@pytest.mark.parametrize(
    ("verdict", "attempt", "account"),
    [("printed", "printed", "printed"), ("spoiled", "spoiled", "spoiled"), ("intact", "released", "on_hand")],
)
async def test_a_verdict_settles_the_card_and_its_blank(
    office: Any, verdict: str, attempt: str, account: str
) -> None:
    job, _ = await _uncertain(office)
    before = (await office.blanks()).get(account, 0)
    await office.execute("UPDATE station SET printer = 'stopped'")

    answer = await _reconcile(office, job, verdict)

    assert answer.json()["state"] == attempt
    assert (await office.blanks()).get(account, 0) == before + 1
    assert await office.state("application", job["application_id"]) == (
        "printed" if verdict == "printed" else "approved"
    )
    await office.check()


async def test_a_card_not_made_whose_approval_has_ended_waits_again(office: Any) -> None:
    job, _ = await _uncertain(office)
    await office.execute("UPDATE application SET approved_until = backbone.now()")

    await _reconcile(office, job, "intact")

    assert await office.state("application", job["application_id"]) == "waiting"
    await office.check()


async def test_a_blank_given_up_needs_two_different_persons(office: Any) -> None:
    job, _ = await _uncertain(office)

    for verdict in ("spoiled", "intact"):
        for second in (None, "", "  ", "tester", " tester ", "TESTER"):
            answer = await _reconcile(office, job, verdict, second=second)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "second_person")


async def test_a_good_card_found_needs_one_person(office: Any) -> None:
    job, _ = await _uncertain(office)

    assert (await _reconcile(office, job, "printed", second=None)).status_code == 200


async def test_the_same_verdict_twice_is_the_same_answer(office: Any) -> None:
    job, _ = await _uncertain(office)
    await _reconcile(office, job, "spoiled")

    assert (await _reconcile(office, job, "spoiled")).json()["state"] == "spoiled"
    await office.check()


async def test_another_verdict_afterwards_is_refused(office: Any) -> None:
    job, _ = await _uncertain(office)
    await _reconcile(office, job, "spoiled")

    answer = await _reconcile(office, job, "printed")

    assert (answer.status_code, answer.json()["state"]) == (409, "spoiled")


async def test_a_card_is_not_settled_while_its_agent_may_be_alive(office: Any) -> None:
    job, _ = await _uncertain(office)
    await office.execute("UPDATE attempt SET given_up = false")

    answer = await _reconcile(office, job, "intact")

    assert answer.json()["type"] == "urn:cetak:agent-may-still-print"


async def test_a_newer_run_of_the_station_lets_a_person_settle(office: Any) -> None:
    job, _ = await _uncertain(office)
    await office.execute("UPDATE attempt SET given_up = false")
    await office.hello(run=2)

    assert (await _reconcile(office, job, "intact")).status_code == 200


async def test_a_lost_station_lets_a_person_settle_what_it_had_armed(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()
    await office.post("stations/2102-1/lost", reason="terbakar")

    uncertain = await office.state("attempt", job["attempt_id"])
    answer = await _reconcile(office, job, "intact")

    assert (uncertain, answer.status_code) == ("uncertain", 200)
    await office.check()


async def test_an_armed_card_cannot_be_settled(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()

    assert (await _reconcile(office, job, "intact")).json()["type"] == "urn:cetak:not-uncertain"


async def test_a_printed_card_found_bad_waits_for_a_new_approval(office: Any) -> None:
    job = await _printed(office)

    answer = await _spoil(office, job)

    row = await office.row("application", job["application_id"])
    assert (answer.json()["state"], row["state"], row["approval_id"]) == ("spoiled", "waiting", None)
    assert (await office.blanks())["spoiled"] == 1
    await office.check()


async def test_spoiling_a_card_twice_is_the_same_answer(office: Any) -> None:
    job = await _printed(office)

    assert [(await _spoil(office, job)).status_code for _ in range(2)] == [200, 200]
    await office.check()


async def test_spoiling_a_card_needs_a_second_person(office: Any) -> None:
    job = await _printed(office)

    assert (await _spoil(office, job, second="tester")).status_code == 422


async def test_a_card_handed_over_cannot_be_spoiled(office: Any) -> None:
    job = await _printed(office)
    await office.tell(
        ApplicationCollected(
            application_id=job["application_id"], actor="loket", collected_at=office.clock.now()
        )
    )

    assert (await _spoil(office, job)).json()["type"] == "urn:cetak:not-printed"


async def test_a_case_whose_card_was_spoiled_is_printed_again(office: Any) -> None:
    job = await _printed(office)
    await _spoil(office, job)
    await office.release()
    await office.approve()
    await office.release()

    (again,) = await office.jobs()
    assert (again["application_id"], again["n"]) == (job["application_id"], 2)
    await office.check()


async def test_a_verdict_on_no_card_is_not_found(office: Any) -> None:
    answer = await _reconcile(office, {"attempt_id": office.ids.new()}, "spoiled")

    assert answer.status_code == 404


async def test_the_persons_at_a_station_settle_its_card(office: Any) -> None:
    job, _ = await _uncertain(office)
    path, token = f"/v1/attempts/{job['attempt_id']}/reconcile", office.token("station", station="2102-1")
    body = {"verdict": "spoiled", "note": "tergores", "second_person": "Siti"}

    nobody = await office.client.post(path, json=body, headers=token)
    alone = await office.client.post(path, json={**body, "person": "siti"}, headers=token)
    settled = await office.client.post(path, json={**body, "person": "Budi"}, headers=token)

    assert [answer.status_code for answer in (nobody, alone, settled)] == [422, 422, 200]
    row = await office.row("attempt", job["attempt_id"])
    assert (row["closed_by"], row["second_person"]) == ("Budi (tester)", "Siti")


async def test_another_station_settles_no_card_of_this_one(office: Any) -> None:
    job, _ = await _uncertain(office)

    answer = await office.client.post(
        f"/v1/attempts/{job['attempt_id']}/reconcile",
        json={"verdict": "printed", "note": "dilihat", "person": "Budi"},
        headers=office.token("station", station="2102-2"),
    )

    assert answer.status_code == 403


async def _uncertain(office: Any) -> tuple[dict[str, Any], Any]:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    await office.report(job, nonce, "uncertain")
    return job, nonce


async def _printed(office: Any) -> dict[str, Any]:
    if not await office.value("SELECT count(*) FROM station"):
        await office.open_centre()
        await office.enrol()
    # A spoiled case of before is first in line again: it would be printed instead of a fresh one.
    await office.execute("UPDATE application SET frozen_by = 0 WHERE state = 'waiting'")
    job, nonce = await office.armed()
    await office.report(job, nonce, "printed")
    found: dict[str, Any] = job
    return found


async def _reconcile(office: Any, job: dict[str, Any], verdict: str, second: str | None = "saksi") -> Any:
    return await office.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict=verdict, second_person=second, note="dilihat"
    )


async def _spoil(office: Any, job: dict[str, Any], second: str = "saksi") -> Any:
    return await office.post(f"attempts/{job['attempt_id']}/spoil", second_person=second, note="tergores")

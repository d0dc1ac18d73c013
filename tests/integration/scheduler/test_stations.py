"""Stations: hello, silence, pause, and who they belong to."""

from typing import Any

import pytest

from scheduler.use_cases.sweep import sweep_once


async def test_hello_of_an_older_run_is_superseded(office: Any) -> None:
    await office.enrol()
    await office.hello(run=2)

    answer = await office.hello(run=1)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:station-superseded")


async def test_hello_of_an_unknown_station_is_not_found(office: Any) -> None:
    assert (await office.hello("2102-9")).status_code == 404


async def test_an_older_run_cannot_arm_after_a_newer_hello(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.hello(run=2)

    assert (await office.arm(job, office.ids.new(), run=1)).json()["veto"] == "run"


async def test_a_newer_run_arms_what_was_reserved_for_the_older(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.hello(run=2)

    assert (await office.arm(job, office.ids.new(), run=2)).status_code == 200


async def test_a_station_silent_for_less_than_five_minutes_keeps_what_is_reserved(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.reserved()
    await office.execute("UPDATE station SET seen_at = backbone.now() - interval '4 min'")

    await sweep_once(office.desk)

    assert len(await office.jobs()) == 1


async def test_a_station_silent_for_five_minutes_gives_back_what_is_reserved(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.execute("UPDATE station SET seen_at = backbone.now() - interval '301 s'")

    await sweep_once(office.desk)

    assert await office.jobs() == []
    assert await office.state("application", job["application_id"]) == "approved"
    await office.check()


async def test_a_stopped_printer_gives_back_what_is_reserved(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.reserved()

    await office.hello(printer="stopped", printer_reasons=["media-empty"])
    await office.release()

    assert await office.jobs() == []
    await office.check()


async def test_a_stopped_printer_does_not_touch_an_armed_card(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.armed()

    await office.hello(printer="stopped")

    assert [job["state"] for job in await office.jobs()] == ["armed"]


async def test_a_paused_station_gets_work_again_when_it_is_resumed(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.reserved()
    await office.post("stations/2102-1/pause", "operator", reason="istirahat")
    await office.post("stations/2102-1/resume", "operator", reason="lanjut")

    await office.release()

    assert len(await office.jobs()) == 1
    await office.check()


async def test_an_agent_may_pause_its_own_station_with_a_cause(office: Any) -> None:
    await office.enrol()

    answer = await office.hello(pause="unprintable")

    assert (answer.json()["state"], answer.json()["reason"]) == ("paused", "unprintable")


@pytest.mark.parametrize("act", ["retire", "lost"])
async def test_a_station_taken_out_gives_back_what_is_reserved(office: Any, act: str) -> None:
    await office.open_centre()
    await office.enrol()
    await office.reserved()

    await office.post(f"stations/2102-1/{act}", reason="rusak berat")

    assert await office.jobs() == []
    await office.check()


async def test_a_lost_station_s_armed_card_becomes_uncertain(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()

    await office.post("stations/2102-1/lost", reason="terbakar")

    assert await office.state("attempt", job["attempt_id"]) == "uncertain"
    await office.check()
    await office.report(job, nonce, "printed")
    assert await office.state("application", job["application_id"]) == "printed"


async def test_enrolling_again_changes_the_slots_only(office: Any) -> None:
    await office.enrol(slots=2)

    await office.post("stations", id="2102-1", office="21.02", slots=5)

    row = await office.row("station", "2102-1")
    assert (row["slots"], row["run"]) == (5, 1)


async def test_a_name_used_at_another_office_is_refused(office: Any) -> None:
    await office.enrol()

    answer = await office.client.post(
        "/v1/stations",
        json={"id": "2102-1", "office": "21.03"},
        headers=office.token("supervisor", prefix="21"),
    )

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:station-elsewhere")


async def test_enrolment_at_an_office_that_is_not_the_token_s_is_forbidden(office: Any) -> None:
    assert (await office.post("stations", id="2103-1", office="21.03")).status_code == 403


@pytest.mark.parametrize("call", ["hello", "jobs", "arm", "outcome", "pause"])
async def test_a_station_s_token_serves_that_station_alone(office: Any, call: str) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    other = office.token("station", station="2102-2")
    card = {"station": "2102-1", "fence": job["fence"], "run": 1, "nonce": str(office.ids.new())}
    path, body = {
        "hello": ("stations/2102-1/hello", {"run": 1}),
        "jobs": ("stations/2102-1/jobs", None),
        "arm": (f"attempts/{job['attempt_id']}/arm", card),
        "outcome": (f"attempts/{job['attempt_id']}/outcome", {**card, "state": "printed"}),
        "pause": ("stations/2102-1/pause", {"reason": "coba"}),
    }[call]

    answer = await office.client.request(
        "GET" if body is None else "POST", f"/v1/{path}", json=body, headers=other
    )

    assert answer.status_code == 403


async def test_a_station_cannot_arm_another_s_attempt_under_its_own_name(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    assert (await office.arm(job, office.ids.new(), station="2102-2")).status_code == 404


async def test_a_job_carries_a_ticket_for_its_record(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    ticket = office.desk.tickets.check(job["ticket"])

    assert (str(ticket.attempt_id), str(ticket.approval_id)) == (job["attempt_id"], job["approval_id"])


async def test_a_station_s_queue_says_what_it_holds(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.armed()
    await office.apply()

    answer = (await office.client.get("/v1/stations/2102-1/queue")).json()

    assert (answer["depth"], answer["in_flight"], answer["blocked_by"]) == (0, 1, [])

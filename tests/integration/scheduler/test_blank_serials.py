"""Serials of blanks in an outcome: used once, of a lot that is known, refused without loss."""

import asyncio
from typing import Any

import pytest


async def test_an_outcome_keeps_its_blank_s_serial(office: Any) -> None:
    job, nonce = await _armed(office)

    await _report_serial(office, job, nonce, " b-0001 ")

    assert (await office.row("attempt", job["attempt_id"]))["blank_serial"] == "B-0001"


async def test_a_serial_that_was_used_is_refused_and_the_outcome_taken_without_it(office: Any) -> None:
    job, nonce = await _armed(office)
    assert (await _report_serial(office, job, nonce)).status_code == 200
    other, nonce = await office.armed()

    refused = await _report_serial(office, other, nonce)
    state = await office.state("attempt", other["attempt_id"])
    taken = await _report_serial(office, other, nonce, None)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cetak:blank-serial-refused")
    assert (refused.json()["why"], state) == ("used", "armed")
    assert taken.json()["state"] == "printed"
    await office.check()


async def test_a_refused_serial_is_one_incident_however_often_it_is_told(office: Any) -> None:
    job, nonce = await _armed(office)
    await _report_serial(office, job, nonce)
    other, nonce = await office.armed()

    for _ in range(3):
        await _report_serial(office, other, nonce)

    (incident,) = await office.get("incidents")
    assert (incident["kind"], incident["detail"]["serial"]) == ("blank_serial_refused", "B-0001")
    assert str(incident["attempt_id"]) == other["attempt_id"]


async def test_the_same_outcome_with_its_serial_again_is_the_same_answer(office: Any) -> None:
    job, nonce = await _armed(office)

    answers = [(await _report_serial(office, job, nonce)).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert await office.value("SELECT count(*) FROM incident") == 0


@pytest.mark.parametrize("serial", ["B-0011", "C-0001", "B-001", "tanpa nomor"])
async def test_a_serial_of_no_lot_is_refused_where_lots_tell_theirs(office: Any, serial: str) -> None:
    job, nonce = await _armed(office)
    await _number_the_lot(office)

    refused = await _report_serial(office, job, nonce, serial)

    assert (refused.status_code, refused.json()["why"]) == (409, "unknown")
    assert (await _report_serial(office, job, nonce, None)).json()["state"] == "printed"
    await office.check()


async def test_a_serial_of_a_lot_is_taken(office: Any) -> None:
    job, nonce = await _armed(office)
    await _number_the_lot(office)

    assert (await _report_serial(office, job, nonce, "b-0010")).json()["state"] == "printed"


async def test_a_blank_that_was_not_used_may_be_used_by_another_card(office: Any) -> None:
    job, nonce = await _armed(office)
    await _report_serial(office, job, nonce, state="uncertain")
    await office.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict="intact", second_person="saksi", note="dilihat"
    )
    await office.release()
    (again,), nonce = await office.jobs(), office.ids.new()
    await office.arm(again, nonce)

    assert (await _report_serial(office, again, nonce)).json()["state"] == "printed"
    await office.check()


async def test_the_same_serial_from_two_stations_at_once_is_taken_from_one(office: Any) -> None:
    await office.open_centre()
    stations = ("2102-1", "2102-2")
    for station in stations:
        await office.enrol(station, slots=1)
    await office.tell(office.received(), office.received())
    await office.release()
    await office.approve()
    await office.release()
    held = [(station, (await office.jobs(station))[0], office.ids.new()) for station in stations]
    for station, job, nonce in held:
        assert (await office.arm(job, nonce, station=station)).status_code == 200

    answers = await asyncio.gather(
        *(_report_serial(office, job, nonce, station=station) for station, job, nonce in held)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await office.value("SELECT count(*) FROM attempt WHERE blank_serial = 'B-0001'") == 1
    await office.check()


async def _number_the_lot(office: Any) -> None:
    lot = {"lot": "SJ-2102-1", "blanks": 10, "serial_first": "B-0001", "serial_last": "B-0010"}
    answer = await office.post("stations/2102-1/stock", note_number="SJ-2102-1", blanks=10, lots=[lot])
    assert answer.status_code == 200


async def _report_serial(
    office: Any,
    job: dict[str, Any],
    nonce: Any,
    serial: str | None = "B-0001",
    *,
    state: str = "printed",
    station: str = "2102-1",
) -> Any:
    body = {"station": station, "fence": job["fence"], "run": 1, "nonce": str(nonce), "state": state}
    return await office.client.post(
        f"/v1/attempts/{job['attempt_id']}/outcome",
        json={**body, "blank_serial": serial},
        headers=office.token("station", station=station),
    )


async def _armed(office: Any) -> tuple[dict[str, Any], Any]:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    return job, nonce

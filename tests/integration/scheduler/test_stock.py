"""Blanks: deliveries once, announcements in sight, counts by two persons."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backbone.contracts.scheduler import VerificationRequested


async def test_a_delivery_note_counts_once(office: Any) -> None:
    await office.enrol(blanks=0)

    for _ in range(2):
        await office.deliver(50)

    assert await office.blanks() == {"received": 50, "on_hand": 50}


async def test_a_delivery_note_received_at_once_from_two_desks_counts_once(office: Any) -> None:
    await office.enrol(blanks=0)

    await asyncio.gather(*(office.deliver(50) for _ in range(4)))

    assert await office.blanks() == {"received": 50, "on_hand": 50}


async def test_the_same_note_with_another_number_is_refused(office: Any) -> None:
    await office.enrol(blanks=0)
    await office.deliver(50)

    answer = await office.post("stations/2102-1/stock", note_number="SJ-1", blanks=60)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:delivery-differs")
    assert (await office.blanks())["on_hand"] == 50


async def test_an_announced_delivery_is_received_with_what_was_in_it(office: Any) -> None:
    await office.enrol(blanks=0)
    await _announce(office, hours=1)

    await office.deliver(48)

    assert (await office.blanks())["on_hand"] == 48


@pytest.mark.parametrize(("hours", "asked"), [(1, 3), (11, 3), (13, 0), (-1, 0)])
async def test_announced_blanks_are_in_sight_within_twelve_hours(
    office: Any, hours: float, asked: int
) -> None:
    await office.open_centre()
    await office.enrol(blanks=0)
    await _announce(office, blanks=3, hours=hours)
    await office.tell(*(office.received() for _ in range(5)))

    await office.release()

    assert len(office.gateway.of(VerificationRequested)) == asked


async def test_the_stock_of_a_station_is_shown_with_its_deliveries(office: Any) -> None:
    await office.enrol()

    found = await office.get("stations/2102-1/stock")

    assert found["blanks"]["on_hand"] == 10
    assert [note["note_number"] for note in found["deliveries"]] == ["SJ-2102-1"]


async def test_a_station_loads_blanks_and_names_who_did_it(office: Any) -> None:
    await office.enrol(blanks=0)

    answer = await _as_station(office, "stock", note_number="SJ-1", blanks=50, person="Budi")

    assert answer.json()["actor"] == "Budi (tester)"
    assert (await office.blanks())["on_hand"] == 50


@pytest.mark.parametrize("person", [None, "  "])
async def test_a_station_is_no_person(office: Any, person: str | None) -> None:
    await office.enrol(blanks=0)

    answer = await _as_station(office, "stock", note_number="SJ-1", blanks=50, person=person)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "person")


async def test_a_station_announces_nothing(office: Any) -> None:
    await office.enrol(blanks=0)
    expected = office.clock.now().isoformat()

    answer = await _as_station(
        office, "stock", note_number="SJ-1", blanks=50, person="Budi", expected_at=expected
    )

    assert answer.status_code == 403


async def test_a_station_s_two_persons_are_two(office: Any) -> None:
    await office.enrol()
    body = {"blanks": 10, "reason": "akhir giliran", "person": "Budi"}

    codes = [
        (await _as_station(office, "count", **body, second_person=second)).status_code
        for second in (" budi ", "Siti")
    ]

    assert codes == [422, 200]


async def _as_station(office: Any, path: str, **body: Any) -> Any:
    return await office.client.post(
        f"/v1/stations/2102-1/{path}", json=body, headers=office.token("station", station="2102-1")
    )


async def _announce(office: Any, *, hours: float, blanks: int = 50) -> None:
    expected = (office.clock.now() + timedelta(hours=hours)).isoformat()
    response = await office.post(
        "stations/2102-1/stock", note_number="SJ-1", blanks=blanks, expected_at=expected
    )
    assert response.status_code == 200

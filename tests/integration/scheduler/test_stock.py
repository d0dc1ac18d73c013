"""Blanks: deliveries once, announcements in sight, counts by two persons."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
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


@pytest.mark.parametrize(
    ("counted", "after"),
    [
        (12, {"received": 12, "on_hand": 12}),
        (7, {"received": 10, "on_hand": 7, "missing": 3}),
        (10, {"received": 10, "on_hand": 10}),
        (0, {"received": 10, "missing": 10}),
    ],
)
async def test_the_ledger_follows_a_count(office: Any, counted: int, after: dict[str, int]) -> None:
    await office.enrol()

    answer = await _count(office, counted)

    assert answer.json()["difference"] == counted - 10
    assert await office.blanks() == after
    await office.check()


async def test_what_was_missing_and_is_found_again_is_no_surplus(office: Any) -> None:
    await office.enrol()
    await _count(office, 7)

    await _count(office, 9)

    assert await office.blanks() == {"received": 10, "on_hand": 9, "missing": 1}


async def test_blanks_of_reserved_cards_lie_in_the_hopper_and_are_counted_with_it(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.reserved()

    answer = await _count(office, 10)

    assert answer.json()["difference"] == 0
    assert await office.blanks() == {"received": 10, "on_hand": 9, "booked": 1}


@pytest.mark.parametrize("second", ["tester", " Tester", "  "])
async def test_a_count_needs_a_second_different_person(office: Any, second: str) -> None:
    await office.enrol()

    answer = await _count(office, 5, second)

    assert answer.json()["errors"][0]["field"] == "second_person"


async def test_a_difference_keeps_both_names_and_the_reason(office: Any) -> None:
    await office.enrol()

    await _count(office, 7)

    row = await office.row("stock_move", await office.value("SELECT max(id) FROM stock_move"))
    assert (row["actor"], row["second_person"], row["reason"]) == ("tester", "saksi", "akhir giliran")


async def test_the_database_lets_no_account_fall_below_nothing(office: Any) -> None:
    await office.enrol()

    with pytest.raises(asyncpg.CheckViolationError):
        await office.execute("UPDATE stock SET n = n - 11 WHERE account = 'on_hand'")


async def test_a_count_at_the_moment_of_a_release_breaks_neither(office: Any) -> None:
    from scheduler.use_cases.release import release_once

    await office.open_centre()
    await office.enrol(blanks=1, slots=2)
    await office.tell(office.received())
    await office.release()
    await office.execute("UPDATE station SET seen_at = NULL")
    await office.approve()
    await office.hello()

    await office.race(
        "application",
        await office.value("SELECT id FROM application"),
        lambda: release_once(office.desk),
        lambda: _count(office, 0),
    )

    await office.check()


async def test_the_stock_of_a_station_is_shown_with_its_deliveries(office: Any) -> None:
    await office.enrol()

    found = await office.get("stations/2102-1/stock")

    assert found["blanks"]["on_hand"] == 10
    assert [note["note_number"] for note in found["deliveries"]] == ["SJ-2102-1"]


async def _announce(office: Any, *, hours: float, blanks: int = 50) -> None:
    expected = (office.clock.now() + timedelta(hours=hours)).isoformat()
    response = await office.post(
        "stations/2102-1/stock", note_number="SJ-1", blanks=blanks, expected_at=expected
    )
    assert response.status_code == 200


async def _count(office: Any, blanks: int, second: str = "saksi") -> Any:
    return await office.post(
        "stations/2102-1/count", blanks=blanks, second_person=second, reason="akhir giliran"
    )

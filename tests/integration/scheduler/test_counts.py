"""Counts at shift end, by two persons: the ledger follows, the signed difference is kept."""

import asyncio
from typing import Any

import asyncpg
import pytest


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


async def test_a_count_keeps_its_signed_difference(office: Any) -> None:
    await office.enrol()

    for counted in (7, 9, 9):
        await _count(office, counted)

    counts = (await office.get("stations/2102-1/stock"))["counts"]
    assert [(row["counted"], row["expected"], row["difference"]) for row in counts] == [
        (9, 9, 0),
        (9, 7, 2),
        (7, 10, -3),
    ]
    assert counts[0]["second_person"] == "saksi"
    await office.check()


async def test_a_count_sent_twice_is_one_count(office: Any) -> None:
    await office.enrol()
    body = {"blanks": 7, "second_person": "saksi", "reason": "akhir giliran", "number": "H-1"}

    answers = [(await office.post("stations/2102-1/count", **body)).json() for _ in range(2)]

    assert [(answer["difference"], answer["again"]) for answer in answers] == [(-3, False), (-3, True)]
    await office.check()


async def test_one_count_sent_from_two_desks_at_once_is_one_count(office: Any) -> None:
    await office.enrol()
    body = {"blanks": 7, "second_person": "saksi", "reason": "akhir giliran", "number": "H-1"}

    answers = await asyncio.gather(*(office.post("stations/2102-1/count", **body) for _ in range(3)))

    assert [answer.json()["difference"] for answer in answers] == [-3, -3, -3]
    assert await office.blanks() == {"received": 10, "on_hand": 7, "missing": 3}


async def test_fewer_blanks_than_cards_promised_gives_the_promises_back(office: Any) -> None:
    await office.open_centre()
    await office.enrol(blanks=2)
    await office.reserved()

    answer = await _count(office, 0)

    assert answer.json()["difference"] == -2
    assert await office.blanks() == {"received": 2, "missing": 2}
    assert await office.jobs() == []
    await office.check()


async def test_the_blank_of_an_armed_card_is_in_the_printer_and_not_counted(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.armed()

    assert (await _count(office, 9)).json()["difference"] == 0


async def _count(office: Any, blanks: int, second: str = "saksi") -> Any:
    return await office.post(
        "stations/2102-1/count", blanks=blanks, second_person=second, reason="akhir giliran"
    )

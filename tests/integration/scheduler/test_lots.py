"""Lots: what came together, with the serials its blanks bear."""

import asyncio
from typing import Any

import pytest


async def test_a_delivery_comes_in_lots_with_their_serials(office: Any) -> None:
    await office.enrol(blanks=0)

    answer = await _lots(office, ("L-1", 10, "B-0001", "B-0010"), ("L-2", 5, None, None))

    assert answer.status_code == 200
    lots = (await office.get("offices/21.02/stock"))["lots"]
    assert sorted((lot["lot"], lot["serial_first"], lot["serial_last"]) for lot in lots) == [
        ("L-1", 1, 10),
        ("L-2", None, None),
    ]
    await office.check()


@pytest.mark.parametrize(
    ("lots", "code"),
    [
        ((("L-1", 10, "B-0001", "B-0009"),), "range_length"),
        ((("L-1", 10, "B-0001", "C-0010"),), "no_range"),
        ((("L-1", 10, "B-0001", None),), "no_range"),
        ((("L-1", 5, None, None), ("L-1", 5, None, None)), "sum"),
    ],
)
async def test_lots_that_are_no_lots_are_refused(office: Any, lots: Any, code: str) -> None:
    await office.enrol(blanks=0)

    answer = await _lots(office, *lots)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert await office.value("SELECT count(*) FROM lot") == 0


async def test_lots_add_up_to_their_note(office: Any) -> None:
    await office.enrol(blanks=0)

    answer = await _lots(office, ("L-1", 5, None, None), blanks=6)

    assert answer.json()["errors"][0]["code"] == "sum"


async def test_a_lot_s_serials_may_be_told_later(office: Any) -> None:
    await office.enrol(blanks=0)
    await office.deliver(10, note="SJ-1")

    answers = [await _lots(office, ("SJ-1", 10, "B-0001", "B-0010"), note="SJ-1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await office.blanks())["on_hand"] == 10
    assert await office.value("SELECT serial_last FROM lot") == 10


@pytest.mark.parametrize(
    "lot", [("SJ-1", 10, "B-0002", "B-0011"), ("L-9", 10, None, None), ("L-9", 10, "C-01", "C-10")]
)
async def test_a_note_told_again_with_other_lots_is_refused(office: Any, lot: Any) -> None:
    await office.enrol(blanks=0)
    await _lots(office, ("SJ-1", 10, "B-0001", "B-0010"), note="SJ-1")

    answer = await _lots(office, lot, note="SJ-1")

    assert answer.json()["type"] == "urn:cetak:delivery-differs"


async def test_a_lot_belongs_to_one_note(office: Any) -> None:
    await office.enrol(blanks=0)
    await _lots(office, ("L-1", 10, None, None), note="SJ-1")

    answer = await _lots(office, ("L-1", 10, None, None), note="SJ-2")

    assert answer.json()["type"] == "urn:cetak:delivery-differs"
    assert (await office.blanks())["on_hand"] == 10
    await office.check()


async def test_no_two_lots_bear_the_same_serials(office: Any) -> None:
    await office.enrol(blanks=0)

    answers = await asyncio.gather(
        *(_lots(office, (f"L-{n}", 10, "B-0001", "B-0010"), note=f"SJ-{n}") for n in range(3))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert (await office.blanks())["on_hand"] == 10
    await office.check()


async def _lots(office: Any, *lots: Any, note: str = "SJ-1", blanks: int | None = None) -> Any:
    names = ("lot", "blanks", "serial_first", "serial_last")
    given = [dict(zip(names, lot, strict=True)) for lot in lots]
    total = sum(lot["blanks"] for lot in given) if blanks is None else blanks
    return await office.post("stations/2102-1/stock", note_number=note, blanks=total, lots=given)

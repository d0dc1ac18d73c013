"""Test cards and destruction: spoiled with a cause, destroyed once under a record number, before two persons."""

import asyncio
from typing import Any
from uuid import UUID

WHO = {"second_person": "saksi", "reason": "akhir giliran"}
STORE = "offices/21.02"


async def test_a_test_card_is_spoiled_with_its_cause(office: Any) -> None:
    await office.enrol()

    answer = await _test(office, cards=2)

    assert (answer.json()["n"], answer.json()["again"]) == (2, False)
    assert await office.blanks() == {"received": 10, "on_hand": 8, "spoiled": 2}
    assert await office.value("SELECT cause FROM stock_move ORDER BY id DESC LIMIT 1") == "test_card"
    await office.check()


async def test_a_misfed_blank_is_spoiled_as_such(office: Any) -> None:
    await office.enrol()

    await _test(office, cause="misfeed")

    assert await office.value("SELECT cause FROM stock_move ORDER BY id DESC LIMIT 1") == "misfeed"


async def test_a_form_sent_twice_takes_one_test_card(office: Any) -> None:
    await office.enrol()

    answers = [(await _test(office, number="F-1")).json()["again"] for _ in range(2)]

    assert answers == [False, True]
    assert (await office.blanks())["spoiled"] == 1


async def test_an_empty_hopper_gives_no_test_card(office: Any) -> None:
    await office.enrol(blanks=0)

    assert (await _test(office)).json()["type"] == "urn:cetak:not-enough-blanks"


async def test_spoiled_cards_are_destroyed_under_a_record_number(office: Any) -> None:
    await office.enrol()
    await _test(office, cards=3)

    answer = await _destroy(office, "BA-9/2018", cards=3)

    assert answer.status_code == 200
    assert await office.blanks() == {"received": 10, "on_hand": 7, "destroyed": 3}
    (record,) = await office.get("destructions")
    assert (record["number"], record["actor"], record["second_person"], record["n"]) == (
        "BA-9/2018",
        "tester",
        "saksi",
        3,
    )
    await office.check()


async def test_a_record_number_is_used_once(office: Any) -> None:
    await office.enrol()
    await _test(office, cards=3)

    answers = [(await _destroy(office, "BA-9", cards=n)).status_code for n in (1, 1, 2)]

    assert answers == [200, 200, 409]
    assert (await office.blanks())["destroyed"] == 1


async def test_a_damaged_blank_is_destroyed_from_the_hopper(office: Any) -> None:
    await office.enrol()

    await _destroy(office, "BA-9", blanks=2)

    assert await office.blanks() == {"received": 10, "on_hand": 8, "destroyed": 2}
    await office.check()


async def test_more_than_was_spoiled_cannot_be_destroyed(office: Any) -> None:
    await office.enrol()

    assert (await _destroy(office, "BA-9", cards=1)).json()["type"] == "urn:cetak:not-enough-blanks"
    assert (await _destroy(office, "BA-9")).status_code == 422


async def test_a_card_named_is_destroyed_once(office: Any) -> None:
    job = await _spoiled(office)
    await _test(office, cards=2)

    answers = [
        (await _destroy(office, number, cards=2, attempts=[job["attempt_id"]])).status_code
        for number in ("BA-1", "BA-1", "BA-2")
    ]

    assert answers == [200, 200, 409]
    moved = "SELECT count(*) FROM stock_move WHERE attempt_id = $1 AND target = 'destroyed'"
    assert await office.value(moved, UUID(job["attempt_id"])) == 1
    await office.check()


async def test_a_card_that_was_not_spoiled_cannot_be_named_as_destroyed(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()
    await _test(office)

    answer = await _destroy(office, "BA-1", cards=1, attempts=[job["attempt_id"]])

    assert answer.json()["type"] == "urn:cetak:not-to-destroy"
    await office.check()


async def test_a_card_is_destroyed_once_from_two_desks_at_once(office: Any) -> None:
    job = await _spoiled(office)
    await _test(office)

    answers = await asyncio.gather(
        *(_destroy(office, f"BA-{n}", cards=1, attempts=[job["attempt_id"]]) for n in range(3))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    await office.check()


async def test_every_paper_is_listed_by_kind_in_order(office: Any) -> None:
    await office.enrol()
    for n in range(3):
        await _test(office, number=f"F-{n}")
    await office.post("stations/2102-1/count", blanks=7, **WHO)

    first, *_ = found = await office.get("papers?kind=test_card&limit=2")

    assert [paper["number"] for paper in found] == ["F-0", "F-1"]
    assert len(await office.get(f"papers?after={first['id']}")) == 3


async def _test(office: Any, **body: Any) -> Any:
    return await office.post("stations/2102-1/test-cards", **WHO, **body)


async def _destroy(office: Any, number: str, **body: Any) -> Any:
    return await office.post(f"{STORE}/destructions", number=number, place="2102-1", **WHO, **body)


async def _spoiled(office: Any) -> dict[str, Any]:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    await office.report(job, nonce, "printed")
    await office.post(f"attempts/{job['attempt_id']}/spoil", second_person="saksi", note="tergores")
    found: dict[str, Any] = job
    return found

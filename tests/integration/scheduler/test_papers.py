"""What two persons sign: transfers, returns, test cards, destruction; once for its number, the ledger balanced."""

import asyncio
from typing import Any

import pytest

WHO = {"second_person": "saksi", "reason": "akhir giliran"}
STORE = "offices/21.02"


async def test_a_transfer_moves_both_sides_at_once(office: Any) -> None:
    await _two_stations(office)

    answer = await _transfer(office, "BA-1", 4)

    assert answer.json()["again"] is False
    assert await office.blanks("2102-1") == {"received": 6, "on_hand": 6}
    assert await office.blanks("2102-2") == {"received": 14, "on_hand": 14}
    await office.check()


async def test_the_same_transfer_again_moves_nothing(office: Any) -> None:
    await _two_stations(office)

    answers = [(await _transfer(office, "BA-1", 4)).json()["again"] for _ in range(2)]

    assert answers == [False, True]
    assert (await office.blanks("2102-1"))["on_hand"] == 6
    await office.check()


@pytest.mark.parametrize("again", [{"n": 5}, {"source": "2102-2", "target": "2102-1"}])
async def test_a_number_with_other_contents_is_refused(office: Any, again: dict[str, Any]) -> None:
    await _two_stations(office)
    await _transfer(office, "BA-1", 4)

    answer = await _transfer(office, "BA-1", **{"n": 4, **again})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:paper-differs")
    await office.check()


async def test_one_transfer_told_from_four_desks_at_once_counts_once(office: Any) -> None:
    await _two_stations(office)

    answers = await asyncio.gather(*(_transfer(office, "BA-1", 4) for _ in range(4)))

    assert sorted(answer.json()["again"] for answer in answers) == [False, True, True, True]
    assert (await office.blanks("2102-2"))["on_hand"] == 14
    await office.check()


async def test_two_transfers_at_once_take_no_more_than_there_is(office: Any) -> None:
    await _two_stations(office)

    answers = await asyncio.gather(*(_transfer(office, f"BA-{n}", 6) for n in range(2)))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await office.blanks("2102-1") == {"received": 4, "on_hand": 4}
    await office.check()


async def test_transfers_against_each_other_do_not_wait_for_ever(office: Any) -> None:
    await _two_stations(office)

    answers = await asyncio.gather(
        *(
            _transfer(office, f"BA-{n}", 1, source=f"2102-{1 + n % 2}", target=f"2102-{2 - n % 2}")
            for n in range(8)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert (await office.blanks("2102-1"))["on_hand"] == 10
    await office.check()


async def test_more_than_there_is_cannot_be_moved(office: Any) -> None:
    await _two_stations(office)

    answer = await _transfer(office, "BA-1", 11)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:not-enough-blanks")
    assert await office.value("SELECT count(*) FROM paper") == 0
    await office.check()


async def test_blanks_of_reserved_cards_cannot_be_moved(office: Any) -> None:
    await office.open_centre()
    await _two_stations(office)
    await office.reserved()
    station = await office.value("SELECT station FROM attempt")
    other = {"2102-1": "2102-2", "2102-2": "2102-1"}[station]

    answer = await _transfer(office, "BA-1", 10, source=station, target=other)

    assert answer.status_code == 409
    await office.check()


async def test_a_place_of_no_such_name_is_not_found(office: Any) -> None:
    await office.enrol()

    answer = await _transfer(office, "BA-1", 1, target="2103-1")

    assert answer.status_code == 404
    assert await office.blanks() == {"received": 10, "on_hand": 10}


async def test_a_transfer_to_itself_is_refused(office: Any) -> None:
    await office.enrol()

    assert (await _transfer(office, "BA-1", 1, target="2102-1")).status_code == 422


@pytest.mark.parametrize("second", ["tester", " TESTER "])
async def test_who_gives_is_not_who_receives(office: Any, second: str) -> None:
    await _two_stations(office)

    answer = await _transfer(office, "BA-1", 1, second_person=second)

    assert answer.json()["errors"][0]["field"] == "second_person"


async def test_the_store_of_an_office_receives_and_gives_out(office: Any) -> None:
    await office.enrol(blanks=0)
    assert (await office.post(f"{STORE}/stock", note_number="SJ-7", blanks=500)).status_code == 200

    await _transfer(office, "BA-1", 200, source="", target="2102-1")

    assert await office.blanks("") == {"received": 300, "on_hand": 300}
    assert (await office.blanks())["on_hand"] == 200
    found = await office.get(f"{STORE}/stock")
    assert (found["blanks"]["on_hand"], [lot["lot"] for lot in found["lots"]]) == (300, ["SJ-7"])
    await office.check()


async def test_the_store_is_counted_too(office: Any) -> None:
    await office.enrol(blanks=0)
    await office.post(f"{STORE}/stock", note_number="SJ-7", blanks=500)

    answer = await office.post(f"{STORE}/count", blanks=498, **WHO)

    assert answer.json()["difference"] == -2
    assert await office.blanks("") == {"received": 500, "on_hand": 498, "missing": 2}


async def test_an_unknown_office_has_no_store(office: Any) -> None:
    answer = await office.client.post(
        "/v1/offices/99.99/stock",
        json={"note_number": "SJ-1", "blanks": 1},
        headers=office.token("operator", prefix=""),
    )

    assert answer.status_code == 404


async def test_returned_blanks_are_told_of_their_lot(office: Any) -> None:
    await office.enrol(blanks=0)
    await office.deliver(50, note="SJ-7")

    answer = await _return(office, "BA-1", 20, lot="SJ-7")

    assert answer.json()["again"] is False
    assert await office.blanks() == {"received": 50, "on_hand": 30, "returned": 20}
    assert await office.value("SELECT returned FROM lot") == 20
    await office.check()


async def test_the_same_return_again_changes_nothing(office: Any) -> None:
    await office.enrol(blanks=0)
    await office.deliver(50, note="SJ-7")

    for _ in range(2):
        await _return(office, "BA-1", 20, lot="SJ-7")

    assert await office.value("SELECT returned FROM lot") == 20
    await office.check()


@pytest.mark.parametrize(("lot", "status"), [("SJ-7", 409), ("SJ-8", 404)])
async def test_no_more_of_a_lot_goes_back_than_came(office: Any, lot: str, status: int) -> None:
    await office.enrol(blanks=50)
    await office.deliver(10, note="SJ-7")

    assert (await _return(office, "BA-1", 11, lot=lot)).status_code == status
    assert (await office.blanks())["on_hand"] == 60
    await office.check()


async def _two_stations(office: Any) -> None:
    await office.enrol("2102-1")
    await office.enrol("2102-2")


async def _transfer(
    office: Any, number: str, n: int, source: str = "2102-1", target: str = "2102-2", **signed: str
) -> Any:
    return await office.post(
        f"{STORE}/transfers", number=number, source=source, target=target, blanks=n, **{**WHO, **signed}
    )


async def _return(office: Any, number: str, n: int, lot: str | None) -> Any:
    return await office.post(f"{STORE}/returns", number=number, place="2102-1", blanks=n, lot=lot, **WHO)

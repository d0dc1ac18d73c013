"""Offices that share one account take turns by their blanks, each in its own order; two callers never take one."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from datacenter_gateway.store import accounts


@pytest.fixture
async def idle(open_office: Any) -> Any:
    """A gateway whose loops start nothing by themselves."""
    return await open_office(calls_in_flight=0)


def _asked(office: Any, code: str, blanks: int | None, **more: Any) -> Any:
    return office.request(**more).model_copy(update={"office": code, "blanks": blanks})


async def _starts(office: Any, count: int) -> list[Any]:
    rows = []
    for _ in range(count):
        async with office.database.reading() as reader:
            rows.append(await accounts.start_first(reader, "default", office.ids.new(), 90))
    return rows


async def test_three_times_the_blanks_are_three_times_the_turns(idle: Any) -> None:
    await idle.send(*(_asked(idle, "21.02", 300) for _ in range(40)))
    await idle.send(*(_asked(idle, "21.03", 100) for _ in range(40)))
    served = [row["office"] for row in await _starts(idle, 40)]
    for n in range(1, 41):
        assert abs(Counter(served[:n])["21.03"] - n / 4) <= 1


async def test_an_offices_own_order_is_kept(idle: Any) -> None:
    asked = [_asked(idle, code, 10) for _ in range(5) for code in ("21.02", "21.03")]
    await idle.send(*asked)
    served = await _starts(idle, 10)
    for code in ("21.02", "21.03"):
        assert [row["application_id"] for row in served if row["office"] == code] == [
            one.application_id for one in asked if one.office == code
        ]


async def test_an_office_that_asked_nothing_saved_no_turns(idle: Any) -> None:
    await idle.send(*(_asked(idle, "21.02", 100) for _ in range(30)))
    await _starts(idle, 20)
    await idle.send(*(_asked(idle, "21.03", 100) for _ in range(10)))
    assert abs(Counter(row["office"] for row in await _starts(idle, 10))["21.03"] - 5) <= 1


async def test_a_repeated_question_has_had_its_turn(idle: Any) -> None:
    await idle.send(*(_asked(idle, "21.02", 10) for _ in range(5)))
    repeated = _asked(idle, "21.03", None, round_=2)
    await idle.send(repeated)
    (row,) = await _starts(idle, 1)
    assert row["application_id"] == repeated.application_id


async def test_a_later_round_takes_the_place_of_the_earlier(idle: Any) -> None:
    asked = [_asked(idle, "21.02", 10) for _ in range(3)]
    await idle.send(*asked)
    await idle.send(_asked(idle, "21.02", 10, application_id=asked[0].application_id, round_=2))
    (row,) = await _starts(idle, 1)
    assert (row["application_id"], row["round"]) == (asked[0].application_id, 2)


async def test_an_office_without_blanks_still_has_turns(idle: Any) -> None:
    await idle.send(_asked(idle, "21.02", 0))
    assert (await _starts(idle, 1))[0]["office"] == "21.02"


@pytest.mark.parametrize("waiting", [1, 2])
async def test_two_claims_at_once_never_take_one_request(idle: Any, waiting: int) -> None:
    await idle.send(*(_asked(idle, "21.02", 10) for _ in range(waiting)))
    both = await asyncio.gather(_starts(idle, 1), _starts(idle, 1))
    taken = [row["application_id"] for rows in both for row in rows if row is not None]
    assert len(taken) == len(set(taken)) >= 1
    assert await idle.value("SELECT count(*) FROM call_start") == len(taken)

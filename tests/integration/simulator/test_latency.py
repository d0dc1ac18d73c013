"""A call takes its time on the clock, the same time for the same question."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backbone.clock import VirtualClock


async def seconds(caller: Any, clock: VirtualClock, method: str, nik: str, **fields: Any) -> float:
    began = clock.now()
    await caller.call(method, nik, **fields)
    return (clock.now() - began).total_seconds()


async def test_a_call_takes_between_low_and_high(make_caller: Any, virtual: VirtualClock) -> None:
    caller = make_caller(latency_low=0.2, latency_high=15)
    taken = [await seconds(caller, virtual, "CALL_NIK", who.nik) for who in caller.centre.population]

    assert all(0.2 <= one < 15 for one in taken)
    assert len(set(taken)) == 20


async def test_the_time_depends_on_the_question_not_on_the_order(
    make_caller: Any, virtual: VirtualClock
) -> None:
    one, other = make_caller(latency_high=15), make_caller(latency_high=15)
    niks = [who.nik for who in one.centre.population]
    forwards = [await seconds(one, virtual, "CALL_NIK", nik) for nik in niks]
    backwards = [await seconds(other, virtual, "CALL_NIK", nik) for nik in reversed(niks)]

    assert forwards == backwards[::-1]


async def test_the_methods_take_their_own_time(make_caller: Any, virtual: VirtualClock) -> None:
    caller = make_caller(latency_high=15)
    nik = caller.somebody.nik
    record = await seconds(caller, virtual, "CALL_NIK", nik)

    assert record != await seconds(caller, virtual, "CALL_VERIFY_BY_ELEMEN", nik, TRESHOLD="90")


async def test_calls_at_the_same_time_take_time_together(make_caller: Any, virtual: VirtualClock) -> None:
    caller = make_caller(latency_low=2, latency_high=2)
    began = virtual.now()

    async def ask(nik: str) -> None:
        with virtual.at_work():
            await caller.record(nik)

    asking = asyncio.gather(*(ask(who.nik) for who in caller.centre.population))
    await virtual.sleep(1)
    under_way = [call.ended_at for call in caller.centre.calls]
    await virtual.sleep(1)
    await asking

    assert under_way == [None] * 20
    assert {call.ended_at for call in caller.centre.calls} == {began + timedelta(seconds=2)}


async def test_what_began_before_the_close_is_answered_after_it(
    make_caller: Any, virtual: VirtualClock
) -> None:
    caller = make_caller(weekly=("00:00-09:01",) * 7, latency_low=90, latency_high=90)
    answer = await caller.record()

    assert answer.status_code == 200
    assert (await caller.record()).status_code == 503


@pytest.mark.parametrize("kind", ["timeout", "slow"])
async def test_a_fault_that_takes_time_takes_it_on_the_clock(
    caller: Any, virtual: VirtualClock, kind: str
) -> None:
    fault = {"fault": {"kind": kind, "seconds": 40}}
    await caller.client.post("/_control/faults", json=[fault])

    assert await seconds(caller, virtual, "CALL_NIK", caller.somebody.nik) == 40
    assert caller.answered == ["fault:timeout" if kind == "timeout" else "ok"]

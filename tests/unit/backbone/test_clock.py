"""Virtual time: tokens, one sleeper at a time, rings that are never lost; and the real clock's bell."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.clock import Stalled, SystemClock, VirtualClock

START = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def turns(count: int = 5) -> None:
    """Let everyone else run, without any time passing."""
    for _ in range(count):
        await asyncio.sleep(0)


async def play(clock: VirtualClock, *actors: Coroutine[Any, Any, Any]) -> None:
    """Run actors, each at work, in virtual time until all are done."""

    async def at_work(actor: Coroutine[Any, Any, Any]) -> None:
        with clock.at_work():
            await actor

    tasks = [asyncio.create_task(at_work(actor)) for actor in actors]
    driver = asyncio.create_task(clock.run())
    try:
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
    finally:
        driver.cancel()
        await asyncio.gather(driver, return_exceptions=True)


async def test_a_sleep_ends_at_its_moment() -> None:
    clock = VirtualClock(START)
    await play(clock, clock.sleep(7 * 86400))
    assert clock.now() == after(7 * 86400)


async def test_sleepers_wake_in_the_order_of_their_moments() -> None:
    clock = VirtualClock(START)
    trace: list[tuple[int, datetime]] = []

    async def sleeper(seconds: int) -> None:
        await clock.sleep(seconds)
        trace.append((seconds, clock.now()))

    await play(clock, sleeper(30), sleeper(10), sleeper(20))
    assert trace == [(10, after(10)), (20, after(20)), (30, after(30))]


async def test_one_sleeper_of_a_moment_finishes_before_the_next_is_woken() -> None:
    clock = VirtualClock(START)
    trace: list[str] = []

    async def sleeper(name: str) -> None:
        await clock.sleep(60)
        trace.append(f"{name} woke")
        await turns()
        trace.append(f"{name} rested")

    await play(clock, sleeper("a"), sleeper("b"))
    assert trace == ["a woke", "a rested", "b woke", "b rested"]


async def test_the_clock_stands_still_while_somebody_is_at_work() -> None:
    clock = VirtualClock(START)
    seen: list[datetime] = []

    async def worker() -> None:
        await turns(20)
        seen.append(clock.now())

    await play(clock, clock.sleep(10), worker())
    assert seen == [START]


async def test_a_jump_is_mirrored_before_anyone_wakes() -> None:
    trace: list[Any] = []

    async def mirror(moment: datetime) -> None:
        await turns()
        trace.append(moment)

    clock = VirtualClock(START, mirror)

    async def sleeper() -> None:
        await clock.sleep(60)
        trace.append("woke")

    await play(clock, sleeper(), sleeper())
    assert trace == [after(60), "woke", "woke"]


async def test_a_moment_that_has_passed_does_not_turn_time_back() -> None:
    clock = VirtualClock(START)
    await play(clock, clock.sleep_until(after(-3600)))
    assert clock.now() == START


async def test_time_is_utc_whatever_zone_the_start_was_in() -> None:
    clock = VirtualClock(START.astimezone(tz=None))
    assert clock.now().tzinfo is UTC


async def test_a_ring_wakes_the_waiter_at_the_moment_of_the_ring() -> None:
    clock = VirtualClock(START)
    bell = clock.bell()
    seen: list[tuple[bool, datetime]] = []

    async def waiter() -> None:
        seen.append((await bell.wait(after(3600)), clock.now()))

    async def ringer() -> None:
        await clock.sleep(10)
        bell.ring()

    await play(clock, waiter(), ringer())
    assert seen == [(True, after(10))]


async def test_a_ring_keeps_a_token_so_time_waits_for_the_woken() -> None:
    clock = VirtualClock(START)
    bell = clock.bell()
    seen: list[datetime] = []

    async def waiter() -> None:
        await bell.wait(None)
        await turns()
        seen.append(clock.now())

    async def ringer() -> None:
        await turns()
        bell.ring()
        await clock.sleep(3600)

    await play(clock, waiter(), ringer())
    assert seen == [START]


async def test_a_wait_ends_unrung_at_its_moment() -> None:
    clock = VirtualClock(START)
    rung: list[bool] = []

    async def waiter() -> None:
        rung.append(await clock.bell().wait(after(60)))

    await play(clock, waiter())
    assert (rung, clock.now()) == ([False], after(60))


async def test_rings_before_the_wait_are_kept_as_one() -> None:
    clock = VirtualClock(START)
    bell = clock.bell()
    bell.ring()
    bell.ring()
    rung: list[bool] = []

    async def waiter() -> None:
        rung.extend([await bell.wait(None), await bell.wait(after(1))])

    await play(clock, waiter())
    assert rung == [True, False]


async def test_a_ring_while_the_timer_wakes_the_waiter_is_kept_for_the_next_wait() -> None:
    clock = VirtualClock(START)
    bell = clock.bell()
    rung: list[bool] = []

    async def waiter() -> None:
        with clock.at_work():
            rung.extend([await bell.wait(after(1)), await bell.wait(after(2))])

    task = asyncio.create_task(waiter())
    await turns()
    _, resting = clock._next()
    clock.wake(resting, rung=False)
    bell.ring()
    await task
    assert rung == [False, True]


async def test_a_bell_waited_on_again_is_not_woken_by_its_old_moment() -> None:
    clock = VirtualClock(START)
    bell = clock.bell()
    seen: list[tuple[bool, datetime]] = []

    async def waiter() -> None:
        seen.append((await bell.wait(after(100)), clock.now()))
        seen.append((await bell.wait(after(110)), clock.now()))

    async def ringer() -> None:
        await clock.sleep(10)
        bell.ring()

    await play(clock, waiter(), ringer())
    assert seen == [(True, after(10)), (False, after(110))]


@pytest.mark.parametrize("ring_first", [False, True])
async def test_a_waiter_cancelled_at_rest_leaves_the_tokens_right(ring_first: bool) -> None:
    clock = VirtualClock(START)
    bell = clock.bell()
    seen: list[datetime] = []

    async def resting() -> None:
        with clock.at_work():
            await bell.wait(after(30))

    async def canceller() -> None:
        victim = asyncio.create_task(resting())
        await turns()
        if ring_first:
            bell.ring()
        victim.cancel()
        await asyncio.gather(victim, return_exceptions=True)
        await turns()
        seen.append(clock.now())
        await clock.sleep(60)
        seen.append(clock.now())

    await play(clock, canceller(), clock.sleep(10))
    assert seen == [START, after(60)]


async def test_nobody_at_work_and_nobody_asleep_is_stalled() -> None:
    clock = VirtualClock(START)
    waiter = asyncio.create_task(clock.bell().wait(None))
    with pytest.raises(Stalled):
        await clock.run()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), min_size=1, max_size=5))
def test_time_runs_forward_and_the_same_way_each_time(naps: list[list[int]]) -> None:
    async def once() -> list[tuple[int, datetime]]:
        clock = VirtualClock(START)
        trace: list[tuple[int, datetime]] = []

        async def actor(number: int) -> None:
            for seconds in naps[number]:
                await clock.sleep(seconds)
                trace.append((number, clock.now()))

        await play(clock, *(actor(number) for number in range(len(naps))))
        return trace

    loop = asyncio.new_event_loop()
    first, second = loop.run_until_complete(once()), loop.run_until_complete(once())
    loop.close()
    moments = [moment for _, moment in first]
    assert (first, moments) == (second, sorted(moments))
    assert moments[-1] == after(max(sum(actor) for actor in naps))


async def test_real_time_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


async def test_a_real_sleep_until_the_past_returns_at_once() -> None:
    clock = SystemClock()
    async with asyncio.timeout(0.2):
        await clock.sleep_until(START)
        await clock.sleep(0)


async def test_a_real_bell_rings() -> None:
    clock = SystemClock()
    bell = clock.bell()
    with clock.at_work():
        waiter = asyncio.create_task(bell.wait(None))
        await turns()
        bell.ring()
        assert await waiter


async def test_a_real_bell_keeps_one_ring_and_then_waits_its_time_out() -> None:
    bell = SystemClock().bell()
    bell.ring()
    bell.ring()
    assert [await bell.wait(START), await bell.wait(START)] == [True, False]

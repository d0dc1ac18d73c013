"""Loops: when they come again, how they back off, what ends them."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from backbone.clock import Stalled, VirtualClock
from backbone.loops import Loop

START = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)


class Work:
    """Does what its list says, one item a run: a due moment in seconds, None, or an error."""

    def __init__(self, clock: VirtualClock, *items: float | Exception | None) -> None:
        self.clock = clock
        self.items: Iterator[float | Exception | None] = iter(items)
        self.ran: list[float] = []

    async def run_once(self) -> datetime | None:
        self.ran.append((self.clock.now() - START).total_seconds())
        item = next(self.items, None)
        if isinstance(item, Exception):
            raise item
        return None if item is None else START + timedelta(seconds=item)


async def run(clock: VirtualClock, loop: Loop, *, until: float = 0.0) -> None:
    """Run a loop in virtual time until a moment, or until nothing is due any more."""

    async def stopper() -> None:
        with clock.at_work():
            await clock.sleep(until)
            loop.stop()

    tasks = [asyncio.create_task(loop.run())]
    if until:
        tasks.append(asyncio.create_task(stopper()))
    driver = asyncio.create_task(clock.run())
    await asyncio.wait([*tasks, driver], return_when=asyncio.FIRST_EXCEPTION)
    for task in (*tasks, driver):
        task.cancel()
    with suppress(Stalled, asyncio.CancelledError):
        await asyncio.gather(*tasks)
    await asyncio.gather(driver, return_exceptions=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


async def test_a_loop_comes_again_at_its_due_moments(clock: VirtualClock) -> None:
    work = Work(clock, 5, 3600, None)
    await run(clock, Loop("test", work.run_once, clock, every=None))
    assert work.ran == [0, 5, 3600]


async def test_a_bound_brings_a_loop_back_before_its_due_moment(clock: VirtualClock) -> None:
    work = Work(clock, 3600, None, 2.5)
    await run(clock, Loop("test", work.run_once, clock, every=1), until=3.2)
    assert work.ran[:4] == [0, 1, 2, 2.5]


async def test_a_ring_brings_a_loop_back_at_once(clock: VirtualClock) -> None:
    work = Work(clock, 3600, None)
    bell = clock.bell()
    bell.ring()
    await run(clock, Loop("test", work.run_once, clock, bell, every=None))
    assert work.ran == [0, 0]


async def test_infrastructures_errors_are_backed_off_ever_longer(clock: VirtualClock) -> None:
    work = Work(clock, *(ConnectionError() for _ in range(7)))
    await run(clock, Loop("test", work.run_once, clock, every=None))
    assert work.ran == [0, 1, 3, 7, 15, 31, 61, 91]


async def test_a_ring_does_not_cut_a_back_off_short(clock: VirtualClock) -> None:
    work = Work(clock, ConnectionError(), ConnectionError(), None)
    loop = Loop("test", work.run_once, clock, every=None)

    async def ringer() -> None:
        with clock.at_work():
            for _ in range(8):
                await clock.sleep(0.25)
                loop.bell.ring()

    ringing = asyncio.create_task(ringer())
    await run(clock, loop, until=10)
    await ringing
    assert work.ran == [0, 1, 3]


async def test_a_success_forgets_the_failures_before_it(clock: VirtualClock) -> None:
    work = Work(clock, TimeoutError(), TimeoutError(), 100, TimeoutError())
    await run(clock, Loop("test", work.run_once, clock, every=None))
    assert work.ran == [0, 1, 3, 100, 101]


async def test_an_outage_of_days_does_not_end_a_loop(clock: VirtualClock) -> None:
    work = Work(clock, *(ConnectionError() for _ in range(1100)))
    await run(clock, Loop("test", work.run_once, clock, every=None))
    assert len(work.ran) == 1101


async def test_any_other_error_ends_the_loop(clock: VirtualClock) -> None:
    with pytest.raises(ZeroDivisionError):
        await run(clock, Loop("test", Work(clock, ZeroDivisionError()).run_once, clock, every=None))


async def test_a_stopped_loop_returns_and_does_not_run_again(clock: VirtualClock) -> None:
    work = Work(clock, 3600)
    await run(clock, Loop("test", work.run_once, clock, every=None), until=10)
    assert work.ran == [0]


async def test_a_loop_stopped_while_it_runs_returns_without_waiting(clock: VirtualClock) -> None:
    async def once() -> datetime | None:
        loop.stop()
        return None

    loop = Loop("test", once, clock, every=None)
    async with asyncio.timeout(0.2):
        await loop.run()

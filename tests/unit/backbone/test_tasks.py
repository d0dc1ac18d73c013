"""Tasks side by side leave nothing behind on the task that waits for them."""

import asyncio

import pytest

from backbone.tasks import lasting, together


async def fail() -> None:
    await asyncio.sleep(0)
    raise ValueError


async def last() -> None:
    await asyncio.sleep(60)


async def number(n: int) -> int:
    return n


async def test_the_results_come_in_the_order_of_the_work() -> None:
    assert await together(number(1), number(2)) == [1, 2]


async def test_one_that_fails_ends_the_others_and_is_told() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await together(fail(), last())

    assert [type(error) for error in caught.value.exceptions] == [ValueError]


async def test_whoever_waited_for_one_that_failed_counts_no_cancellation_and_may_time_out() -> None:
    with pytest.raises(ExceptionGroup):
        await together(fail(), last())

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await last()


async def test_a_cancellation_reaches_all() -> None:
    ended: list[int] = []

    async def wait(n: int) -> None:
        try:
            await last()
        finally:
            ended.append(n)

    waiting = asyncio.create_task(together(wait(1), wait(2)))
    await asyncio.sleep(0.01)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert sorted(ended) == [1, 2]


async def test_what_is_to_last_may_be_cancelled_by_whoever_asks() -> None:
    task = asyncio.create_task(lasting(last()))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_that_nobody_asked_for_ends_a_group_with_an_error() -> None:
    async def dropped() -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="nobody asked"):
        await lasting(dropped())

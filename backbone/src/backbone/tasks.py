"""Tasks side by side, and tasks that are to last."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """What all of them return; where one fails, the others are cancelled and an ExceptionGroup is raised.

    A task group, in a task of its own: where a child fails while its task waits, Python before 3.13 leaves a
    cancellation counted on that task, and with 3.11.2, Debian 12's own, its next timeout would end it without a word.
    """

    async def grouped() -> list[T]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
        return [task.result() for task in tasks]

    return await asyncio.create_task(grouped())


async def lasting(work: Coroutine[Any, Any, None]) -> None:
    """Work for a task group whose end by a cancellation that nobody asked for is an error: the group would pass over it."""
    try:
        await work
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("cancelled, though nobody asked for it") from None

"""The one clock: nothing else in Cetak reads time.

`SystemClock` is real time. `VirtualClock` is for demos and simulation tests in one process: whoever is at work holds
a token (`with clock.at_work()`) and gives it back while it sleeps or waits on the clock; when nobody holds one, the
clock jumps to the next due moment and wakes exactly one sleeper, so weeks run in a minute and the same way each time.

All moments are aware datetimes in UTC; durations are seconds. SQL's mirror is `backbone.now()` (see `database`).
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Bell(Protocol):
    """Wakes one waiting loop. A ring before the wait is kept, rings are not counted."""

    def ring(self) -> None: ...

    async def wait(self, until: datetime | None) -> bool:
        """Wait for a ring, at most `until`; True if it rang. `None` waits for a ring only."""


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def sleep_until(self, moment: datetime) -> None: ...

    async def sleep(self, seconds: float) -> None: ...

    def bell(self) -> Bell: ...

    def at_work(self) -> AbstractContextManager[None]:
        """Hold a token: the clock does not jump while the body runs, except where it sleeps on the clock."""


class SystemBell:
    def __init__(self, clock: "SystemClock") -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, until: datetime | None) -> bool:
        seconds = None if until is None else max(0.0, (until - self._clock.now()).total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def bell(self) -> SystemBell:
        return SystemBell(self)

    def at_work(self) -> AbstractContextManager[None]:
        return nullcontext()


class Stalled(RuntimeError):
    """Nobody is at work and nobody sleeps: virtual time has no next moment."""


class VirtualBell:
    def __init__(self, clock: "VirtualClock") -> None:
        self._clock = clock
        self._rung = False
        self._waiter: asyncio.Future[bool] | None = None

    def ring(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._clock.wake(self._waiter, rung=True)
        else:
            self._rung = True

    async def wait(self, until: datetime | None) -> bool:
        if self._rung:
            self._rung = False
            return True
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            return await self._clock.rest(self._waiter, until)
        finally:
            self._waiter = None


class VirtualClock:
    """Virtual time from `start`; `on_jump` is awaited with each new moment before anyone wakes (the SQL mirror)."""

    def __init__(self, start: datetime, on_jump: Callable[[datetime], Awaitable[None]] | None = None) -> None:
        self._now = start.astimezone(UTC)
        self.on_jump = on_jump
        self._tokens = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[bool]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        await self.rest(asyncio.get_running_loop().create_future(), moment)

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self._now + timedelta(seconds=seconds))

    def bell(self) -> VirtualBell:
        return VirtualBell(self)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._take()
        try:
            yield
        finally:
            self._give_back()

    async def run(self) -> None:
        """Jump from moment to moment for ever; raises Stalled where there is none."""
        while True:
            while self._tokens > 0:
                await self._idle.wait()
            moment, waiter = self._next()
            if moment > self._now:
                self._now = moment
                if self.on_jump is not None:
                    await self.on_jump(moment)
            if not waiter.done():
                self.wake(waiter, rung=False)

    def wake(self, waiter: asyncio.Future[bool], *, rung: bool) -> None:
        """Resolve a resting future and take its token at once, so the clock cannot jump before it runs."""
        self._take()
        waiter.set_result(rung)

    async def rest(self, waiter: asyncio.Future[bool], until: datetime | None) -> bool:
        """Give the token back until the future is resolved by `wake` (which takes it again)."""
        if until is not None:
            heapq.heappush(self._sleepers, (until, next(self._order), waiter))
        self._give_back()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                self._take()
            raise

    def _next(self) -> tuple[datetime, asyncio.Future[bool]]:
        while self._sleepers:
            moment, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                return moment, waiter
        raise Stalled

    def _take(self) -> None:
        self._tokens += 1
        self._idle.clear()

    def _give_back(self) -> None:
        self._tokens -= 1
        if self._tokens <= 0:
            self._idle.set()

"""Background loops, all of one shape: do what is due, say when to come again, sleep until then or until the bell."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from backbone.clock import Bell, Clock
from backbone.database import INFRASTRUCTURE

log = structlog.get_logger()


class Loop:
    """`run_once` returns the next due moment, or None.

    `every` (seconds) bounds the sleep: the guarantee behind the bell. None trusts the bell and the due moment alone.
    Infrastructure's errors are backed off (1 s doubling to 30 s); any other error ends the loop, and the process.
    """

    def __init__(
        self,
        name: str,
        run_once: Callable[[], Awaitable[datetime | None]],
        clock: Clock,
        bell: Bell | None = None,
        *,
        every: float | None,
    ) -> None:
        self.name = name
        self.bell = bell or clock.bell()
        self._run_once = run_once
        self._clock = clock
        self._every = every
        self._stopping = False
        self._failures = 0

    def stop(self) -> None:
        """Return from `run` at the loop's next edge."""
        self._stopping = True
        self.bell.ring()

    async def run(self) -> None:
        with self._clock.at_work():
            while not self._stopping:
                due = await self._step()
                await self._rest(due)

    async def _rest(self, due: datetime | None) -> None:
        """Until the due moment or a ring; after a failure a ring changes nothing, except where the loop is to stop."""
        while not self._stopping:
            await self.bell.wait(due)
            if not self._failures or due is None or self._clock.now() >= due:
                return

    async def _step(self) -> datetime | None:
        try:
            due = await self._run_once()
        except INFRASTRUCTURE as error:
            self._failures += 1
            seconds = min(30.0, 2.0 ** min(self._failures - 1, 5))
            log.warning("loop_backs_off", loop=self.name, seconds=seconds, error=type(error).__name__)
            return self._clock.now() + timedelta(seconds=seconds)
        self._failures = 0
        if self._every is None:
            return due
        bound = self._clock.now() + timedelta(seconds=self._every)
        return bound if due is None else min(due, bound)

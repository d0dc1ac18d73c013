"""One agent's own clock: off by some seconds, and standing still for the agent while it is frozen.

A frozen agent does nothing until it wakes. Its next look at the clock says the time of its waking, and its next effect
outside its own disk waits until then: seen from outside this is a SIGSTOP at that very place.
"""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from backbone.clock import Bell, VirtualClock


class StationClock:
    def __init__(self, base: VirtualClock) -> None:
        self.base = base
        self.off = timedelta()
        self._wake: datetime | None = None

    @property
    def frozen(self) -> bool:
        return self._wake is not None and self.base.now() < self._wake

    def freeze(self, seconds: float) -> None:
        """From now on, for so long."""
        self._wake = self.base.now() + timedelta(seconds=seconds)

    def thaw(self) -> None:
        self._wake = None

    async def awake(self) -> None:
        """Return once the agent is not frozen."""
        while self._wake is not None and self.frozen:
            await self.base.sleep_until(self._wake)

    def now(self) -> datetime:
        true = self.base.now()
        return (true if self._wake is None else max(true, self._wake)) + self.off

    async def sleep_until(self, moment: datetime) -> None:
        await self.base.sleep_until(moment - self.off)
        await self.awake()

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self.now() + timedelta(seconds=seconds))

    def bell(self) -> Bell:
        return _Bell(self)

    def at_work(self) -> AbstractContextManager[None]:
        return self.base.at_work()


class _Bell:
    def __init__(self, clock: StationClock) -> None:
        self._clock = clock
        self._bell = clock.base.bell()

    def ring(self) -> None:
        self._bell.ring()

    async def wait(self, until: datetime | None) -> bool:
        rang = await self._bell.wait(None if until is None else until - self._clock.off)
        await self._clock.awake()
        return rang

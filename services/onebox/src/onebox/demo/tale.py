"""The story's course: everybody comes and goes in virtual time, and each day is told at its end."""

import asyncio
from collections.abc import Coroutine
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any

from backbone.database import Reader
from onebox.console import out
from onebox.demo import scenario, story
from onebox.demo.driver import Actors
from onebox.host import Host

TOLD_AFTER = time(0, 10)
"""Each day is told a little after midnight, when the last card begun before it has come out."""


class Tale:
    """Tells itself while `clock.run` and the host's loops run beside it."""

    def __init__(self, host: Host, reader: Reader, most_days: int) -> None:
        self.actors = Actors(host, self._backlog_out)
        self.imported = 0
        self._clock = host.clock
        self._reader = reader
        self._most_days = most_days
        self._side: set[asyncio.Task[None]] = set()

    async def tell(self) -> None:
        """From the import to the last card; raises where somebody in the story failed."""
        with self._clock.at_work():
            await self._begin()
            for n in range(self._most_days):
                day = scenario.START.date() + timedelta(days=n)
                self._beside(self.actors.counter_day(day))
                await self._clock.sleep_until(
                    datetime.combine(day + timedelta(days=1), TOLD_AFTER, scenario.WIB)
                )
                self._raise_side()
                await self._tell_day(day)
                if await self._reader.fetchval(story.OPEN_LEFT) == 0:
                    return

    async def _begin(self) -> None:
        began = monotonic()
        report = await self.actors.prepare()
        seconds = monotonic() - began
        self.imported = report["accepted"] + report["accepted_with_warning"]
        out.print(
            f"{self.imported} tunggakan diimpor dalam {seconds:.1f} s. Pusat data tutup pukul 15.00 sampai "
            f"{story.dated(scenario.SHORT_UNTIL.date())}.\n"
            f"  {self.imported} owed cards imported in {seconds:.1f} s. The data centre closes at 15:00 until {scenario.SHORT_UNTIL:%A %d %B}."
        )
        self._beside(self.actors.delivery())
        self._beside(self.actors.settle_uncertain())

    async def _tell_day(self, day: date) -> None:
        for line in await story.day_lines(self._reader, day, self.actors.walk_ins_by_day.get(day, 0)):
            out.print(line)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        async def held() -> None:
            with self._clock.at_work():
                await work

        self._side.add(asyncio.create_task(held()))

    def _raise_side(self) -> None:
        for task in [task for task in self._side if task.done()]:
            self._side.remove(task)
            task.result()

    async def _backlog_out(self) -> bool:
        return bool(await self._reader.fetchval(story.BACKLOG_LEFT) == 0)

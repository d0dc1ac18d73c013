"""A station's agent as a process in virtual time: it lives, is killed, starts again on what its disk still has."""

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2

import printer_agent.app
from backbone import failpoints
from backbone.ids import Ids
from backbone.service import Service
from onebox.host import Host
from printer_agent.journal import JournalFull, JournalLocked
from printer_agent.office import Office
from printer_agent.settings import StationSettings
from printer_agent.use_cases import Superseded
from simulator.card_printer.machine import Machine

from .card_session import PhysicsSession
from .line import Line, Register
from .station_clock import StationClock

HEARTBEAT = 30.0
RESTART = 15.0
"""Seconds after which whatever watches over an agent starts it again."""
LIVING: ContextVar["Agent | None"] = ContextVar("LIVING", default=None)


class Crashed(BaseException):
    """The process is gone: no handler of its own may take notice."""


@dataclass(eq=False)
class Trap:
    """At the nth pass of a failpoint from now the agent crashes, or freezes for so many seconds."""

    point: str
    nth: int
    freezes: bool
    seconds: float


class Agent:
    """`live` runs it until `end`. `sick`: when nothing could be expected of it, for whoever judges its promptness."""

    def __init__(
        self, host: Host, station: str, folder: Path, machine: Machine, register: Register, *, seed: str
    ) -> None:
        self.station = station
        self.folder = folder
        self.clock = StationClock(machine.clock)  # type: ignore[arg-type]  # virtual here
        self.passed: Counter[str] = Counter()
        self.line = Line(
            host.app,
            self.clock,
            register,
            asked=lambda call: self._count(f"call.{call}"),
            answered=self._answered,
        )
        self.traps: list[Trap] = []
        self.disk_full = False
        self.ends: list[str] = []
        self.sick: list[tuple[datetime, datetime | None]] = []
        self.starts: list[datetime] = []
        self._host = host
        self._register = register
        self._machine = machine
        self._seed = seed
        self._down = RESTART
        self.wanted = True
        self._tasks: list[asyncio.Task[None]] = []
        self._over = self.clock.base.bell()
        self._closers: tuple[Callable[[], Awaitable[None]], ...] = ()

    async def live(self) -> None:
        """One life after another, a while apart, until `end`."""
        base = self.clock.base
        LIVING.set(self)
        with base.at_work():
            while self.wanted:
                self._down = RESTART
                if self._begin():
                    await self._over.wait(None)
                await self._die()
                await base.sleep(self._down)

    def crash(self, seconds: float) -> None:
        """kill -9 now; started again after so long."""
        self._down = seconds
        for task in self._tasks:
            task.cancel()

    async def end(self) -> None:
        """kill -9, for good."""
        self.wanted = False
        self.crash(0)

    @property
    def alive(self) -> bool:
        return bool(self._tasks) and not self.clock.frozen

    def hit(self, name: str) -> None:
        """What its failpoints do."""
        self._count(name)
        for trap in [trap for trap in self.traps if trap.point == name]:
            trap.nth -= 1
            if trap.nth > 0:
                continue
            self.traps.remove(trap)
            if trap.freezes:
                self.clock.freeze(trap.seconds)
                self.unwell(trap.seconds)
            else:
                self._down = trap.seconds
                raise Crashed(name)

    def unwell(self, seconds: float) -> None:
        """Nothing can be expected of it for so long."""
        now = self.clock.base.now()
        self.sick.append((now, now + timedelta(seconds=seconds)))

    def put_back(self, image: Path) -> None:
        """The disk as it was when the image was made."""
        shutil.rmtree(self.folder)
        shutil.copytree(image, self.folder)

    def copy_to(self, folder: Path) -> None:
        """An image of its disk now."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in self.folder.glob("*.db"):
            source, target = sqlite3.connect(path), sqlite3.connect(folder / path.name)
            source.backup(target)
            source.close()
            target.close()

    def _count(self, name: str) -> None:
        self.passed[name] += 1

    def _begin(self) -> bool:
        now = self.clock.base.now()
        self.starts.append(now)
        client = httpx2.AsyncClient(transport=self.line, base_url="http://cetak")
        token = self._host.token("station", subject=self.station, station=self.station)
        try:
            service = self._built(Office(client, self.station, token))
        except JournalLocked:
            self.ends.append("JournalLocked")
            return False
        except (sqlite3.Error, OSError, JournalFull) as error:
            self.ends.append(type(error).__name__)
            return False
        self._closers = service.on_stop
        self._tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in service.loops]
        self._over = over = self.clock.base.bell()
        for task in self._tasks:
            task.add_done_callback(lambda _: over.ring())
        return True

    def _built(self, office: Office) -> Service:
        parts = self._host.parts
        dice = Random(f"{self._seed}/{len(self.starts)}")
        return printer_agent.app.build(
            StationSettings(station=self.station, folder=self.folder, heartbeat=HEARTBEAT),
            clock=self.clock,
            ids=Ids(self.clock, dice),
            broker=self._register.ears.at(parts.broker),
            authority=parts.authority,
            office=office,
            session=PhysicsSession(self._machine, self.clock),
            every=None,
            synchronous="OFF",
        )

    async def _die(self) -> None:
        now = self.clock.base.now()
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self.ends += [_word(end) for end in ended if end is not None]
        self._tasks = []
        for close in self._closers:
            await close()
        self._closers = ()
        self.clock.thaw()
        self.sick.append((now, None))

    def _answered(self, call: str) -> None:
        """After a start it is well again once its first hello was answered."""
        if call == "hello" and self.sick and self.sick[-1][1] is None:
            self.sick[-1] = (self.sick[-1][0], self.clock.base.now())


def _word(error: BaseException) -> str:
    if isinstance(error, (asyncio.CancelledError, Crashed)):
        return "killed"
    if isinstance(error, Superseded):
        return "Superseded"
    return f"{type(error).__name__}: {error}"


class FullDisk(sqlite3.Connection):
    """A journal's connection that writes nothing while its agent's disk is full."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        agent = LIVING.get()
        if (
            agent is not None
            and agent.disk_full
            and sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")
        ):
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *values)


@contextmanager
def possessed() -> Iterator[None]:
    """Failpoints and journals of agents do as their `Agent` says, while this lasts."""
    hit, connect = failpoints.hit, sqlite3.connect

    def felt(name: str) -> None:
        agent = LIVING.get()
        if agent is not None and name.partition(".")[0] not in ("intake", "scheduler", "gateway"):
            agent.hit(name)

    def fitted(path: Any, **values: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(path, **{"factory": FullDisk, **values})
        return made

    vars(failpoints)["hit"] = felt
    vars(sqlite3)["connect"] = fitted
    try:
        yield
    finally:
        vars(failpoints)["hit"] = hit
        vars(sqlite3)["connect"] = connect

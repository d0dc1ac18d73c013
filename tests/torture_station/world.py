"""One office in virtual time with two stations whose printers have physics; made anew for each schedule."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from tests.conftest import EMPTY
from tests.torture.people import Person, people, registry

from backbone.clock import VirtualClock
from backbone.embedded_postgres import OWNER
from backbone.ids import Ids
from onebox import simulation
from onebox.host import Host, open_host
from onebox.settings import Deployment, StationConfig
from onebox.storage import Storage
from onebox.virtual import virtual_clock
from simulator.card_printer.machine import Machine
from simulator.card_printer.witness import Witness

from .agent import HEARTBEAT, Agent, possessed
from .line import Register
from .plan import STATIONS, Plan

START = datetime(2018, 6, 29, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
DAILY = ("06:00-24:00",) * 7
PACE = 20.0
"""Seconds a card takes."""
IN_HOPPER, ON_SHELF = 4, 16
"""Blanks at each station at first: in the printer, and beside it."""


@dataclass(eq=False)
class Place:
    """A station's room: its printer, the blanks beside it, its agents (a twin may join the first)."""

    machine: Machine
    register: Register
    agents: list[Agent] = field(default_factory=list)
    shelf: int = ON_SHELF

    @property
    def agent(self) -> Agent:
        return self.agents[0]

    @property
    def living(self) -> list[Agent]:
        return [agent for agent in self.agents if agent.wanted]


class Ground:
    """What all schedules share: the database's server, the office's keys, the people whom the centre knows."""

    def __init__(self, base: Path, known: int) -> None:
        self.home = base / "office"
        self.home.mkdir(parents=True)
        self.storage = Storage(self.home)
        self.people = list(people(1, known))

    async def open(self) -> None:
        await self.storage.open(virtual=True)
        # No schedule crashes the machine that the database is on.
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
            await self.rows(f"ALTER SYSTEM SET {setting}")
        await self.rows("SELECT pg_reload_conf()")
        (self.home / "people.csv").write_text(registry(self.people))

    async def close(self) -> None:
        await self.storage.erase()

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(**self.storage.login(OWNER).arguments())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def empty(self) -> None:
        """As on the first day, but for the keys."""
        connection = await asyncpg.connect(**self.storage.login(OWNER).arguments())
        await connection.execute(EMPTY)
        await connection.close()
        for name in ("centre", "stations", "cards", "images"):
            shutil.rmtree(self.home / name, ignore_errors=True)


class World:
    """A running office. Its holder has the clock's token: time passes only in its sleeps."""

    def __init__(self, ground: Ground, plan: Plan, host: Host, clock: VirtualClock) -> None:
        self.ground, self.plan, self.host, self.clock = ground, plan, host, clock
        self.start = clock.now()
        self.accepted: list[str] = []
        self.findings: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.settled = 0
        self.places = {name: self._place(name) for name in STATIONS}
        scopes = {"kiosk": ("kiosk",), "boss": ("supervisor", "operator")}
        self._tokens = {who: host.token(*found, subject=f"{who}-1") for who, found in scopes.items()}

    def _place(self, name: str) -> Place:
        machine = Machine(
            self.clock,
            Ids(self.clock, Random(f"printer/{self.plan.seed}/{name}")),
            blanks=IN_HOPPER,
            seconds_per_card=PACE,
            witness=Witness(),
            spooler=name in self.plan.spoolers,
        )
        return Place(machine, Register())

    @property
    def people(self) -> list[Person]:
        return self.ground.people[: len(self.plan.moments)]

    def add_agent(self, station: str, folder: Path) -> Agent:
        place = self.places[station]
        seed = f"{self.plan.seed}/{station}/{len(place.agents)}"
        agent = Agent(self.host, station, folder, place.machine, place.register, seed=seed)
        place.agents.append(agent)
        self.begin(agent.live())
        return agent

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def ask(self, who: str, method: str, path: str, **values: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[who]}", **values.pop("headers", {})}
        return await self.host.client.request(method, path, headers=headers, **values)

    async def call(self, who: str, method: str, path: str, **values: Any) -> Any:
        """The body of a good answer; anything else is a finding."""
        answer = await self.ask(who, method, path, **values)
        if answer.status_code >= 300:
            self.findings.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer.json()

    async def sleep(self, seconds: float) -> None:
        """Let time pass; raises what went wrong in any task meanwhile."""
        nap = asyncio.ensure_future(self.clock.sleep(seconds))
        await asyncio.wait({nap, *self.tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.remove(task)
            if task.exception() is not None:
                nap.cancel()
                task.result()
        await nap


@asynccontextmanager
async def opened(ground: Ground, plan: Plan) -> AsyncIterator[World]:
    """The office at START, blanks at both stations, agents and printers at work."""
    await ground.empty()
    hours = {f"{name}_hours": DAILY for name in ("counter", "printing", "centre")}
    stations = tuple(StationConfig(id=name, heartbeat=HEARTBEAT) for name in STATIONS)
    deployment = Deployment(stations=stations, hours=hours)
    async with virtual_clock(ground.storage.login(OWNER), START) as clock:
        centre = simulation.centre(
            ground.home, deployment, clock, backlog=ground.home / "people.csv", story=True
        )
        async with open_host(
            ground.home,
            deployment,
            ground.storage,
            clock=clock,
            ids=Ids(clock, Random(plan.seed)),
            centre=centre,
            every=None,
            printing=False,
        ) as host:
            world = World(ground, plan, host, clock)
            with possessed(), clock.at_work():
                try:
                    await _begin(world)
                    yield world
                finally:
                    await _end(world)


async def _begin(world: World) -> None:
    world.begin(world.clock.run())
    world.begin(world.host.run())
    for n, (name, place) in enumerate(world.places.items()):
        world.begin(place.machine.run())
        body = {"note_number": f"SJ-{n}", "blanks": IN_HOPPER + ON_SHELF}
        await world.call("boss", "POST", f"/scheduler/v1/stations/{name}/stock", json=body)
        world.add_agent(name, world.ground.home / "stations" / name)
    await asyncio.sleep(0)


async def _end(world: World) -> None:
    for place in world.places.values():
        for agent in place.agents:
            await agent.end()
    for _ in range(5):
        await asyncio.sleep(0)
    for task in world.tasks:
        task.cancel()
    await asyncio.gather(*world.tasks, return_exceptions=True)

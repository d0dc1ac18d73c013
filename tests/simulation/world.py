"""A small office on virtual time: real services, `null` printers that take their time, a simulated centre."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
from tests.simulation.people import Crowd, as_file
from tests.simulation.scene import DAILY, WIB, Card, Scene

from backbone.clock import VirtualClock
from backbone.embedded_postgres import OWNER
from backbone.ids import Ids
from backbone.migrations import prepare
from onebox import simulation
from onebox.audit import Finding, Witnesses, audit
from onebox.homes import witnesses
from onebox.host import Host, open_host
from onebox.settings import CentreConfig, Deployment, StationConfig
from onebox.virtual import virtual_clock
from simulator.centre import Centre
from simulator.domain.faults import Fault, Outage
from simulator.domain.window import window

STATIONS = ("2102-1", "2102-2")
WEEKDAYS = ("07:30-16:00",) * 5 + ("closed",) * 2
SCOPES = {"kiosk": ("kiosk",), "operator": ("operator",), "supervisor": ("supervisor", "operator")}
CARDS = """SELECT p.id::text, p.kind, p.district, p.source, p.received_at, a.closed_at, a.armed_at
FROM scheduler.attempt a JOIN scheduler.application p ON p.id = a.application_id
WHERE a.state = 'printed' ORDER BY a.closed_at, a.id"""
OPEN = "SELECT count(*) AS n FROM scheduler.application WHERE state <> 'printed'"
STUCK = """SELECT p.kind, p.state, count(*) AS n, min(e.cause || coalesce(': ' || e.reason, '')) AS last
FROM scheduler.application p LEFT JOIN scheduler.event e ON e.application_id = p.id AND e.seq = p.seq
WHERE p.state <> 'printed' GROUP BY 1, 2"""
EXPIRED = "SELECT coalesce(sum(n), 0)::int AS n FROM scheduler.tally WHERE cause = 'approval_expired'"
CALLS = "SELECT at FROM gateway.call_start ORDER BY at"


@dataclass(kw_only=True)
class World:
    """The office while it lives. A test holds the clock's token: time passes only in its sleeps."""

    scene: Scene
    host: Host
    clock: VirtualClock
    centre: Centre
    home: Path
    storage: Any
    accepted: list[str] = field(default_factory=list)
    _background: list[asyncio.Task[None]] = field(default_factory=list)
    _notes: Any = field(default_factory=lambda: count(1))

    async def call(self, who: str, method: str, path: str, **values: Any) -> Any:
        """The body of a good answer to somebody of that scope."""
        token = self.host.token(*SCOPES[who], subject=f"{who}-1")
        headers = {"Authorization": f"Bearer {token}", **values.pop("headers", {})}
        response = await self.host.client.request(method, path, headers=headers, **values)
        assert response.status_code < 300, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    async def begin(self) -> None:
        """Hours, backlog, and everything that comes by itself later."""
        for other in self.scene.other_hours:
            body = {"from": other.from_.isoformat(), "until": other.until.isoformat(), "hours": other.hours}
            path = "/gateway/v1/calendars/centre/overrides"
            await self.call("supervisor", "PUT", path, json=body | {"reason": "pusat data tutup lebih awal"})
        await self._deliver_due()
        if self.scene.backlog:
            report = await self.call(
                "supervisor",
                "POST",
                "/intake/v1/imports",
                params={"name": "tunggakan.csv"},
                content=as_file(self.scene.backlog).encode(),
                headers={"Content-Type": "text/csv"},
            )
            assert report["rejected"] == report["duplicates"] == 0, report
        self._background.append(asyncio.create_task(self._held_walk_ins()))
        self._background.append(asyncio.create_task(self._held_deliveries()))

    async def _deliver_due(self) -> None:
        for at, blanks in self.scene.deliveries:
            if at <= self.clock.now():
                await self._deliver(blanks)

    async def _deliver(self, blanks: int) -> None:
        for station in STATIONS:
            body = {"note_number": f"SJ-{next(self._notes)}", "blanks": blanks}
            await self.call("operator", "POST", f"/scheduler/v1/stations/{station}/stock", json=body)

    async def _held_deliveries(self) -> None:
        with self.clock.at_work():
            for at, blanks in sorted(self.scene.deliveries):
                if at > self.scene.start:
                    await self.clock.sleep_until(at)
                    await self._deliver(blanks)

    async def _held_walk_ins(self) -> None:
        with self.clock.at_work():
            for who in sorted(self.scene.walk_ins, key=lambda who: who.at):
                await self.clock.sleep_until(who.at)
                key = {"Idempotency-Key": f"kiosk-{who.nik}"}
                path = "/intake/v1/applications"
                answer = await self.call("kiosk", "POST", path, json=who.body(), headers=key)
                self.accepted.append(answer["application_id"])

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(**self.storage.login(OWNER).arguments())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def cards(self) -> list[Card]:
        """In order of their printing."""
        return [
            Card(
                id=row["id"],
                kind=row["kind"],
                district=row["district"],
                source=row["source"],
                received_at=row["received_at"].astimezone(WIB),
                armed_at=row["armed_at"].astimezone(WIB),
                closed_at=row["closed_at"].astimezone(WIB),
            )
            for row in await self.rows(CARDS)
        ]

    async def left(self) -> int:
        """How many have no card yet."""
        return int((await self.rows(OPEN))[0]["n"])

    async def expired(self) -> int:
        """How many approvals ended unused."""
        return int((await self.rows(EXPIRED))[0]["n"])

    async def calls(self) -> list[datetime]:
        """When the gateway called the centre."""
        return [row["at"].astimezone(WIB) for row in await self.rows(CALLS)]

    async def explain(self, application_id: str) -> set[str]:
        """Why it waits, in codes."""
        path = f"/scheduler/v1/applications/{application_id}/explain"
        return {blocker["code"] for blocker in (await self.call("operator", "GET", path))["blockers"]}

    async def sleep_until(self, moment: datetime) -> None:
        """Let time pass; raises what went wrong in any loop meanwhile."""
        nap = asyncio.ensure_future(self.clock.sleep_until(moment))
        while not nap.done():
            running = {task for task in self._background if not task.done()}
            await asyncio.wait({nap, *running}, return_when=asyncio.FIRST_COMPLETED)
            for task in self._background:
                if task.done() and task.exception() is not None:
                    nap.cancel()
                    task.result()

    async def until_all_printed(self, *, by: datetime) -> datetime:
        """Let time pass until nobody waits; the moment of the last card. Fails where that is later than `by`."""
        while await self.left() or len(self.accepted) < len(self.scene.walk_ins):
            assert self.clock.now() < by, f"still without a card: {await self.rows(STUCK)}"
            await self.sleep_until(self.clock.now() + timedelta(hours=1))
        return (await self.cards())[-1].closed_at

    async def findings(self) -> list[Finding]:
        """Every promise a good minute later: first come and floors replayed from the release log, and all the rest."""
        await self.sleep_until(self.clock.now() + timedelta(minutes=2))
        seen = witnesses(self.home)
        canaries = [fact for who in self.scene.walk_ins[:20] for fact in (who.nik, who.body()["full_name"])]
        found = Witnesses(
            accepted=self.accepted, prints=seen.prints or [], calls=seen.calls or [], canaries=canaries
        )
        return await audit(self.storage.login("audit"), found)


class Stored:
    """What the host asks of a storage, over a test's own database."""

    def __init__(self, databases: Any) -> None:
        self._databases = databases

    def login(self, role: str, schema: str = "public") -> Any:
        return self._databases.postgres.login(role, schema, self._databases.name)


@asynccontextmanager
async def open_world(databases: Any, home: Path, crowd: Crowd, scene: Scene) -> AsyncIterator[World]:
    """The office at the scene's start, begun."""
    storage: Any = Stored(databases)
    await prepare(databases.owner(), virtual=True)
    deployment = Deployment(
        stations=tuple(
            StationConfig(id=name, driver="null", seconds_per_card=scene.seconds, heartbeat=3600)
            for name in STATIONS
        ),
        centre=CentreConfig(calls_per_hour=scene.calls_per_hour),
        scheduler={"silent": 5400, "gone": 7200},
        hours={"counter_hours": WEEKDAYS, "printing_hours": DAILY, "centre_hours": scene.hours},
    )
    async with virtual_clock(databases.owner(), scene.start) as clock:
        people = crowd.registry(home / "people.csv")
        app = simulation.centre(home, deployment, clock, backlog=people, story=True)
        centre: Centre = app.state.centre
        centre.calendar = window(scene.hours, scene.other_hours)
        for from_, until, retry in scene.outages:
            centre.outages.append(Outage(from_=from_, until=until, fault=Fault(retry_after=retry)))
        ids = Ids(clock, Random(7))
        async with open_host(home, deployment, storage, clock=clock, ids=ids, centre=app, every=None) as host:
            world = World(scene=scene, host=host, clock=clock, centre=centre, home=home, storage=storage)
            with clock.at_work():
                world._background += [asyncio.create_task(work) for work in (clock.run(), host.run())]
                try:
                    await asyncio.sleep(0)
                    await world.begin()
                    yield world
                finally:
                    for task in world._background:
                        task.cancel()
                    await asyncio.gather(*world._background, return_exceptions=True)

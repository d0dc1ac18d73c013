"""All services in one process, on one port, over one database: the same services as the distributed form.

Calls between them go through httpx's ASGI transport. `open` prepares and builds, `run` runs the loops until `stop`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx2
import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from backbone.auth import Authority
from backbone.broker import EmbeddedBroker
from backbone.clock import Clock
from backbone.ids import Ids
from backbone.loops import Loop
from backbone.rights import Actor
from backbone.service import Service
from backbone.tasks import lasting
from onebox import front
from onebox.keys import load_or_make
from onebox.parts import (
    Fault,
    Parts,
    build_gateway,
    build_intake,
    build_scheduler,
    build_station,
    gateway_settings,
)
from onebox.settings import Deployment
from onebox.storage import Storage
from printer_agent.card_face import CardFace
from printer_agent.office import Office

log = structlog.get_logger()

LONG = timedelta(days=3650)


class Host:
    """One office's services, open. Tokens it issues are of its office unless a prefix says otherwise."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.clock = parts.clock
        self.services: list[Service] = []
        self.app = Starlette()
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app), base_url="http://cetak", timeout=60
        )

    def token(self, *scopes: str, subject: str, station: str | None = None, valid: timedelta = LONG) -> str:
        actor = Actor(
            subject=subject, scopes=frozenset(scopes), prefix=self.parts.deployment.office, station=station
        )
        return self.parts.authority.issue(actor, valid)

    @property
    def loops(self) -> list[Loop]:
        return [loop for service in self.services for loop in service.loops]

    def add(self, service: Service) -> None:
        self.services.append(service)
        self.app.router.routes.append(Mount(f"/{service.name}", service.app))

    def add_stations(self) -> None:
        face = CardFace()
        for station in self.parts.deployment.stations:
            token = self.token("station", subject=station.id, station=station.id)
            self.add(build_station(self.parts, station, Office(self.client, station.id, token), face))

    def add_front(self, centre: FastAPI | None) -> None:
        """The page of links, and the simulated centre where there is one."""
        names = [service.name for service in self.services]
        pages = front.routes(self.parts.deployment.office, names, simulated=centre is not None)
        self.app.router.routes.extend(
            [*pages, *([Mount("/simulator", centre)] if centre is not None else [])]
        )

    async def start(self) -> None:
        await self.open_databases()
        await self.act_on_start()

    async def open_databases(self) -> None:
        """Make the pools; they connect when they are used."""
        for service in self.services:
            for database in service.databases:
                await database.open()

    async def act_on_start(self) -> None:
        """What each service does before its first request; may be done again."""
        for service in self.services:
            for act in service.on_start:
                await act()

    async def enrol(self) -> None:
        """Make the office's stations known; changes nothing where they are."""
        headers = {"Authorization": "Bearer " + self.token("supervisor", subject="init")}
        for station in self.parts.deployment.stations:
            body = {"id": station.id, "office": self.parts.deployment.office}
            answer = await self.client.post("/scheduler/v1/stations", json=body, headers=headers)
            answer.raise_for_status()

    async def run(self) -> None:
        """Run every loop; returns when all have stopped, raises what ended one."""
        async with asyncio.TaskGroup() as group:
            for loop in self.loops:
                group.create_task(lasting(loop.run()), name=loop.name)

    def stop(self) -> None:
        """Ask every loop to end at its next edge."""
        for loop in self.loops:
            loop.stop()

    async def close(self) -> None:
        for service in reversed(self.services):
            for act in service.on_stop:
                await act()
        for service in self.services:
            for database in service.databases:
                await database.close()
        await self.client.aclose()


@asynccontextmanager
async def open_host(
    home: Path,
    deployment: Deployment,
    storage: Storage,
    *,
    clock: Clock,
    ids: Ids,
    centre: FastAPI | None,
    every: float | None = 1.0,
    chaos: Random | None = None,
    fault: Fault | None = None,
    printing: bool = True,
) -> AsyncIterator[Host]:
    """An office on an open storage. `centre`: the simulator's app where no real centre is configured.

    `printing`: with stations; the command line opens an office without them to read or change something.
    """
    keys = load_or_make(home / "keys.json")
    parts = Parts(
        home=home,
        deployment=deployment,
        storage=storage,
        clock=clock,
        ids=ids,
        keys=keys,
        authority=Authority(clock, public=keys.public, private=keys.private),
        broker=EmbeddedBroker(),
        every=every,
        chaos=chaos,
        fault=fault,
    )
    host = Host(parts)
    settings = gateway_settings(deployment)
    to_centre = (
        settings.client() if centre is None else httpx2.AsyncClient(transport=httpx2.ASGITransport(centre))
    )
    async with to_centre:
        for service in (
            build_intake(parts),
            build_scheduler(parts),
            build_gateway(parts, settings, to_centre),
        ):
            host.add(service)
        if printing:
            host.add_stations()
        host.add_front(centre)
        await host.start()
        try:
            await host.enrol()
            yield host
        finally:
            await host.close()

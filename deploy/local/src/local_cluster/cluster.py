"""The distributed form on one machine: PostgreSQL, a private RabbitMQ and one process a service, under one home folder."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from local_cluster.layout import Environment, layout
from local_cluster.process import Process
from local_cluster.rabbit_node import RabbitNode
from onebox.keys import load_or_make
from onebox.settings import Deployment, StationConfig, read, write
from onebox.storage import Storage

ALWAYS = ("00:00-24:00",) * 7
STATIONS = ("2102-1", "2102-2")
LAST = ("simulator", "scheduler", "gateway", "intake")
"""Stopped after the stations and the front, whose calls they answer."""


class Cluster:
    """All processes of one office. `async with cluster:` starts it and stops it; each process can be had by its name.

    Ports from `port` on: the front, RabbitMQ (three), then one a process. A home without an office gets one that is open
    day and night. `overrides` is environment by process name and wins: a test puts a proxy between two processes by it
    (`{"gateway": {"CETAK_CENTRE_URL": ...}}`). The simulator plays the centre; it takes `CETAK_SIMULATOR_...` likewise.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        stations: Sequence[str] = STATIONS,
        *,
        intakes: int = 1,
        schedulers: int = 1,
        gateways: int = 1,
        front: bool = False,
        deployment: Deployment | None = None,
        database_url: str | None = None,
        log_level: str = "INFO",
        overrides: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.home = home.resolve()
        self.deployment = read(self.home) or deployment or _always_open(stations)
        names = [station.id for station in self.deployment.stations]
        self.plan = layout(
            port, names, intakes=intakes, schedulers=schedulers, gateways=gateways, front=front
        )
        self.rabbit = RabbitNode(self.home / "rabbitmq", self.plan.rabbit_port, names)
        self.storage = Storage(self.home, database_url)
        self.overrides = {name: dict(said) for name, said in (overrides or {}).items()}
        self._environment = Environment(
            home=self.home,
            plan=self.plan,
            password=lambda user: self.rabbit.address(user).password,
            database_url=database_url,
            log_level=log_level,
            overrides=self.overrides,
        )
        self.processes: dict[str, Process] = {}

    async def start(self) -> None:
        """Start everything, and wait until every process is ready. Raises RabbitFailed, PostgresFailed, NotReady."""
        await self.lay_ground()
        self.launch()
        await self.until_ready()

    async def lay_ground(self) -> None:
        """Settings and keys, PostgreSQL with its schemas, RabbitMQ with its queues and users."""
        write(self.home, self.deployment)
        load_or_make(self.home / "keys.json")
        known = (self.rabbit.folder / "data").exists()
        await asyncio.gather(self.rabbit.start(), self.storage.open())
        if known:
            await self.rabbit.apply()

    def launch(self) -> None:
        """Start the services' processes; none of them waits for another."""
        for member in self.plan.members:
            self.processes[member.name] = Process(
                member.name,
                member.arguments,
                self._environment.of(member),
                url=member.url,
                ready=member.ready,
                log=self.home / "logs" / f"{member.name}.log",
            )
            self.processes[member.name].launch()

    async def until_ready(self) -> None:
        await asyncio.gather(*(process.until_ready() for process in self.processes.values()))

    async def stop(self) -> dict[str, int | None]:
        """Stop everything, whoever calls before whoever answers; the processes' exit codes by name."""
        codes: dict[str, int | None] = {}
        callers = [name for name in self.processes if self._service(name) not in LAST]
        for names in (callers, [name for name in self.processes if name not in callers]):
            ended = await asyncio.gather(*(self.processes[name].stop() for name in names))
            codes |= dict(zip(names, ended, strict=True))
        await asyncio.gather(self.rabbit.stop(), self.storage.close())
        return codes

    def erase(self) -> None:
        """Forget a stopped cluster's queues and database: for tests."""
        self.rabbit.erase()
        if self.storage.postgres is not None:
            self.storage.postgres.erase()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def url(self, name: str) -> str:
        """The origin of a process: its paths begin with `/intake`, `/stations/<id>` and so on."""
        return next(member.url for member in self.plan.members if member.name == name)

    def _service(self, name: str) -> str:
        return next(member.service for member in self.plan.members if member.name == name)


def _always_open(stations: Sequence[str]) -> Deployment:
    hours = {f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")}
    return Deployment(stations=tuple(StationConfig(id=name) for name in stations), hours=hours)

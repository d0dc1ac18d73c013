"""One office over real HTTP with many stations: real agent processes (`cetak serve station`), printers on a real port.

Office, simulated centre and printers live in this process, in real time; agents are children that may be killed and
stopped. No broker runs: an agent looks by itself every second.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.torture.people import body, people, registry

from backbone.clock import SystemClock
from backbone.embedded_postgres import OWNER
from backbone.ids import Ids
from onebox import simulation
from onebox.host import Host, open_host
from onebox.serving import serve_app
from onebox.settings import Deployment, StationConfig, write
from onebox.storage import Storage
from simulator.card_printer.machine import Machine
from simulator.card_printer.service import create_app
from simulator.card_printer.witness import Witness

from .workers import Nursery, Worker

ALWAYS = ("00:00-24:00",) * 7
PACE = 0.2
BLANKS = 200
FREEZE = 2.0
"""Seconds after which an agent that was stopped sends nothing any more: 30 in the world."""
AT_ONCE = 6
"""Agents that are struck side by side: more would want more than two processors."""
KNOWN = 1000
NOBODY = "amqp://nobody:nothing@127.0.0.1:9/cetak"
BOARD = """SELECT id::text, station, state, armed_at FROM scheduler.attempt WHERE state IN ('armed', 'uncertain')
ORDER BY fence"""
STATIONS = "SELECT id, state, run, printer_reasons FROM scheduler.station"
UNPRINTED = "SELECT count(*) FROM scheduler.application WHERE state <> 'printed'"


class Shop:
    """A running one; made by `opened`. `held`: stations that a test tends by itself."""

    def __init__(self, home: Path, stations: tuple[str, ...], port: int) -> None:
        self.home, self.port = home, port
        self.clock = SystemClock()
        self.ids = Ids(self.clock)
        self.storage = Storage(home)
        self.machines = {name: self._machine(name) for name in stations}
        self.accepted: list[str] = []
        self.held: set[str] = set()
        self.workers: list[Worker] = []
        self.host: Host
        self.tokens: dict[str, str] = {}
        self.board: list[dict[str, Any]] = []
        self.stations: list[dict[str, Any]] = []
        self.unprinted = 0
        self.closed = False
        self.room = asyncio.Semaphore(AT_ONCE)
        self._people = people(1, KNOWN)
        self._nursery = Nursery()

    def _machine(self, name: str) -> Machine:
        log = Witness(self.home / "printers" / f"{name}.jsonl")
        return Machine(self.clock, self.ids, blanks=BLANKS, seconds_per_card=PACE, witness=log)

    def uri(self, station: str) -> str:
        return f"ipp://127.0.0.1:{self.port + 1}/p/{station}/ipp/print"

    @property
    def deployment(self) -> Deployment:
        return Deployment(
            stations=tuple(
                StationConfig(id=name, driver="ipp", printer_uri=self.uri(name), heartbeat=1.0)
                for name in self.machines
            ),
            hours={f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")},
        )

    def start(
        self, station: str, *, failpoint: str = "", home: Path | None = None, clock_off: float = 0
    ) -> Worker:
        """An agent as a process of its own, as `cetak serve station` makes it."""
        environment = {
            "CETAK_HOME": str(home or self.home),
            "CETAK_PORT": "0",
            "CETAK_LOG_LEVEL": "WARNING",
            "CETAK_BROKER_URL": NOBODY,
            "CETAK_SCHEDULER_URL": f"http://127.0.0.1:{self.port}",
            "CETAK_GATEWAY_URL": f"http://127.0.0.1:{self.port}",
            "CETAK_TOKEN": self.tokens[station],
            "CETAK_FAILPOINT": failpoint,
            "CETAK_STATION_RETRY": "0.5",
            "CETAK_STATION_FREEZE": str(FREEZE),
        }
        log = str(self.home / f"{station}.log")
        worker = self._nursery.bear(station=station, environment=environment, log=log, clock_off=clock_off)
        self.workers.append(worker)
        return worker

    def cards(self, station: str) -> list[str]:
        """The attempts whose cards came out of a station's printer, good or bad."""
        return [came.job_name for came in self.machines[station].witness.seen]

    async def ask(self, method: str, path: str, **values: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens['boss']}"}
        return await self.host.client.request(method, path, headers=headers, **values)

    async def call(self, method: str, path: str, **values: Any) -> Any:
        answer = await self.ask(method, path, **values)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def say(self, station: str, word: str) -> None:
        path = f"/scheduler/v1/stations/{station}/{word}"
        await self.call("POST", path, json={"reason": "diperiksa di tempat"})

    def open_at(self, station: str) -> list[str]:
        """The attempts that hold a station, as the board showed them last."""
        return [row["id"] for row in self.board if row["station"] == station]

    def run_of(self, station: str) -> int:
        """The run that the office knows of a station, as seen last."""
        (run,) = (row["run"] for row in self.stations if row["id"] == station)
        return int(run)

    async def watch(self) -> None:
        """Keep the board, for ever: one look for all who wait."""
        connection = await asyncpg.connect(**self.storage.login(OWNER).arguments())
        try:
            while True:
                self.board = [dict(row) for row in await connection.fetch(BOARD)]
                self.stations = [dict(row) for row in await connection.fetch(STATIONS)]
                self.unprinted = await connection.fetchval(UNPRINTED)
                await asyncio.sleep(0.15)
        finally:
            await connection.close()

    async def come(self) -> None:
        """One person at the kiosk."""
        person = next(self._people)
        headers = {
            "Idempotency-Key": f"kiosk-{person['nik']}",
            "Authorization": f"Bearer {self.tokens['kiosk']}",
        }
        answer = await self.host.client.post("/intake/v1/applications", json=body(person), headers=headers)
        answer.raise_for_status()
        self.accepted.append(answer.json()["application_id"])

    async def settle(self) -> None:
        """By what lies in the bins, once the printer is quiet."""
        for attempt in [row for row in self.board if row["state"] == "uncertain"]:
            machine = self.machines[attempt["station"]]
            if machine.quiet:
                good, bad = attempt["id"] in machine.bins.good, attempt["id"] in machine.bins.reject
                verdict = "printed" if good else "spoiled" if bad else "intact"
                said = {
                    "verdict": verdict,
                    "second_person": "saksi-tono",
                    "note": "dicari di baki dan di hopper",
                }
                await self.ask("POST", f"/scheduler/v1/attempts/{attempt['id']}/reconcile", json=said)

    async def tend(self, *, overdue: float = 12.0) -> None:
        """The people's rounds, for ever: settle, declare lost what holds a card too long, bring back what was stopped."""
        while True:
            await self.settle()
            now = datetime.now(UTC)
            for attempt in self.board:
                late = (now - attempt["armed_at"]).total_seconds()
                if attempt["state"] == "armed" and late > overdue and attempt["station"] not in self.held:
                    await self.say(attempt["station"], "lost")
            busy = {attempt["station"] for attempt in self.board} | self.held
            for station in self.stations:
                if station["state"] in ("lost", "paused") and station["id"] not in busy:
                    await self.say(station["id"], "resume")
            await asyncio.sleep(0.3)

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(**self.storage.login(OWNER).arguments())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
        self._nursery.end()


@asynccontextmanager
async def opened(home: Path, stations: tuple[str, ...], port: int) -> AsyncIterator[Shop]:
    """Office and printers at work on `port` and the next; no agent yet."""
    shop = Shop(home, stations, port)
    write(home, shop.deployment)
    (home / "people.csv").write_text(registry(list(people(1, KNOWN))))
    await shop.storage.open()
    for setting in ("fsync = off", "synchronous_commit = off"):
        await shop.rows(f"ALTER SYSTEM SET {setting}")
    await shop.rows("SELECT pg_reload_conf()")
    try:
        centre = simulation.centre(home, shop.deployment, shop.clock, backlog=home / "people.csv", story=True)
        async with open_host(
            home,
            shop.deployment,
            shop.storage,
            clock=shop.clock,
            ids=shop.ids,
            centre=centre,
            every=0.5,
            printing=False,
        ) as host:
            shop.host = host
            async with _serving(shop, host):
                yield shop
    finally:
        shop.end()
        await shop.storage.erase()


@asynccontextmanager
async def _serving(shop: Shop, host: Host) -> AsyncIterator[None]:
    scopes = {"kiosk": ("kiosk",), "boss": ("supervisor", "operator")}
    shop.tokens = {who: host.token(*found, subject=f"{who}-1") for who, found in scopes.items()}
    shop.tokens |= {name: host.token("station", subject=name, station=name) for name in shop.machines}
    asked = asyncio.Event()
    printers = Starlette(
        routes=[
            Mount(f"/p/{name}", create_app(machine, shop.uri(name)))
            for name, machine in shop.machines.items()
        ]
    )

    async def motors() -> None:
        await asyncio.gather(*(machine.run() for machine in shop.machines.values()))

    async def stop() -> None:
        host.stop()

    async def leave() -> None:
        for task in work[1:3]:
            task.cancel()

    work = [
        asyncio.create_task(
            serve_app(host.app, "127.0.0.1", shop.port, asked=asked, run=host.run, stop=stop)
        ),
        asyncio.create_task(motors()),
        asyncio.create_task(shop.watch()),
        asyncio.create_task(
            serve_app(printers, "127.0.0.1", shop.port + 1, asked=asked, run=asked.wait, stop=leave)
        ),
    ]
    try:
        for n, name in enumerate(shop.machines):
            delivery = {"note_number": f"SJ-{n}", "blanks": BLANKS}
            await shop.call("POST", f"/scheduler/v1/stations/{name}/stock", json=delivery)
        yield
    finally:
        asked.set()
        await asyncio.gather(*work, return_exceptions=True)

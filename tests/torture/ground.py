"""The distributed form on this machine, to be hurt: one process a service, two schedulers, two gateways, two stations.

Proxies stand in the links: between all services and the broker, the gateways and the centre, the kiosks and intake, each
station and its scheduler and gateway. Kiosks and the first station come through the front, the second station goes to
the twins themselves. The database is reached through its socket.
"""

import asyncio
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Self
from urllib.parse import quote

import httpx2

from backbone.auth import Authority
from backbone.clock import SystemClock
from backbone.database import Login
from backbone.definitions import VHOST
from backbone.embedded_postgres import EmbeddedPostgres
from backbone.rights import Actor
from local_cluster.cluster import ALWAYS, Cluster
from local_cluster.layout import Member
from local_cluster.process import Process
from onebox.keys import load_or_make
from onebox.settings import Deployment, StationConfig

from .failpoint_names import owner, without_ipp
from .kiosk import client
from .people import people, registry
from .proxy import Proxy
from .schedule import Targets

PORT = 26300
PROXIES = 50
"""The first proxy's port, counted from the cluster's first."""
STATIONS = ("2102-1", "2102-2")
PLANTED = Path(__file__).parent / "planted"
PACE = 0.15
"""Seconds a card takes: long enough to be killed in."""
BLANKS = 20_000
KNOWN = 15_000


class Ground:
    """Make it with `open`, end it with `close`. `processes`: all that may be hurt, by name; the centre is the world's."""

    def __init__(self, home: Path, port: int, *, mutant: str, scale: float) -> None:
        self.home = home
        self._scale = scale
        self._mutant = mutant
        self._overrides: dict[str, dict[str, str]] = {}
        terms = {"silent": 90 / scale, "gone": 300 / scale, "verifying_due_minutes": 0.6}
        self._cluster = Cluster(
            home,
            port,
            schedulers=2,
            gateways=2,
            front=True,
            deployment=Deployment(
                stations=tuple(
                    StationConfig(id=name, heartbeat=20 / scale, seconds_per_card=PACE) for name in STATIONS
                ),
                hours={f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")},
                scheduler=terms,
            ),
        )
        self._members = {member.name: member for member in self._cluster.plan.members}
        self.processes = tuple(name for name in self._members if name != "simulator")
        self.stations = tuple(name for name in self.processes if name.startswith("station-"))
        self.node = self._cluster.rabbit
        ends = {"broker": self._cluster.plan.rabbit_port, "centre": self._members["simulator"].port}
        front = self._members["front"].port
        ends |= dict.fromkeys(("intake", "scheduler", "gateway"), front)
        ends |= {name: self._members[name].port for name in ("scheduler-2", "gateway-2")}
        self.links = {name: Proxy(port + PROXIES + n, end) for n, (name, end) in enumerate(ends.items())}
        self._expected: Counter[str] = Counter()
        self._deaths: list[str] = []
        self._lines: list[httpx2.AsyncClient] = []
        self.call_log = home / "centre" / "calls.jsonl"

    @classmethod
    async def open(cls, base: Path, *, mutant: str = "", scale: float = 1, port: int = PORT) -> Self:
        """A fresh one under `base`, at work, with blanks at both stations; `scale` shortens its waiting times."""
        home = base / "ground"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        found = cls(home, port, mutant=mutant, scale=scale)
        try:
            await found._make()
        except BaseException:
            await found.close()
            raise
        return found

    async def close(self) -> None:
        """End every process and forget everything."""
        for line in self._lines:
            await line.aclose()
        for process in self._cluster.processes.values():
            await process.kill9()
        for proxy in self.links.values():
            await proxy.stop()
        await self._cluster.stop()
        self._cluster.erase()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def postgres(self) -> EmbeddedPostgres:
        assert self._cluster.storage.postgres is not None
        return self._cluster.storage.postgres

    @property
    def targets(self) -> Targets:
        return Targets(
            processes=self.processes,
            # The broker is behind every second broken link: it is what all others hang on.
            links=(*("broker",) * (len(self.links) - 2), *self.links),
            queues=("intake", "scheduler", "gateway"),
            roles=("intake", "scheduler", "gateway"),
            failpoints=[(name, owner(name, station=self.stations[0])) for name in without_ipp()],
        )

    def login(self, role: str) -> Login:
        return self._cluster.storage.login(role)

    def line(self, service: str, scope: str) -> httpx2.AsyncClient:
        """A client with a token; the kiosk's goes through the proxy, as the public does."""
        keys = load_or_make(self.home / "keys.json")
        authority = Authority(SystemClock(), public=keys.public, private=keys.private)
        actor = Actor(subject=f"{scope}-1", scopes=frozenset({scope}), prefix="21.02")
        port = self.links[service].port if scope == "kiosk" else self._members[service].port
        made = client(f"http://127.0.0.1:{port}", authority.issue(actor, timedelta(hours=12)))
        self._lines.append(made)
        return made

    def twins(self, name: str) -> list[str]:
        """All processes that do the same work."""
        member = self._members[name]
        if member.service == "station":
            return [name]
        return [other.name for other in self._members.values() if other.service == member.service]

    def tray(self, station: str, attempt: str) -> Path:
        """Where a station's card lies, if it came out."""
        return self.home / "cards" / f"{attempt}.pdf"

    def print_logs(self) -> list[Path]:
        return [self.home / "cards" / "prints.jsonl"]

    def texts(self) -> list[Path]:
        """What no personal data may stand in."""
        return [*self.print_logs(), self.call_log, *sorted((self.home / "logs").glob("*.log"))]

    def evidence(self) -> list[Path]:
        brokers = (self.node.folder / "log").glob("*.log")
        return [path for path in (*self.texts(), *brokers) if path.exists()]

    def alive(self, name: str) -> bool:
        return name in self._cluster.processes and self._process(name).alive

    def pause(self, name: str) -> None:
        self._process(name).pause()

    def resume(self, name: str) -> None:
        self._process(name).resume()

    async def kill9(self, name: str) -> None:
        if self.alive(name):
            self._expected[name] += 1
            await self._process(name).kill9()

    async def until_dead(self, name: str) -> None:
        while self.alive(name):
            await asyncio.sleep(0.02)

    async def start(self, name: str, failpoint: str = "") -> None:
        """Start a process that does not run; with a failpoint set it may die before it is ready."""
        if self.alive(name):
            return
        self._note_death(name)
        process = self._process(name)
        process.environment["CETAK_FAILPOINT"] = failpoint
        if failpoint:
            self._expected[name] += 1
        process.launch()

    def deaths(self) -> list[str]:
        """Processes that ended though nobody ended them, so far."""
        for name in self.processes:
            if not self.alive(name):
                self._note_death(name)
        return list(self._deaths)

    def _note_death(self, name: str) -> None:
        if not self._expected[name]:
            self._deaths.append(f"{name} ended by itself, exit code {self._process(name).exit_code}")
        self._expected[name] = 0

    def _process(self, name: str) -> Process:
        return self._cluster.processes[name]

    async def _make(self) -> None:
        (self.home / "people.csv").write_text(registry([*people(1, KNOWN)]), encoding="utf-8")
        for proxy in self.links.values():
            await proxy.start()
        self._cluster.overrides |= {name: self._told(member) for name, member in self._members.items()}
        await self._cluster.start()
        boss = self.line("scheduler", "supervisor")
        for n, station in enumerate(STATIONS):
            body = {"note_number": f"SJ-{n}", "blanks": BLANKS}
            answer = await boss.post(f"/scheduler/v1/stations/{station}/stock", json=body)
            answer.raise_for_status()

    def _told(self, member: Member) -> dict[str, str]:
        """The way through the proxies, and the times to be short."""
        found = {"CETAK_MUTANT": self._mutant, "PYTHONPATH": str(PLANTED)} if self._mutant else {}
        if member.user is not None:
            secret = quote(self.node.address(member.user).password, safe="")
            found["CETAK_BROKER_URL"] = f"amqp://{member.user}:{secret}@{self._through('broker')}/{VHOST}"
        if member.service == "simulator":
            found |= {
                "CETAK_SIMULATOR_BACKLOG": str(self.home / "people.csv"),
                "CETAK_SIMULATOR_LATENCY_LOW": "0.02",
                "CETAK_SIMULATOR_LATENCY_HIGH": "0.2",
            }
        elif member.service == "intake":
            found |= {"CETAK_INTAKE_ASK_IN_FLIGHT": "36", "CETAK_INTAKE_ASK_AT_REST": "36"}
        elif member.service == "gateway":
            found |= {
                "CETAK_CENTRE_URL": f"http://{self._through('centre')}/simulator",
                "CETAK_GATEWAY_TIMEOUT_SECONDS": str(30 / self._scale),
            }
        elif member.service == "station":
            twin = "" if member.name == self.stations[0] else "-2"
            found |= {
                "CETAK_SCHEDULER_URL": f"http://{self._through(f'scheduler{twin}')}",
                "CETAK_GATEWAY_URL": f"http://{self._through(f'gateway{twin}')}",
            }
        return found

    def _through(self, link: str) -> str:
        return f"127.0.0.1:{self.links[link].port}"

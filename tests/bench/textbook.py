"""The end-to-end textbook's processes on the bench's own PostgreSQL and RabbitMQ, and the people who come to it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from tests.bench.parts import Spec
from tests.bench.stage import Stage, WrongResult, end, heard, listens
from tests.bench.walk_in import FIELDS

from local_cluster.process import Process
from onebox.audit.check import read_log
from onebox.settings import Deployment, write

DATABASE = "end_to_end"
POOL = 16
SERVICES = ("intake", "scheduler", "gateway")
MODULE = "tests.bench.baselines.end_to_end"
DELIVER = (
    "INSERT INTO scheduler.textbook_station SELECT i, 2, $2 FROM unnest($1::text[]) i ON CONFLICT DO NOTHING"
)
PRINTED = "SELECT count(*) FROM scheduler.textbook_attempt WHERE state = 'printed'"
SPAN = """SELECT extract(epoch FROM max(t.closed_at) - min(a.received_at))
FROM intake.application a JOIN scheduler.textbook_attempt t ON t.application_id = a.id"""
CARDS = "SELECT array_agg(id::text) FROM scheduler.textbook_attempt WHERE state = 'printed'"
PEOPLE = "SELECT count(DISTINCT application_id) FROM scheduler.textbook_attempt WHERE state = 'printed'"
BLANKS = "SELECT sum(blanks)::int FROM scheduler.textbook_station"


class Textbook:
    """A running textbook. `spec` is its own: another database, as many connections as requests come at a time."""

    def __init__(self, stage: Stage, home: Path, port: int, centre: Process) -> None:
        self.stage, self._home, self._port, self.centre = stage, home, port, centre
        spec = stage.spec.model_copy(update={"textbook_database": DATABASE, "pool": POOL})
        self._headers = {"Authorization": f"Bearer {spec.token(stage.clock, 'kiosk')}"}
        self._client = httpx2.AsyncClient(timeout=60)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._write(spec)

    def _write(self, spec: Spec) -> None:
        path = self._home / "spec.json"
        path.touch(0o600)
        path.write_text(spec.model_dump_json())

    async def start(self, deployment: Deployment, blanks: int) -> None:
        """Every process at its work, every station with its blanks."""
        await self.centre.start()
        stations = [station.id for station in deployment.stations]
        for name in (*SERVICES, *stations):
            self._running[name] = self.stage.start(
                MODULE, name, str(self._port), str(self._home / "spec.json")
            )
        for n, name in enumerate(SERVICES):
            await listens(self._port + n, self._running[name])
        for name in stations:
            await heard(self._running[name], "ready")
        await self.stage.value(DELIVER, stations, blanks, database=DATABASE)

    async def stop(self) -> None:
        await self._client.aclose()
        await asyncio.gather(*(end(process) for process in self._running.values()))
        await self.centre.stop()

    def pids(self) -> Iterator[tuple[str, int | None]]:
        for name, process in self._running.items():
            yield (name if name in SERVICES else f"station-{name}"), process.pid
        yield "simulator", self.centre.pid
        yield "rabbitmq", self.stage.rabbit.pid()
        yield "postgresql", self.stage.postgres._pid()

    async def apply(self, row: dict[str, str]) -> None:
        headers = {**self._headers, "Idempotency-Key": f"bench-{row['nik']}"}
        url = f"http://127.0.0.1:{self._port}/v1/applications"
        body = {name: row[name] for name in FIELDS}
        (await self._client.post(url, json=body, headers=headers)).raise_for_status()

    async def printed(self) -> int:
        """How many cards are."""
        return int(await self.stage.value(PRINTED, database=DATABASE))

    async def span(self) -> float:
        """Seconds from the first accepted to the last printed."""
        return float(await self.stage.value(SPAN, database=DATABASE))

    async def check(self, people: int, *, blanks: int) -> None:
        """Each person's card was sent exactly once, by a blank of its own of those there were."""
        sent = sorted(str(line["attempt_id"]) for line in read_log(self._home / "prints.jsonl"))
        cards = sorted(await self.stage.value(CARDS, database=DATABASE))
        served = await self.stage.value(PEOPLE, database=DATABASE)
        used = blanks - await self.stage.value(BLANKS, database=DATABASE)
        if sent != cards or {len(sent), served, used} != {people}:
            raise WrongResult(
                f"textbook: {len(sent)} sends, {len(cards)} cards, {served} people served of {people}, {used} blanks"
            )


@asynccontextmanager
async def opened(
    stage: Stage, home: Path, port: int, deployment: Deployment, centre: Mapping[str, str], blanks: int
) -> AsyncIterator[Textbook]:
    """The textbook on ports from `port` on, its files under `home`; `centre`: the simulator's environment."""
    write(home, deployment)
    played = Process(
        "simulator",
        ("onebox", "serve", "simulator"),
        {"CETAK_HOME": str(home), "CETAK_PORT": str(port + 3), **centre},
        url=f"http://127.0.0.1:{port + 3}",
        ready="/simulator/health/ready",
        log=home / "simulator.log",
    )
    textbook = Textbook(stage, home, port, played)
    try:
        await textbook.start(deployment, blanks)
        yield textbook
    finally:
        await textbook.stop()

"""A backlog file of 300,000 rows: ours, with walk-ins meanwhile and the scheduler behind it, beside a textbook's.

Ours comes by HTTP to a whole intake, its letters go through RabbitMQ to a whole scheduler; what the scheduler lags behind
is told apart. The machine's limits, in the same run: COPY of such rows into a
table without indexes and into intake's own, and the sealing of persons on one core.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
from tests.bench import load
from tests.bench.import_limits import limits
from tests.bench.parts import OFFICE
from tests.bench.serve_import import DATABASE
from tests.bench.stage import Stage, WrongResult, cost, end, heard, listens

ROWS = 300_000
TEXTBOOK_ROWS = 20_000
"""Its rate does not grow with more."""
TEXTBOOK_FROM = 12_000_000
"""The intake bench's textbook has others in the same table."""
HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"
WALK_INS_FROM = 9_000_000
EVERY = 0.1
QUIET = 20
LONGEST = 900.0
PIECE = 64 * 1024
STORED = """SELECT count(*) AS rows, count(DISTINCT receipt_number) AS receipts,
  (SELECT count(*) FROM intake.event WHERE what = 'imported') AS events FROM intake.application WHERE source = 'import'"""
KNOWN = "SELECT count(*) FROM scheduler.application"
LAG = """SELECT extract(epoch FROM first_status_at - received_at)::float8 AS s FROM intake.application
WHERE source <> 'import' AND received_at >= $1 AND first_status_at IS NOT NULL ORDER BY 1"""


def lines(count: int, first: int = 0) -> Iterator[str]:
    """A clean file of as many persons, from number `first` on."""
    yield HEADER
    for n in range(count):
        person = json.loads(load.application(first + n))
        values = (
            person["nik"],
            person["full_name"],
            person["birth_date"],
            person["sex"],
            "21.02.03",
            "data_change",
        )
        yield f"B-{n:07},{','.join(values)},2018-03-{n % 28 + 1:02}T09:{n % 60:02}:00,0811{n:08}"


async def run(stage: Stage, rows: int = ROWS) -> None:
    file = stage.home / "backlog.csv"
    await asyncio.to_thread(file.write_text, "\n".join(lines(rows)))
    ours = await _ours(stage, file, rows)
    textbook = await _textbook(stage, rows)
    stage.results["import"] = {"ours": ours, "textbook": textbook, "limits": await limits(stage)}


async def _ours(stage: Stage, file: Path, rows: int) -> dict[str, Any]:
    spec, port = str(stage.home / "spec.json"), stage.port + 10
    names = ("scheduler", "intake")
    processes = []
    try:
        for n, name in enumerate(names):
            processes.append(stage.start("tests.bench.serve_import", name, str(port + n), spec))
            await heard(processes[-1], "ready")
            await listens(port + n, processes[-1])
        pids = {name: process.pid for name, process in zip(names, processes, strict=True)}
        town = _Town(stage, port)
        async with town.client:
            await town.furnish()
            return await _race(town, file, rows, pids)
    finally:
        await asyncio.gather(*(end(process) for process in processes))


async def _race(town: "_Town", file: Path, rows: int, pids: dict[str, int]) -> dict[str, Any]:
    stage = town.stage
    quiet = [await town.walk_in() for _ in range(QUIET)]
    await asyncio.sleep(1)
    began_at = stage.clock.now()
    used, walking = stage.cpu(**pids), asyncio.create_task(town.keep_walking_in())
    report = await town.bring(file)
    spent = cost(used, stage.cpu(**pids), rows)
    accepted = report["accepted"] + report["accepted_with_warning"]
    during, known = len(town.took), await stage.value(KNOWN, database=DATABASE)
    lag = await _until_known(stage, rows + QUIET)
    walking.cancel()
    with suppress(asyncio.CancelledError):
        await walking
    await _check(stage, rows, accepted, town)
    found = sorted(town.took[:during])
    behind = await _walk_ins_lag(stage, began_at)
    return {
        "rows": rows,
        "seconds": report["seconds"],
        "rate": rows / report["seconds"],
        "cpu_us": spent,
        "progress_steps": len(town.seen),
        "known_at_end": known,
        "scheduler_lag_seconds": lag,
        "scheduler_rate": rows / (report["seconds"] + lag),
        "walk_ins": during,
        "walk_in_quiet_ms": median(quiet) * 1000,
        "walk_in_p50_ms": median(found) * 1000,
        "walk_in_p99_ms": found[len(found) * 99 // 100] * 1000,
        "walk_in_most_ms": found[-1] * 1000,
        "walk_in_known_p50_s": median(behind),
        "walk_in_known_most_s": behind[-1],
    }


async def _until_known(stage: Stage, wanted: int) -> float:
    """Seconds until the scheduler knows them all."""
    began = stage.clock.now()
    while await stage.value(KNOWN, database=DATABASE) < wanted:
        await asyncio.sleep(0.25)
        if (stage.clock.now() - began).total_seconds() > LONGEST:
            raise WrongResult("the scheduler does not come to know them all")
    return (stage.clock.now() - began).total_seconds()


async def _check(stage: Stage, rows: int, accepted: int, town: "_Town") -> None:
    """Every row is stored once, with its receipt and its event; the batch says so; nobody was turned away."""
    connection = await asyncpg.connect(**stage.owner(DATABASE).arguments())
    try:
        stored = tuple(await connection.fetchrow(STORED))
    finally:
        await connection.close()
    if accepted != rows or stored != (rows, rows, rows) or town.seen != sorted(town.seen):
        raise WrongResult(f"of {rows} rows {accepted} were accepted; rows, receipts, events stored: {stored}")


async def _walk_ins_lag(stage: Stage, since: Any) -> list[float]:
    connection = await asyncpg.connect(**stage.owner(DATABASE).arguments())
    try:
        return [row["s"] for row in await connection.fetch(LAG, since)]
    finally:
        await connection.close()


class _Town:
    """Who comes to intake: a supervisor with a file, and people one by one."""

    def __init__(self, stage: Stage, port: int) -> None:
        self.stage = stage
        self.client = httpx2.AsyncClient(timeout=600)
        self.took: list[float] = []
        self.seen: list[int] = []
        self._intake, self._scheduler = f"http://127.0.0.1:{port + 1}", f"http://127.0.0.1:{port}"
        token = stage.spec.token(stage.clock, "kiosk", "supervisor", "operator")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._person = WALK_INS_FROM

    async def furnish(self) -> None:
        station = {"id": "2102-1", "office": OFFICE, "slots": 1}
        answer = await self.client.post(f"{self._scheduler}/v1/stations", json=station, headers=self._headers)
        answer.raise_for_status()

    async def walk_in(self) -> float:
        """Seconds until one more person is accepted."""
        self._person += 1
        headers = self._headers | {
            "Idempotency-Key": f"walk-in-{self._person}",
            "Content-Type": "application/json",
        }
        began = asyncio.get_running_loop().time()
        answer = await self.client.post(
            f"{self._intake}/v1/applications", content=load.application(self._person), headers=headers
        )
        if answer.status_code != 202:
            raise WrongResult(f"a walk-in was answered {answer.status_code}")
        return asyncio.get_running_loop().time() - began

    async def keep_walking_in(self) -> None:
        while True:
            self.took.append(await self.walk_in())
            await asyncio.sleep(EVERY)

    async def bring(self, file: Path) -> dict[str, Any]:
        """Import the file; the report. Its progress is asked for meanwhile."""
        batch = uuid4()
        watching = asyncio.create_task(self._watch(str(batch)))
        answer = await self.client.post(
            f"{self._intake}/v1/imports",
            params={"batch_id": str(batch)},
            content=_pieces(file),
            headers=self._headers,
        )
        watching.cancel()
        report: dict[str, Any] = answer.raise_for_status().json()
        return report

    async def _watch(self, batch: str) -> None:
        while True:
            await asyncio.sleep(0.5)
            answer = await self.client.get(f"{self._intake}/v1/imports/{batch}", headers=self._headers)
            if answer.status_code == 200 and answer.json()["rows"] not in self.seen:
                self.seen.append(answer.json()["rows"])


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            yield piece


async def _textbook(stage: Stage, rows: int) -> dict[str, Any]:
    count = min(rows, TEXTBOOK_ROWS)
    file = stage.home / "fewer.csv"
    await asyncio.to_thread(file.write_text, "\n".join(lines(count, TEXTBOOK_FROM)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.baselines.import_file"),
        *(str(stage.home / "spec.json"), str(file)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    found: dict[str, Any] = json.loads(said) if not process.returncode else {"rows": 0}
    if found["rows"] != count:
        raise WrongResult(f"the textbook stored {found['rows']} of {count} rows")
    return found

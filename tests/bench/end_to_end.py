"""End to end in the distributed form: a crowd comes at once; from the first one accepted to the last card printed.

Every process, HTTP call, approval, arm and promise is real; the simulated centre answers without latency, eight stations
have `null` printers, which keep only the log of sends. Ours runs first, and its audit reads that log at the end; then
the textbook, with the same crowd, stations and centre, on the bench's own PostgreSQL and RabbitMQ.
"""

import asyncio
import csv
import shutil
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from tests.bench.stage import Stage, WrongResult, cost, used
from tests.bench.textbook import opened
from tests.bench.walk_in import AT_ONCE, Town

from local_cluster.cluster import ALWAYS, Cluster
from onebox.demo.scenario import BACKLOG
from onebox.homes import witnesses
from onebox.settings import Deployment, StationConfig

PEOPLE = 1500
"""So many that what each process does once (connections, plans) weighs nothing."""
AT_A_TIME = 16
LOOK = 0.5
PATIENCE = 180.0
"""Seconds between two looks, and until they end."""
STATIONS = tuple(StationConfig(id=f"2102-{n}", driver="null") for n in range(1, 9))
OPEN = {f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")}
OFFICE = Deployment(stations=STATIONS, hours=OPEN)
SPAN = """SELECT extract(epoch FROM max(t.closed_at) - min(a.received_at)) AS seconds
FROM intake.application a JOIN scheduler.attempt t ON t.application_id = a.id WHERE t.state = 'printed'"""
PRINTED = "SELECT count(*) FROM scheduler.attempt WHERE state = 'printed'"
Pids = Iterable[tuple[str, int | None]]


async def run(stage: Stage) -> None:
    ours = await measure(stage.home / "end-to-end", stage.port + 40)
    textbook = await measure_textbook(stage, stage.home / "textbook", stage.port + 60)
    both = {"ours": ours, "textbook": textbook}
    stage.results["end_to_end"] = {**both, "people": PEOPLE, "stations": len(STATIONS)}


async def measure(home: Path, port: int) -> dict[str, Any]:
    cluster = Cluster(home, port, deployment=OFFICE, overrides=AT_ONCE)
    try:
        async with cluster, httpx2.AsyncClient(timeout=60) as client:
            town = Town(cluster, client)
            await town.deliver(PEOPLE)
            before = _cpu(_pids(cluster))
            await _come(town.apply)
            await _until_printed(lambda: _value(town, PRINTED))
            spent = cost(before, _cpu(_pids(cluster)), PEOPLE)
            seconds = float(await _value(town, SPAN))
            await town.check()
            if (sends := len(witnesses(home).prints or ())) != PEOPLE:
                raise WrongResult(f"the printers' log has {sends} sends of {PEOPLE} cards")
    finally:
        cluster.erase()
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
    return {"rate": PEOPLE / seconds, "seconds": seconds, "cpu_us": spent}


async def measure_textbook(stage: Stage, home: Path, port: int) -> dict[str, Any]:
    try:
        async with opened(stage, home, port, OFFICE, AT_ONCE["simulator"], PEOPLE) as textbook:
            before = _cpu(textbook.pids())
            await _come(textbook.apply)
            await _until_printed(textbook.printed)
            spent = cost(before, _cpu(textbook.pids()), PEOPLE)
            seconds = await textbook.span()
            await textbook.check(PEOPLE, blanks=PEOPLE * len(STATIONS))
    finally:
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
    return {"rate": PEOPLE / seconds, "seconds": seconds, "cpu_us": spent}


def _pids(cluster: Cluster) -> Pids:
    yield from ((name, process.pid) for name, process in cluster.processes.items())
    yield "rabbitmq", cluster.rabbit.pid()
    if cluster.storage.postgres is not None:
        yield "postgresql", cluster.storage.postgres._pid()


def _cpu(pids: Pids) -> dict[str, float]:
    """CPU seconds used so far: by each service, the stations together, the centre, PostgreSQL and RabbitMQ."""
    spent: dict[str, float] = {}
    for name, pid in pids:
        group = "stations" if name.startswith("station-") else name
        spent[group] = spent.get(group, 0.0) + (0.0 if pid is None else used(pid))
    return spent


async def _come(apply: Callable[[dict[str, str]], Awaitable[Any]]) -> None:
    """All of them, some at a time."""
    lines = BACKLOG.read_text().splitlines()
    people = iter(list(csv.DictReader(lines[: PEOPLE + 1])))

    async def counter() -> None:
        for row in people:
            await apply(row)

    await asyncio.gather(*(counter() for _ in range(AT_A_TIME)))


async def _until_printed(count: Callable[[], Awaitable[int]]) -> None:
    """A look costs both systems the same, and little."""
    printed = 0
    for _ in range(int(PATIENCE / LOOK)):
        printed = await count()
        if printed == PEOPLE:
            return
        await asyncio.sleep(LOOK)
    raise WrongResult(f"of {PEOPLE} cards {printed} were printed")


async def _value(town: Town, sql: str) -> Any:
    connection = await asyncpg.connect(**town.cluster.storage.login("audit").arguments())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()

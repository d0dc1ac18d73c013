"""The hop: accepted, ranked, verification requested, answered, approved, status told; ours beside the textbook's.

What is measured is from the commit that owes N accepted applications' messages to the moment the last one's status has
come back to intake. Three processes on each side.
"""

import asyncio
import subprocess
from collections.abc import Sequence
from typing import Any

from tests.bench.stage import Stage, WrongResult, cost, end, heard

ITEMS = 5000
FEWER = 1500
"""What the textbook is given: its rate does not grow with more."""
LONGEST = 120.0
NAMES = ("scheduler", "gateway", "intake")
OURS = "SELECT count(*) FROM intake.application WHERE state IN ('approved', 'printing') AND place IS NOT NULL"
TEXTBOOK = "SELECT count(*) FROM intake.hop_application WHERE state = 'approved' AND place IS NOT NULL"
DEAD = " UNION ALL ".join(
    f"SELECT id FROM {schema}.dead_letter" for schema in ("intake", "scheduler", "gateway")
)


async def run(stage: Stage) -> None:
    ours = await _measure(stage, "tests.bench.serve_hop", OURS, "hop", ITEMS)
    if await stage.value(f"SELECT count(*) FROM ({DEAD}) dead", database="hop"):
        raise WrongResult("there are dead letters")
    textbook = await _measure(stage, "tests.bench.baselines.hop", TEXTBOOK, "textbook", FEWER)
    stage.results["hop"] = {"ours": ours, "textbook": textbook}


async def _measure(stage: Stage, module: str, sql: str, database: str, items: int) -> dict[str, Any]:
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for name in NAMES:
            processes.append(stage.start(module, name, str(stage.home / "spec.json"), str(items)))
            await heard(processes[-1], "ready")
        return await _race(stage, processes, sql, database, items)
    finally:
        await asyncio.gather(*(end(process) for process in processes))


async def _race(
    stage: Stage, processes: Sequence[subprocess.Popen[bytes]], sql: str, database: str, items: int
) -> dict[str, Any]:
    """Let intake go; the rate at which all come home."""
    intake = processes[-1]
    assert intake.stdin is not None
    loop = asyncio.get_running_loop()
    pids = {name: process.pid for name, process in zip(NAMES, processes, strict=True)}
    used, began, home = stage.cpu(**pids), loop.time(), 0
    intake.stdin.write(b"go\n")
    intake.stdin.flush()
    while home < items:
        await asyncio.sleep(0.2)
        home = await stage.value(sql, database=database)
        if loop.time() - began > LONGEST or any(process.poll() is not None for process in processes):
            raise WrongResult(f"{database}: {home} of {items} came home; see var/bench/out.log")
    seconds = loop.time() - began
    spent = cost(used, stage.cpu(**pids), items)
    return {"rate": items / seconds, "items": items, "seconds": seconds, "cpu_us": spent}

"""Celery, Dramatiq and taskiq beside the hop: its four messages through three worker processes, nothing stored.

They live in an environment of their own (`make bench-frameworks` makes it): their needs are none of the product's.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.stage import Stage, WrongResult, cost, end

ENVIRONMENT = Path("var/bench-venv/bin")
FOLDER = Path(__file__).parent / "frameworks"
ITEMS = 1500
LONGEST = 120.0
SERVICES = ("scheduler", "gateway", "intake")


def _celery(service: str) -> list[str]:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR")
    return [
        "celery",
        "-A",
        "celery_hop",
        "worker",
        "-P",
        "solo",
        "-Q",
        f"celery.{service}",
        "-n",
        service,
        *quiet,
    ]


def _dramatiq(service: str) -> list[str]:
    return [
        "dramatiq",
        "dramatiq_hop",
        "--processes",
        "1",
        "--threads",
        "8",
        "--queues",
        f"dramatiq.{service}",
    ]


def _taskiq(service: str) -> list[str]:
    return ["taskiq", "worker", f"taskiq_hop:{service}", "--workers", "1", "--log-level", "ERROR"]


FRAMEWORKS = {"celery": _celery, "dramatiq": _dramatiq, "taskiq": _taskiq}


async def run(stage: Stage) -> None:
    if not (ENVIRONMENT / "celery").exists():
        raise WrongResult("the frameworks are not installed: make bench-frameworks")
    found = stage.results["frameworks"] = {}
    for name in FRAMEWORKS:
        found[name] = await _measure(stage, name)
        print(f"  {name}: {found[name]['rate']:.0f}/s", file=sys.stderr)


async def _measure(stage: Stage, name: str) -> dict[str, Any]:
    home = stage.home / f"{name}.home"
    said = {"BENCH_AMQP": stage.spec.amqp_url(), "BENCH_HOME": str(home.resolve()), "BENCH_ITEMS": str(ITEMS)}
    environment = {**os.environ, **said, "PYTHONPATH": str(FOLDER)}
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for service in SERVICES:
            workers.append(_start(stage, environment, *FRAMEWORKS[name](service)))
        await asyncio.sleep(6)
        return await _race(stage, workers, environment, name, home)
    finally:
        await asyncio.gather(*(end(worker) for worker in workers))


async def _race(
    stage: Stage, workers: list[subprocess.Popen[bytes]], environment: dict[str, str], name: str, home: Path
) -> dict[str, Any]:
    """From the submitter's start to the last one home; its own start (half a second) is in the time."""
    pids = {service: worker.pid for service, worker in zip(SERVICES, workers, strict=True)}
    loop = asyncio.get_running_loop()
    used, began = stage.cpu(**pids), loop.time()
    submitter = _start(stage, environment, "python", "-c", f"import {name}_hop as hop; hop.submit({ITEMS})")
    while await asyncio.to_thread(_count, home) < ITEMS:
        await asyncio.sleep(0.1)
        if loop.time() - began > LONGEST:
            raise WrongResult(f"{name}: not all came home; see var/bench/out.log")
    seconds = loop.time() - began
    spent = cost(used, stage.cpu(**pids), ITEMS)
    await asyncio.to_thread(submitter.wait, 20)
    return {"rate": ITEMS / seconds, "items": ITEMS, "seconds": seconds, "cpu_us": spent}


def _count(home: Path) -> int:
    return int(home.read_text() or 0) if home.exists() else 0


def _start(
    stage: Stage, environment: dict[str, str], program: str, *arguments: str
) -> subprocess.Popen[bytes]:
    with (stage.home / "out.log").open("ab") as out:
        return subprocess.Popen(
            [ENVIRONMENT.resolve() / program, *arguments],
            env=environment,
            stdout=out,
            stderr=out,
            cwd=stage.home,
        )

"""Intake: accepted applications a second at 64 keep-alive connections, ours beside the textbook's, in turns."""

import json
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import aio_pika
import psutil
from tests.bench.baselines.intake import QUEUE as TEXTBOOK_QUEUE
from tests.bench.stage import Stage, WrongResult, cost

from backbone.letters import unpack

ROUNDS = 3
SECONDS = 4.0
STORED = "SELECT count(*) FROM intake.application WHERE id = ANY($1::uuid[])"


async def run(stage: Stage) -> None:
    ours: list[dict[str, Any]] = []
    textbooks: list[dict[str, Any]] = []
    port = stage.port + 10
    async with stage.server("intake", port) as intake, stage.server("textbook", port + 1) as textbook:
        for n in range(ROUNDS):
            ours.append(await _burst(stage, intake, port, ours, n))
            ours[-1]["drain"] = await _drained(stage)
            textbooks.append(await _burst(stage, textbook, port + 1, textbooks, n))
    await _check(stage, ours, "cetak", "scheduler")
    await _check(stage, textbooks, "textbook", TEXTBOOK_QUEUE)
    stage.results["intake"] = {"ours": _summary(ours), "textbook": _summary(textbooks)}


async def _burst(
    stage: Stage, server: psutil.Process, port: int, before: list[dict[str, Any]], n: int
) -> dict[str, Any]:
    first = before[-1]["next"] if before else 1
    used = stage.cpu(service=server.pid)
    found = await stage.load(port, first=first, name=f"r{n}", seconds=SECONDS)
    found["cpu"] = cost(used, stage.cpu(service=server.pid), len(found["accepted"]))
    found["cpu_us"] = found["cpu"]["all"]
    if set(found["statuses"]) != {"202"}:
        raise WrongResult(f"answers: {found['statuses']}")
    return found


async def _drained(stage: Stage) -> float:
    """Seconds until the outbox is empty: until then what was accepted is not all published."""
    began = stage.clock.now()
    while await stage.value("SELECT count(*) FROM intake.outbox"):
        await stage.clock.sleep(0.02)
        if (stage.clock.now() - began).total_seconds() > 60:
            raise WrongResult("the outbox does not empty")
    return (stage.clock.now() - began).total_seconds()


async def _check(stage: Stage, bursts: list[dict[str, Any]], database: str, queue: str) -> None:
    """Every 202 is a row in the database and an event in the queue."""
    accepted = [application for burst in bursts for application in burst["accepted"]]
    stored = await stage.value(STORED, accepted, database=database)
    published = await _published(stage, queue)
    missing = set(accepted) - published
    if stored != len(accepted) or len(set(accepted)) != len(accepted) or missing:
        raise WrongResult(
            f"{database}: {len(accepted)} accepted, {stored} stored, {len(missing)} not in the queue"
        )


async def _published(stage: Stage, queue_name: str) -> set[str]:
    """What stands in a queue; it is empty afterwards."""
    found: set[str] = set()
    connection = await aio_pika.connect(stage.spec.amqp_url())
    async with connection:
        channel = await connection.channel()
        queue = await channel.get_queue(queue_name)
        while (message := await queue.get(fail=False)) is not None:
            found |= _applications(message)
            await message.ack()
    return found


def _applications(message: Any) -> set[str]:
    if message.content_type == "application/json":
        return {json.loads(message.body)["application_id"]}
    return {letter.subject for letter in unpack(message.content_type, "", message.body)}


def _summary(bursts: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("rate", "p50", "p99", "cpu_us", *(("drain",) if "drain" in bursts[0] else ()))
    runs = {name: [round(burst[name], 2) for burst in bursts] for name in names}
    medians = {name: median(values) for name, values in runs.items()}
    return {**medians, "runs": runs, "cpu": [burst["cpu"] for burst in bursts]}


Bench = Callable[[Stage], Awaitable[None]]

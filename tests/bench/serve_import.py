"""Intake or the scheduler, whole, in a process of its own: `python -m tests.bench.serve_import <name> <port> <specification>`.

HTTP, loops and broker as a deployment runs them. Says `ready`; ends by SIGTERM.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import uvloop
from tests.bench import parts, services
from tests.bench.serve import serve_app

from backbone.broker import Broker
from backbone.clock import Clock, SystemClock
from backbone.rabbit.broker import RabbitBroker
from backbone.service import Service, settle

DATABASE = "imports"


BUILDERS: Mapping[str, Callable[[parts.Spec, Broker, Clock, str], Service]] = {
    "intake": services.intake,
    "scheduler": services.scheduler,
}


async def main(name: str, port: int, spec: parts.Spec) -> None:
    clock = SystemClock()
    broker = RabbitBroker(spec.address(name), clock)
    service = BUILDERS[name](spec, broker, clock, DATABASE)
    for database in service.databases:
        await database.open()
    tasks = [asyncio.create_task(loop.run()) for loop in service.loops]
    tasks.append(asyncio.create_task(broker.run()))
    while broker.trouble():
        await clock.sleep(0.05)
    settle()
    print("ready", flush=True)
    await serve_app(service.app, port, "off")
    for loop in service.loops:
        loop.stop()
    await broker.stop()
    await asyncio.gather(*tasks)
    await broker.close()
    for stop in service.on_stop:
        await stop()
    for database in service.databases:
        await database.close()


if __name__ == "__main__":
    _, named, on, given = sys.argv
    # The server hands its signal on when it has stopped; what stands behind it is still to be closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvloop.run(main(named, int(on), parts.read(Path(given))))

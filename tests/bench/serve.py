"""One server of the bench in a process of its own: `python -m tests.bench.serve <what> <port> <specification>`."""

import asyncio
import signal
import sys
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import ASGIApp
from tests.bench import parts, services
from tests.bench.baselines import intake as textbook
from tests.bench.baselines import noop

from backbone.clock import SystemClock
from backbone.rabbit.broker import RabbitBroker
from backbone.service import settle


async def serve_app(app: ASGIApp, port: int, lifespan: str = "on") -> None:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        lifespan=lifespan,  # type: ignore[arg-type]  # one of its literals
    )
    await uvicorn.Server(config).serve()


async def serve_intake(port: int, spec: parts.Spec) -> None:
    """The real service as a deployment runs it: its HTTP app, its relay and its sweep in one process."""
    clock = SystemClock()
    broker = RabbitBroker(spec.address("intake"), clock)
    service = services.intake(spec, broker, clock)
    for database in service.databases:
        await database.open()
    loops = [asyncio.create_task(loop.run()) for loop in service.loops]
    settle()
    await serve_app(service.app, port, "off")
    for loop in service.loops:
        loop.stop()
    await asyncio.gather(*loops)
    await broker.close()
    for stop in service.on_stop:
        await stop()
    for database in service.databases:
        await database.close()


async def main(what: str, port: int, spec: parts.Spec) -> None:
    match what:
        case "intake":
            await serve_intake(port, spec)
        case "textbook":
            await serve_app(textbook.make_app(spec), port)
        case "noop":
            await serve_app(noop.app, port)
        case "bare":
            server = asyncio.create_task(noop.serve_bare(port))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.cancel)
            await asyncio.wait([server])


if __name__ == "__main__":
    _, named, on, given = sys.argv
    # The server hands its signal on when it has stopped; what stands behind it is still to be closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvloop.run(main(named, int(on), parts.read(Path(given))))

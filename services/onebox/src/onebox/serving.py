"""How a process serves: HTTP until a signal, its loops and its broker's line beside it, and an end in good order.

On SIGTERM or SIGINT: no more requests, then the loops stop at their edge, the broker's line finishes the batch it has in
hand, a station its armed card. What is late after GRACE seconds is cancelled. A loop that dies ends the process.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext

import structlog
import uvicorn
from starlette.types import ASGIApp

from backbone.service import settle

log = structlog.get_logger()

GRACE = 30.0
"""Seconds a stopping process may take in all."""
DRAIN = 5
"""Seconds of them for requests under way."""


def stop_signals() -> asyncio.Event:
    """Set once somebody asks this process to stop."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    return asked


async def serve_app(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    asked: asyncio.Event,
    run: Callable[[], Awaitable[object]],
    stop: Callable[[], Awaitable[None]],
) -> None:
    """Serve `app` while `run` runs, until `asked`, or until `run` ends; raises what ended it."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=DRAIN,
    )
    server = _Server(config)
    work, word = asyncio.ensure_future(run()), asyncio.ensure_future(asked.wait())
    for task in (work, word):
        task.add_done_callback(lambda _: setattr(server, "should_exit", True))
    settle()
    await server.serve()
    word.cancel()
    await stop()
    _, late = await asyncio.wait({work}, timeout=GRACE - DRAIN)
    for task in late:
        log.warning("stops_late", seconds=GRACE)
        task.cancel()
    await asyncio.gather(work, return_exceptions=bool(late))


class _Server(uvicorn.Server):
    """Our own signal handlers stop the server, so that stations finish their card first."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # a generator there
        return nullcontext()

"""One process of the cluster: started, stopped, killed, frozen; its log in a file of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2

from local_cluster.settings import inherited

PATIENCE = 40.0
"""Seconds a process may take to stop: its own grace and a little."""


class NotReady(RuntimeError):
    """A process ended or did not become ready in time; the text says where its log is."""


class Process:
    """A Python module run as a process. `url` is its origin, `ready` the path that says it is ready."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        url: str,
        ready: str,
        log: Path,
    ) -> None:
        self.name = name
        self.arguments = tuple(arguments)
        self.environment = dict(environment)
        self.url = url
        self.ready_path = ready
        self.log = log
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._running is None else self._running.pid

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def exit_code(self) -> int | None:
        """As of subprocess: negative for a signal; None while it runs or before it was started."""
        return None if self._running is None else self._running.poll()

    def launch(self) -> None:
        """Start it without waiting; does nothing while it lives."""
        if self.alive:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603  # our own module
                [sys.executable, "-m", *self.arguments],
                env={**inherited(), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def start(self) -> None:
        """Start it and wait until it says it is ready. Raises NotReady."""
        self.launch()
        await self.until_ready()

    async def until_ready(self, *, seconds: float = 60) -> None:
        try:
            async with asyncio.timeout(seconds), httpx2.AsyncClient(timeout=2) as client:
                while not await self.answers(client):
                    if not self.alive:
                        raise NotReady(f"{self.name} berakhir · ended ({self.exit_code}); log: {self.log}")
                    await asyncio.sleep(0.05)  # noqa: TID251  # a process's start takes real time
        except TimeoutError:
            raise NotReady(f"{self.name} belum siap · is not ready; log: {self.log}") from None

    async def answers(self, client: httpx2.AsyncClient) -> bool:
        """Whether it says it is ready."""
        try:
            return (await client.get(f"{self.url}{self.ready_path}")).status_code == 200
        except httpx2.TransportError:
            return False

    async def stop(self) -> int | None:
        """SIGTERM, and wait for its end; its exit code."""
        self._signal(signal.SIGCONT, signal.SIGTERM)
        return await self._ended()

    async def kill9(self) -> int | None:
        self._signal(signal.SIGKILL)
        return await self._ended()

    def pause(self) -> None:
        """Freeze it, as a machine that hangs: its connections stay open and answer nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _signal(self, *numbers: signal.Signals) -> None:
        if self._running is not None and self._running.poll() is None:
            for number in numbers:
                os.kill(self._running.pid, number)

    async def _ended(self) -> int | None:
        if self._running is None:
            return None
        try:
            return await asyncio.to_thread(self._running.wait, PATIENCE)
        except subprocess.TimeoutExpired:
            self._running.kill()
            return await asyncio.to_thread(self._running.wait)

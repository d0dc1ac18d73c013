"""Agent processes of a test: borne by the nursery, killed, stopped, woken, their disk filled."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Worker:
    """One agent process, borne by the nursery."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    @property
    def dead(self) -> bool:
        return not Path(f"/proc/{self.pid}").exists()

    @property
    def stopped(self) -> bool:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        return state == "T"

    def kill(self) -> None:
        """kill -9; returns when nothing of it is left."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        while not self.dead:
            time.sleep(0.005)

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def fill_disk(self) -> None:
        """Its files may not grow any more."""
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (1, hard))

    def free_disk(self) -> None:
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard, hard))


class Nursery:
    """Bears agents."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture_station.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )

    def bear(self, **asked: Any) -> Worker:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Worker(int(self._process.stdout.readline()))

    def end(self) -> None:
        self._process.communicate()


async def until(fact: Callable[[], Any], seconds: float = 30) -> bool:
    """Whether it came about in time; `fact` may be a coroutine function."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        said = fact()
        if await said if asyncio.iscoroutine(said) else said:
            return True
        await asyncio.sleep(0.05)
    return False

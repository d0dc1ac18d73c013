"""What `up` has started, in a file, so that `down` stops exactly that: a pid alone may by now be another process."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from local_cluster.process import PATIENCE

BOOT = Path("/proc/sys/kernel/random/boot_id")


def birth(pid: int) -> str | None:
    """When a living process was started, in the kernel's own count, which no change of the clock moves; None: it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else f"{BOOT.read_text().strip()}/{fields[19]}"


@dataclass(frozen=True, kw_only=True)
class Started:
    """One process of the cluster; pid and birth name it for ever."""

    name: str
    service: str
    url: str
    pid: int
    birth: str | None

    @property
    def alive(self) -> bool:
        return self.birth is not None and birth(self.pid) == self.birth

    async def stop(self) -> None:
        """SIGTERM, and after its grace SIGKILL; nothing where it is gone."""
        for number, seconds in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 5.0)):
            left = seconds
            if self.alive:
                os.kill(self.pid, number)
            while left > 0 and self.alive:
                await asyncio.sleep(0.1)  # noqa: TID251  # a process's end takes real time
                left -= 0.1


def save(path: Path, port: int, started: Sequence[Started]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(
        json.dumps({"port": port, "processes": [asdict(one) for one in started]}, indent=1) + "\n"
    )
    fresh.rename(path)


def load(path: Path) -> tuple[int, list[Started]] | None:
    """The port and the processes; None where nothing was started."""
    if not path.exists():
        return None
    said = json.loads(path.read_text())
    return int(said["port"]), [Started(**one) for one in said["processes"]]

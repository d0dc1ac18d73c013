"""What Debian's archive has and we miss, installed where we may: without starting the packages' own services."""

import os
import subprocess
from pathlib import Path

from local_cluster.rabbit_node import MISSING, SERVER, RabbitFailed
from local_cluster.settings import inherited

INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")
UPDATE = ("apt-get", "update")
GUARD = Path("/usr/sbin/policy-rc.d")
"""Asked by Debian's packages before they start a service; 101 forbids it."""


def ensure_rabbit() -> None:
    """Install RabbitMQ as root where it is missing. Raises RabbitFailed with the line that does it for anyone else."""
    if SERVER.exists():
        return
    if os.geteuid() != 0 or not install("rabbitmq-server"):
        raise RabbitFailed(MISSING)


def install(*packages: str) -> bool:
    """As root. False where the archive does not give them."""
    guarded = GUARD.exists()
    if not guarded:
        GUARD.write_text("#!/bin/sh\nexit 101\n")
        GUARD.chmod(0o755)
    command = (*INSTALL, *packages)
    try:
        return _runs(*command) or (_runs(*UPDATE) and _runs(*command))
    finally:
        if not guarded:
            GUARD.unlink()


def _runs(*command: str) -> bool:
    environment = {**inherited(), "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603  # fixed words
    return done.returncode == 0

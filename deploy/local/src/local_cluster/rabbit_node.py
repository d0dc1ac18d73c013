"""A private RabbitMQ node from Debian's package: own ports, own data, own cookie; any user may run it.

It listens on loopback only. The first start loads the deployment's definitions (`backbone.definitions`), so there is no
default user; `apply` brings a running node up to date with them.
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from backbone.definitions import definitions, station_user
from backbone.rabbit.address import DROPPED, Address
from backbone.topology import PUBLISHED

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
CONTROL = SERVER.with_name("rabbitmqctl")
MISSING = (
    "RabbitMQ tidak ada; pasang dengan: · RabbitMQ is missing; install it with:\n"
    "  sudo apt-get install --no-install-recommends rabbitmq-server"
)
CONFIG = """
listeners.tcp.1 = 127.0.0.1:{port}
log.file.level = warning
load_definitions = {definitions}
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.relative = 0.3
"""


class RabbitFailed(RuntimeError):
    """The node could not be started; the text says what to look at."""


class RabbitNode:
    """One node in one folder, on three ports from `port` on: AMQP, Erlang's distribution, its port mapper."""

    def __init__(self, folder: Path, port: int, stations: Iterable[str] = ()) -> None:
        self.folder = folder.resolve()
        self.port = port
        self._stations = tuple(stations)
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, user: str, *, port: int | None = None) -> Address:
        """Where `user` connects; another port where a proxy stands between."""
        return Address(port=port or self.port, user=user, password=self._passwords()[user])

    async def start(self) -> None:
        """Start the node, or adopt the one that runs in this folder; returns when it takes connections."""
        await asyncio.to_thread(self._launch)
        for _ in range(600):
            if await self._answers():
                return
            if self._process is not None and self._process.poll() is not None:
                break
            await asyncio.sleep(0.1)  # noqa: TID251  # a server's start takes real time
        raise RabbitFailed(f"RabbitMQ does not answer; its log: {self.folder / 'out.log'}")

    def _launch(self) -> None:
        if not SERVER.exists():
            raise RabbitFailed(MISSING)
        self._prepare()
        if self.pid() is None:
            with (self.folder / "out.log").open("ab") as out:
                self._process = subprocess.Popen(  # noqa: S603  # Debian's own script
                    [SERVER], env=self._environment(), stdout=out, stderr=out, start_new_session=True
                )

    async def stop(self) -> None:
        """End the node and its port mapper; does nothing where it does not run."""
        for pid in (self.pid(), self._mapper()):
            if pid is not None:
                await _end(pid, signal.SIGTERM)
        await self._reap()

    async def kill(self) -> None:
        """kill -9, as when the power goes."""
        pid = self.pid()
        if pid is not None:
            await _end(pid, signal.SIGKILL)
        await self._reap()

    async def apply(self) -> None:
        """Bring vhost, queues, users and rights to what they should be."""
        self._prepare()
        await self.control("import_definitions", str(self.folder / "definitions.json"))

    async def control(self, *arguments: str) -> str:
        """Run rabbitmqctl; its output. Raises RabbitFailed with what it said."""
        process = await asyncio.create_subprocess_exec(
            CONTROL,
            "--quiet",
            *arguments,
            env=self._environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise RabbitFailed(f"rabbitmqctl {arguments[0]}: {said.decode(errors='replace')[-500:]}")
        return said.decode()

    def erase(self) -> None:
        """Remove the folder of a node that does not run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def pid(self) -> int | None:
        """The Erlang machine that runs in this folder."""
        return self._find("beam.smp", str(self.folder / "data"))

    def _mapper(self) -> int | None:
        return self._find("epmd", str(self.port + 2))

    def _find(self, name: str, argument: str) -> int | None:
        for process in psutil.process_iter(["name", "cmdline", "environ"]):
            mine = (process.info["environ"] or {}).get("ERL_EPMD_PORT") == str(self.port + 2)
            line = " ".join(process.info["cmdline"] or ())
            if process.info["name"] == name and (argument in line or mine):
                return int(process.pid)
        return None

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        written = self.folder / "definitions.json"
        _write(written, json.dumps(self._definitions(), indent=1))
        _write(self.folder / "rabbitmq.conf", CONFIG.format(port=self.port, definitions=written))
        _write(self.folder / "plugins", "[].")
        _write(self.folder / "environment", "")

    def _definitions(self) -> dict[str, Any]:
        passwords = self._passwords()
        salts = {name: password.encode()[:4] for name, password in passwords.items()}
        return definitions(passwords, self._stations, salts=salts)

    def _passwords(self) -> dict[str, str]:
        """One a user, made on first use."""
        path = self.folder / "passwords.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        names = [*PUBLISHED, *(station_user(station) for station in self._stations)]
        if missing := [name for name in names if name not in known]:
            self.folder.mkdir(parents=True, exist_ok=True)
            known |= {name: secrets.token_urlsafe(24) for name in missing}
            _write(path, json.dumps(known, indent=1))
        return known

    async def _answers(self) -> bool:
        """A connection is taken only when the definitions are loaded."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            connection = await self.address("intake").connect()
        except DROPPED:
            return False
        await connection.close()
        return True

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": folder,
            "RABBITMQ_NODENAME": f"cetak-{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self.port + 1),
            "ERL_EPMD_PORT": str(self.port + 2),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/environment",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
        }

    async def _reap(self) -> None:
        """The script that started the machine ends with it."""
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)


def free_ports(count: int, start: int = 26500) -> int:
    """The first of `count` neighbouring ports on loopback that nobody listens on now."""
    port = start
    while any(_taken(port + n) for n in range(count)):
        port += count
    return port


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


async def _end(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.05)  # noqa: TID251  # a server's stop takes real time
    except (ProcessLookupError, psutil.NoSuchProcess):
        return

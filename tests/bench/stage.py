"""The bench's own PostgreSQL (durable: fsync and synchronous commit on) and RabbitMQ, and the servers it starts."""

import asyncio
import base64
import json
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from tests.bench.parts import Spec

from backbone.auth import new_keys
from backbone.clock import SystemClock
from backbone.database import Login
from backbone.definitions import VHOST
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.migrations import prepare, upgrade
from backbone.schemas import SCHEMAS
from local_cluster.rabbit_node import RabbitNode

SECRETS = ("storage", "courier", "vault", "ticket", "person", "fingerprint", "pin")


class WrongResult(AssertionError):
    """The bench measured something that is not right: a figure of it would mean nothing."""


@dataclass(kw_only=True)
class Stage:
    """What runs while the bench does. `results` is what it found, by name."""

    home: Path
    port: int
    postgres: EmbeddedPostgres
    rabbit: RabbitNode
    spec: Spec
    results: dict[str, Any] = field(default_factory=dict)
    clock: SystemClock = field(default_factory=SystemClock)

    def owner(self, database: str) -> Login:
        return self.postgres.login(OWNER, "public", database)

    async def value(self, sql: str, *values: Any, database: str = "cetak") -> Any:
        connection = await asyncpg.connect(**self.owner(database).arguments())
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    def cpu(self, **pids: int) -> dict[str, float]:
        """CPU seconds used so far by these processes, by PostgreSQL and by RabbitMQ.

        A rate suffers from whatever else the machine does; what an item costs hardly does.
        """
        servers = {"postgresql": self.postgres._pid(), "rabbitmq": self.rabbit.pid()}
        return {name: used(pid) for name, pid in {**pids, **servers}.items() if pid is not None}

    @asynccontextmanager
    async def server(self, what: str, port: int) -> AsyncIterator[psutil.Process]:
        """One server process until the block ends; it takes connections when the block begins."""
        process = self.start("tests.bench.serve", what, str(port), str(self.home / "spec.json"))
        try:
            await listens(port, process)
            yield psutil.Process(process.pid)
        finally:
            await end(process)

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A process of the bench; what it writes to its standard output is read by `heard`."""
        with (self.home / "out.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
            )

    async def load(
        self, port: int, *, first: int, name: str, seconds: float, connections: int = 64
    ) -> dict[str, Any]:
        """One burst of load, from a process of its own."""
        plan = {
            "port": port,
            "path": "/v1/applications",
            "connections": connections,
            "warm_up": 1.0,
            "seconds": seconds,
            "first": first,
            "name": name,
            "token": self.spec.token(self.clock, "kiosk"),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.load", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        said, _ = await process.communicate(json.dumps(plan).encode())
        if process.returncode:
            raise WrongResult("the load generator failed")
        found: dict[str, Any] = json.loads(said)
        return found


@asynccontextmanager
async def open_stage(home: Path, port: int) -> AsyncIterator[Stage]:
    """A stage on ports `port`, `port`+1, `port`+2 for RabbitMQ; nothing of it is left behind but the results."""
    postgres, rabbit = EmbeddedPostgres(home), RabbitNode(home / "rabbit", port, ["2102-1"])
    # A run that was cut off may have left its servers.
    await rabbit.stop()
    await postgres.stop()
    postgres.erase()
    await asyncio.to_thread(_make_empty, home)
    try:
        await postgres.start()
        await _make_databases(postgres)
        await rabbit.start()
        spec = await _make_spec(home, postgres, rabbit)
        yield Stage(home=home, port=port, postgres=postgres, rabbit=rabbit, spec=spec)
    finally:
        await rabbit.stop()
        rabbit.erase()
        await postgres.stop()
        postgres.erase()
        (home / "spec.json").unlink(missing_ok=True)


def _make_empty(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)


async def _make_databases(postgres: EmbeddedPostgres) -> None:
    await prepare(postgres.login(OWNER))
    for schema in SCHEMAS:
        await upgrade(postgres.login(schema, schema))
    owner = await asyncpg.connect(**postgres.login(OWNER, database="postgres").arguments())
    try:
        if {await owner.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")} != {"on"}:
            raise WrongResult("the server is not durable")
        for database in ("textbook", "hop", "end_to_end", "imports"):
            await owner.execute(f"CREATE DATABASE {database} TEMPLATE cetak")
        for database, schema in product(("textbook", "end_to_end"), SCHEMAS):
            await owner.execute(f"ALTER ROLE {schema} IN DATABASE {database} SET search_path = {schema}")
    finally:
        await owner.close()


async def _make_spec(home: Path, postgres: EmbeddedPostgres, rabbit: RabbitNode) -> Spec:
    """The textbook's user may declare its own queues; the services' users may not."""
    password = secrets.token_urlsafe(24)
    await rabbit.control("add_user", "bench", password)
    await rabbit.control("set_permissions", "-p", VHOST, "bench", ".*", ".*", ".*")
    private, public = new_keys()
    spec = Spec(
        socket=str(postgres.socket),
        amqp_port=rabbit.port,
        passwords={"bench": password} | {name: rabbit.address(name).password for name in SCHEMAS},
        private=private.decode(),
        public=public.decode(),
        secret={name: base64.b64encode(secrets.token_bytes(32)).decode() for name in SECRETS},
    )
    path = home / "spec.json"
    path.touch(0o600)
    path.write_text(spec.model_dump_json())
    return spec


def cost(before: dict[str, float], after: dict[str, float], items: int) -> dict[str, float]:
    """CPU microseconds an item, by process and in all."""
    found = {name: round((after[name] - before[name]) / max(1, items) * 1e6, 1) for name in before}
    return {"all": round(sum(found.values()), 1), **found}


def used(pid: int) -> float:
    """CPU seconds of a process, its living children, and those that have ended."""
    process = psutil.Process(pid)
    total = sum(process.cpu_times()[:4])
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return float(total)


async def listens(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(900):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.poll() is not None:
                break
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise WrongResult("a server did not start; see var/bench/out.log")


async def heard(process: subprocess.Popen[bytes], word: str) -> None:
    """Wait until a process says a word."""
    assert process.stdout is not None
    said = await asyncio.to_thread(process.stdout.readline)
    if said.decode().strip() != word:
        raise WrongResult(f"a process said {said!r} instead of {word}; see var/bench/out.log")


async def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end and wait for it."""
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.to_thread(process.wait, 20)
    except subprocess.TimeoutExpired:
        process.kill()
        await asyncio.to_thread(process.wait)

"""The `cetak` command, called as a person calls it: in a home of its own, or in one whose office runs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from backbone.embedded_postgres import EmbeddedPostgres
from onebox.__main__ import app
from onebox.connection import running_at
from onebox.settings import Deployment, StationConfig, write

ALWAYS = ("00:00-24:00",) * 7


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a command left: its exit code, what it said to people, what it gave to machines."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cetak = Callable[..., Told]


def command(home: Path) -> Cetak:
    def run(*arguments: str, **environment: str) -> Told:
        known = {"CETAK_HOME": str(home), "COLUMNS": "200"} | environment
        result = CliRunner().invoke(app, list(arguments), env=known)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Told(code=result.exit_code, out=result.stdout, err=result.stderr)

    return run


def process(home: Path) -> Cetak:
    """The same in a process of its own, where the command sets up logging."""

    def run(*arguments: str) -> Told:
        known = {**os.environ, "CETAK_HOME": str(home), "COLUMNS": "200"}
        called = [sys.executable, "-m", "onebox", *arguments]
        ran = subprocess.run(called, env=known, capture_output=True, text=True, check=False, timeout=60)
        return Told(code=ran.returncode, out=ran.stdout, err=ran.stderr)

    return run


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Cetak]:
    """In a home with nothing in it yet."""
    yield process(tmp_path / "var")
    EmbeddedPostgres(tmp_path / "var").erase()


@contextmanager
def running(home: Path) -> Iterator[Path]:
    """A home whose office runs, without blanks: nothing is printed in it."""
    hours = {f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")}
    write(home, Deployment(stations=(StationConfig(id="2102-1"),), hours=hours))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = {"CETAK_HOME": str(home), "CETAK_PORT": str(port), "CETAK_LOG_LEVEL": "ERROR"}
    with (home / "up.log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "onebox", "up"], env={**os.environ, **known}, stdout=log, stderr=log
        )
    try:
        _wait_for(home, port, up)
        yield home
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(30)
        EmbeddedPostgres(home).erase()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the office that all tests here share."""
    with running(tmp_path_factory.mktemp("office")) as found:
        yield found


@pytest.fixture(scope="module")
def home_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of an office that runs for one file of tests alone."""
    with running(tmp_path_factory.mktemp("own")) as found:
        yield found


@pytest.fixture(scope="module")
def cetak_of_our_own(home_of_our_own: Path) -> Cetak:
    return command(home_of_our_own)


@pytest.fixture(scope="session")
def cetak_process(home: Path) -> Cetak:
    return process(home)


@pytest.fixture(scope="session")
def cetak(home: Path) -> Cetak:
    return command(home)


def _wait_for(home: Path, port: int, up: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert up.poll() is None, (home / "up.log").read_text()
        with socket.socket() as probe:
            if running_at(home) and probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("it does not come up")

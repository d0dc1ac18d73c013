"""What was started is told by pid and birth."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_cluster.state import Started, birth, load, save


def started(pid: int) -> Started:
    return Started(name="intake", service="intake", url="http://x", pid=pid, birth=birth(pid))


def test_a_running_process_is_alive() -> None:
    assert started(os.getpid()).alive


def test_another_process_of_the_same_pid_is_not_it() -> None:
    assert not replace(started(os.getpid()), birth="boot/1").alive


@pytest.fixture
def pid() -> Iterator[int]:
    """A process that waits."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid


async def test_stopping_ends_the_process_and_stopping_again_does_nothing(pid: int) -> None:
    one = started(pid)
    await one.stop()
    await one.stop()

    assert not one.alive


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    path, one = tmp_path / "local" / "cluster.json", started(os.getpid())
    save(path, 9000, [one])

    assert load(path) == (9000, [one])
    assert load(tmp_path / "other.json") is None

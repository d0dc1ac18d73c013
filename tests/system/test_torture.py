"""A few fixed schedules of faults against real processes; `make torture N=100` plays many."""

import subprocess
import sys
from pathlib import Path

import pytest

from local_cluster.rabbit_node import MISSING, SERVER

ROOT = Path(__file__).parents[2]
SEEDS = "6,7,15"


def test_after_any_of_these_schedules_all_is_drained_and_every_promise_holds() -> None:
    if not SERVER.exists():
        pytest.skip(MISSING)
    played = subprocess.run(
        [sys.executable, "-m", "tests.torture", "--seeds", SEEDS, "--applications", "40"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]

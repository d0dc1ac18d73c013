"""A few fixed station schedules in virtual time; `make torture-station N=500` plays many."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS = "1-12"


def test_after_any_of_these_schedules_cards_ledgers_bins_and_the_audit_agree() -> None:
    played = subprocess.run(
        [sys.executable, "-m", "tests.torture_station", "--seeds", SEEDS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]

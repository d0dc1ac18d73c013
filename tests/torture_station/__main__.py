"""`python -m tests.torture_station`: random schedules of two stations in virtual time; planted printing faults.

make torture-station N=500                  seeds 1 to 500
python -m tests.torture_station --seeds 17,23-25
python -m tests.torture_station --mutants   each planted fault must be caught within 50 schedules
"""

import argparse
import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .mutants import MUTANTS
from .planting import plant

SCHEDULES_FOR_A_MUTANT = 50


def main() -> None:
    given = _parser().parse_args()
    if given.mutants is not None:
        sys.exit(_mutants(given))
    if given.mutant:
        plant(MUTANTS[given.mutant])
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    print(f"Cetak station torture, git {commit.stdout.strip() or 'unknown'}, seeds {given.seeds}")
    with tempfile.TemporaryDirectory(prefix="cetak-station-") as base:
        sys.exit(asyncio.run(_run(given, Path(base))))


async def _run(given: argparse.Namespace, base: Path) -> int:
    # Not before a fault is planted: these bring the services in.
    import structlog

    from .run import PEOPLE, series
    from .world import Ground

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(_level(given.log)))
    logging.disable(logging.WARNING)
    ground, seeds = Ground(base, known=PEOPLE), _seeds(given.seeds)
    began = time.monotonic()
    try:
        await ground.open()
        bad = await series(ground, seeds, quiet=not given.loud, stop_at_first=bool(given.mutant))
    finally:
        await ground.close()
    each = (time.monotonic() - began) / len(seeds)
    print(f"{len(seeds)} schedules, {len(bad)} bad, {each:.2f} s each")
    return min(1, len(bad))


def _level(name: str) -> int:
    return logging.getLevelNamesMapping()[name.upper()]


def _mutants(given: argparse.Namespace) -> int:
    """Each in a process of its own: its modules are other ones."""
    wanted = given.mutants.split(",") if given.mutants else list(MUTANTS)
    seeds = given.seeds or f"1-{SCHEDULES_FOR_A_MUTANT}"
    missed = 0
    for name in wanted:
        command = [sys.executable, "-m", "tests.torture_station", "--mutant", name, "--seeds", seeds]
        played = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = played.stdout.splitlines()
        at = next((line.split()[1] for line in lines if " BAD " in line), None)
        why = next((line.strip() for line in lines if line.startswith("  ! ")), played.stderr[-300:])
        print(f"{name:<34} {'NOT CAUGHT' if at is None else f'caught at seed {at}'}  {why}", flush=True)
        missed += at is None
    return min(1, missed)


def _seeds(text: str) -> list[int]:
    """`1-3,17` is 1, 2, 3 and 17."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="torture_station", description=__doc__)
    parser.add_argument("--seeds", default="", help="1-500, or 3,17")
    parser.add_argument("--mutants", nargs="?", const="", help="planted faults: all, or some by name")
    parser.add_argument("--mutant", default="", help="one planted fault, in this process")
    parser.add_argument("--loud", action="store_true", help="print every schedule's faults")
    parser.add_argument("--log", default="critical", help="the services' own log, from this level")
    return parser


if __name__ == "__main__":
    main()

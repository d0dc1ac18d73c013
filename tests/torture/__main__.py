"""`python -m tests.torture`: schedules of faults against real processes; planted faults; kill -9 at every failpoint.

make torture N=100              seeds 1 to 100, then every failpoint
make torture-mutants            each planted fault must be caught within 50 schedules
python -m tests.torture --seeds 17,23-25
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from .every_failpoint import kill_at_each
from .failpoint_names import without_ipp
from .ground import KNOWN, PORT
from .mutants import MUTANTS
from .people import people
from .run import PAUSE, Series

SCHEDULES_FOR_A_MUTANT = 50
FOR_SCHEDULES = KNOWN - 1500
"""People who come in schedules; the others come to the failpoints."""


def main() -> None:
    given = _parser().parse_args()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    print(f"Cetak torture, git {commit.stdout.strip() or 'unknown'}, seeds {given.seeds}")
    print(
        f"SIGSTOP lasts {PAUSE / given.scale:.0f} s for {PAUSE:.0f}: {SCALED}"
        if given.scale != 1
        else "No time is scaled."
    )
    with tempfile.TemporaryDirectory(prefix="cetak-torture-") as base:
        sys.exit(asyncio.run(_run(given, Path(base))))


SCALED = (
    "heartbeat, silent and gone are shorter by the same; a dead gateway's lease (90 s) is ended at healing; "
    "an unanswered request is asked again, and a silent case asked for, after 36 s for 30 minutes"
)


async def _run(given: argparse.Namespace, base: Path) -> int:
    if given.mutants is not None:
        return await _mutants(given, base)
    bad = 0
    series = _series(given, base)
    began, seeds = time.monotonic(), _seeds(given.seeds)
    try:
        for seed in seeds:
            bad += bool((await series.play(seed)).findings)
    finally:
        await series.close()
    if seeds:
        each = (time.monotonic() - began) / len(seeds)
        print(f"{len(seeds)} schedules, {bad} bad, {each:.1f} s each")
    if given.failpoints is not None:
        wanted = given.failpoints.split(",") if given.failpoints else without_ipp()
        crowd = islice(people(1, KNOWN), FOR_SCHEDULES, None)
        bad += len(await kill_at_each(base, crowd, wanted, scale=given.scale, port=given.port))
    return min(bad, 1)


async def _mutants(given: argparse.Namespace, base: Path) -> int:
    wanted = given.mutants.split(",") if given.mutants else list(MUTANTS)
    caught: dict[str, int | None] = {}
    for name in wanted:
        print(f"{name}:", flush=True)
        series = _series(given, base, mutant=name)
        caught[name] = None
        try:
            for seed in _seeds(given.seeds or f"1-{SCHEDULES_FOR_A_MUTANT}"):
                if (await series.play(seed, quiet=True)).findings:
                    caught[name] = seed
                    break
        finally:
            await series.close()
    for name, at in caught.items():
        print(f"{name:<40} {'NOT CAUGHT' if at is None else f'caught at seed {at}'}")
    return int(None in caught.values())


def _series(given: argparse.Namespace, base: Path, mutant: str = "") -> Series:
    return Series(
        islice(people(1, KNOWN), FOR_SCHEDULES),
        base=base,
        applications=given.applications,
        scale=given.scale,
        port=given.port,
        mutant=mutant,
    )


def _seeds(text: str) -> list[int]:
    """`1-3,17` is 1, 2, 3 and 17."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--seeds", default="", help="1-100, or 3,17")
    parser.add_argument("--applications", type=int, default=60, help="people a schedule")
    parser.add_argument("--port", type=int, default=PORT, help="the first of a hundred ports")
    parser.add_argument("--scale", type=float, default=6, help="by how much waiting times are shortened")
    parser.add_argument(
        "--failpoints", nargs="?", const="", help="then kill -9 at every named failpoint, or at some"
    )
    parser.add_argument("--mutants", nargs="?", const="", help="planted faults instead: all, or some by name")
    return parser


if __name__ == "__main__":
    main()

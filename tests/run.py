"""Runs the whole test suite with coverage: pure modules must be covered whole, the rest well.

First the suite, then the same suite's end-to-end part in chaos mode. Prints where time went; exit code as pytest's.
"""

import subprocess
import sys

PURE = (
    "*/domain/*",
    "*/backbone/calendar.py",
    "*/backbone/hours.py",
    "*/backbone/topology.py",
    "*/backbone/contracts/*",
)
LEAST_OF_ALL = 85


def run(*arguments: str) -> None:
    finished = subprocess.run([sys.executable, "-m", *arguments], check=False)  # our own tools
    if finished.returncode:
        sys.exit(finished.returncode)


def main() -> None:
    run("coverage", "erase")
    run("pytest", "-q", "--cov", "--cov-report=", "--durations=8", *sys.argv[1:])
    print("Pure modules:")
    run("coverage", "report", "--skip-covered", "--fail-under=100", f"--include={','.join(PURE)}")
    print("All:")
    run(
        "coverage",
        "report",
        "--skip-covered",
        "--sort=cover",
        f"--fail-under={LEAST_OF_ALL}",
        "--format=total",
    )


if __name__ == "__main__":
    main()

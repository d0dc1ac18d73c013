"""Runs the whole test suite with coverage: pure modules must be covered whole, the rest well.

On the embedded broker, and all that uses a broker once more on RabbitMQ. Prints where time went; exit code as pytest's.
"""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import IO

from local_cluster.installing import ensure_rabbit
from local_cluster.rabbit_node import RabbitFailed

PURE = (
    "*/domain/*",
    "*/backbone/calendar.py",
    "*/backbone/hours.py",
    "*/backbone/topology.py",
    "*/backbone/contracts/*",
)
LEAST_OF_ALL = 85
PYTEST = ("pytest", "-q", "--durations=8")
UNHURRIED, ALONE = ("-m", "not speed"), ("-m", "speed")
"""A test that measures seconds has the machine for itself."""

RABBIT = {"CETAK_TEST_BROKER": "rabbitmq"}
OWN_BROKER = "tests/integration/rabbit"
NO_BROKER = "tests/system/station_page"
WEEKS = "tests/simulation"
EMBEDDED_ALONE = (
    "test_cluster.py",
    "test_torture.py",
    "test_kill.py",
    "test_recover.py",
    "test_station_crash.py",
    "test_torture_station.py",
)
"""System tests that bring their own broker, kill the embedded one, or use none."""
Part = tuple[tuple[str, ...], dict[str, str]]
"""What pytest is given, and its environment."""


def start(*arguments: str, output: IO[bytes] | None, **environment: str) -> subprocess.Popen[bytes]:
    """One of our own tools as a process; `output` takes what it prints."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], env=os.environ | environment, stdout=output, stderr=output
    )


def run(*arguments: str) -> None:
    """Run it to its end; its failure is ours."""
    if code := start(*arguments, output=None).wait():
        sys.exit(code)


def rabbit_is_here() -> bool:
    """Install RabbitMQ where we may; else say how, and what is not tested without it."""
    try:
        ensure_rabbit()
    except RabbitFailed as missing:
        print(
            f"{missing}\nTanpa RabbitMQ, uji di atasnya TIDAK dijalankan · without it, nothing is tested on RabbitMQ."
        )
        return False
    return True


def _without(*paths: str) -> tuple[str, ...]:
    return tuple(f"--ignore={path}" for path in paths)


def both(main: tuple[str, ...], beside: list[Part], said: Path) -> None:
    """One pytest, and beside it, as there are two cores, others one after the other; what these say comes at the end."""
    said.parent.mkdir(exist_ok=True)
    codes: list[int] = []

    def others() -> None:
        with said.open("wb") as output:
            codes.extend(
                start(*PYTEST, *arguments, output=output, **environment).wait()
                for arguments, environment in beside
            )

    thread = Thread(target=others)
    thread.start()
    codes.append(start(*PYTEST, *main, output=None).wait())
    thread.join()
    print(f"Beside it:\n{said.read_text()}", flush=True)
    if any(codes):
        sys.exit(max(codes))


def everything(*, on_rabbit: bool) -> None:
    """Unit and integration tests with coverage; then system tests: real processes, whole days."""
    fast: list[Part] = [(("tests/conformance", OWN_BROKER), {})]
    slow: list[Part] = [((WEEKS,), {}), ((NO_BROKER,), {})]
    if on_rabbit:
        print("The integration and system tests run once more, on RabbitMQ, beside these.", flush=True)
        ignored = _without(NO_BROKER, *(f"tests/system/{name}" for name in EMBEDDED_ALONE))
        fast.insert(0, (("tests/integration", *_without(OWN_BROKER)), RABBIT))
        slow.insert(0, (("tests/system", *ignored), RABBIT))
    beside_others = [((*UNHURRIED, *arguments), environment) for arguments, environment in fast]
    ours = ("tests/unit", "tests/integration", *_without(OWN_BROKER))
    both(("--cov", "--cov-report=", *UNHURRIED, *ours), beside_others, Path("var/tests-beside-fast.log"))
    run(*PYTEST, *ALONE, *ours)
    both(("tests/system", *_without(NO_BROKER)), slow, Path("var/tests-beside-slow.log"))


def main() -> None:
    on_rabbit = rabbit_is_here()
    run("coverage", "erase")
    if given := sys.argv[1:]:
        run(*PYTEST, "--cov", "--cov-report=", *given)
    else:
        everything(on_rabbit=on_rabbit)
    print("Pure modules:")
    run("coverage", "report", "--skip-covered", "--fail-under=100", f"--include={','.join(PURE)}")
    print("All:")
    least = f"--fail-under={LEAST_OF_ALL}"
    run("coverage", "report", "--skip-covered", "--sort=cover", least, "--format=total")


if __name__ == "__main__":
    main()

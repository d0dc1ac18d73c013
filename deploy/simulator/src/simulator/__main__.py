"""`python -m simulator`: the centre on a port of its own."""

import argparse
from pathlib import Path
from typing import Any

import uvicorn

from backbone.clock import SystemClock
from simulator.app import create_app
from simulator.settings import SimulatorSettings


def main() -> None:
    given = {name: value for name, value in vars(_parser().parse_args()).items() if value is not None}
    host, port = given.pop("host"), given.pop("port")
    uvicorn.run(create_app(_settings(given), SystemClock()), host=host, port=port, access_log=False)


def _settings(given: dict[str, Any]) -> SimulatorSettings:
    return SimulatorSettings(**given)


def _parser() -> argparse.ArgumentParser:
    """What is not said here comes from the environment (`settings.py`)."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--people", type=int, help="how many specimen people")
    parser.add_argument("--seed", type=int, help="who they are, and the latencies")
    parser.add_argument("--backlog", type=Path, help="a backlog file whose people the centre knows too")
    parser.add_argument("--call-log", type=Path, help="the file of its own log of calls")
    parser.add_argument("--control", action="store_true", default=None, help="open /_control/")
    return parser


if __name__ == "__main__":
    main()

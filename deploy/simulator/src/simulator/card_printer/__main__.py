"""`python -m simulator.card_printer`: a card printer on a port of its own."""

import argparse
from pathlib import Path

import uvicorn

from backbone.clock import SystemClock
from backbone.ids import Ids
from simulator.card_printer.machine import Machine
from simulator.card_printer.mishaps import Mishaps, drawn
from simulator.card_printer.service import create_app
from simulator.card_printer.witness import Witness


def main() -> None:
    given = _parser().parse_args()
    clock = SystemClock()
    plan = drawn(given.seed, jobs=given.jobs, share=given.share) if given.seed is not None else {}
    machine = Machine(
        clock,
        Ids(clock),
        blanks=given.blanks,
        seconds_per_card=given.seconds,
        mishaps=Mishaps(plan),
        witness=Witness(given.log),
        spooler=given.spooler,
    )
    uri = f"ipp://{given.host}:{given.port}/ipp/print"
    uvicorn.run(create_app(machine, uri), host=given.host, port=given.port, access_log=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card-printer", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8631)
    parser.add_argument("--blanks", type=int, default=100, help="in the hopper at first")
    parser.add_argument("--seconds", type=float, default=5, help="a card takes")
    parser.add_argument("--log", type=Path, help="the file of what came out")
    parser.add_argument("--spooler", action="store_true", help="say completed as soon as the bytes are there")
    parser.add_argument("--seed", type=int, help="of a plan of mishaps; without it nothing goes wrong")
    parser.add_argument("--jobs", type=int, default=1000, help="how many jobs the plan covers")
    parser.add_argument("--share", type=float, default=0.1, help="of the jobs that meet something")
    return parser


if __name__ == "__main__":
    main()

"""What goes wrong at two stations, when and for how long: drawn from a seed, the same for the same seed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from simulator.card_printer.mishaps import KINDS

STATIONS = ("2102-1", "2102-2")
LOAD = 420.0
"""Seconds during which faults begin; people come to the kiosk for as long."""
FEWEST, MOST = 2, 5
WEIGHTS = {
    "crash_at": 6,
    "crash": 2,
    "freeze_at": 6,
    "freeze": 2,
    "call_lost": 3,
    "answer_lost": 5,
    "line_down": 2,
    "mishap": 8,
    "twin": 2,
    "image": 2,
    "disk_full": 2,
    "clock_off": 1,
}
CALLS = ("hello", "jobs", "record", "arm", "outcome")
OFF_BY = (-86400.0, -3600.0, -120.0, 120.0, 3600.0, 86400.0)
LASTING = {
    "crash_at": (5, 180),
    "crash": (5, 180),
    "freeze_at": (60, 900),
    "freeze": (60, 900),
    "line_down": (20, 400),
    "mishap": (30, 300),
    "twin": (60, 300),
    "image": (30, 300),
    "disk_full": (30, 240),
    "clock_off": (60, 400),
}
"""Least and most seconds. What is not here is over at once."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`at`: seconds after the schedule's start. `where`: a failpoint, a call or a mishap's kind; `nth` pass from then."""

    at: float
    kind: str
    station: str
    seconds: float = 0.0
    where: str = ""
    nth: int = 1

    def line(self) -> str:
        lasting = f" for {self.seconds:.0f} s" if self.seconds else ""
        place = f" at {self.where}, pass {self.nth}" if self.where else ""
        return f"+{self.at:4.0f} s  {self.kind:<12} {self.station}{place}{lasting}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`spoolers`: stations whose printer stands behind a spooler. `moments`: when each person comes, in seconds."""

    seed: int
    faults: tuple[Fault, ...]
    spoolers: frozenset[str]
    moments: tuple[float, ...]


def draw(seed: int, points: Sequence[str], *, people: int) -> Plan:
    """The plan of a seed; `points` are the agent's failpoints."""
    dice = Random(f"station/{seed}")
    kinds = dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=dice.randint(FEWEST, MOST))
    faults = [_fault(dice, kind, points) for kind in kinds]
    return Plan(
        seed=seed,
        faults=tuple(sorted(faults, key=lambda fault: fault.at)),
        spoolers=frozenset(station for station in STATIONS if dice.random() < 0.12),
        moments=tuple(sorted(dice.uniform(0, LOAD * 0.8) for _ in range(people))),
    )


def _fault(dice: Random, kind: str, points: Sequence[str]) -> Fault:
    least, most = LASTING.get(kind, (0, 0))
    fault = Fault(
        at=dice.uniform(0, LOAD),
        kind=kind,
        station=dice.choice(STATIONS),
        seconds=dice.uniform(least, most),
        nth=dice.choice((1, 1, 1, 2)),
        where=_where(dice, kind, points),
    )
    if kind in ("crash_at", "freeze_at", "call_lost", "answer_lost", "mishap"):
        # They wait for the agent to come by: set early, they meet a card.
        return Fault(**{**vars(fault), "at": dice.uniform(0, LOAD * 0.5)})
    return fault


def _where(dice: Random, kind: str, points: Sequence[str]) -> str:
    if kind in ("crash_at", "freeze_at"):
        return dice.choice(points)
    if kind in ("call_lost", "answer_lost"):
        return dice.choice(CALLS)
    if kind == "mishap":
        return dice.choice(KINDS)
    if kind == "clock_off":
        return str(dice.choice(OFF_BY))
    if kind == "twin":
        return dice.choice(("same journal", "copied journal", "no journal"))
    return ""

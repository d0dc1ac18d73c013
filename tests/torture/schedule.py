"""What goes wrong, when and for how long: drawn from a seed, the same for the same seed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

LOAD = 8.0
"""Seconds during which faults begin; people come to the kiosk for as long."""
FEWEST, MOST = 3, 6


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What can be hurt: processes and links by name, queues, services' database roles, failpoints with their process."""

    processes: Sequence[str]
    links: Sequence[str]
    queues: Sequence[str]
    roles: Sequence[str]
    failpoints: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`at`: seconds after the schedule's start; `seconds`: until it is undone (0: it is over at once)."""

    at: float
    kind: str
    target: str
    seconds: float = 0.0

    @property
    def until(self) -> float:
        return self.at + self.seconds

    def line(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"+{self.at:4.1f} s  {self.kind:<16} {self.target}{lasting}"


WEIGHTS = {
    "kill": 6,
    "failpoint": 5,
    "pause": 3,
    "broker_kill": 3,
    "broker_restart": 1,
    "broker_alarm": 2,
    "queue_unbound": 3,
    "queue_deleted": 2,
    "vhost_wiped": 2,
    "database_restart": 1,
    "backends_killed": 3,
    "cut": 2,
    "refuse": 1,
    "half_open": 2,
    "delay": 2,
    "poison": 2,
    "oversize": 1,
    "late_again": 4,
}
BROKER_LOSES = frozenset({"queue_deleted", "vhost_wiped"})
"""Faults in which the broker forgets what it had confirmed: only then may anything have to be asked again."""
LASTING = {
    "kill": (0.3, 2.5),
    "failpoint": (6.0, 6.0),
    "broker_kill": (0.5, 2.0),
    "broker_alarm": (2.0, 5.0),
    "queue_unbound": (1.0, 4.0),
    "queue_deleted": (0.5, 3.0),
    "vhost_wiped": (0.5, 3.0),
    "database_restart": (0.2, 2.0),
    "refuse": (1.0, 4.0),
    "half_open": (2.0, 6.0),
    "delay": (3.0, 6.0),
}
"""Least and most seconds. What is not here is over at once."""


def draw(seed: int, targets: Targets, *, pause: float) -> list[Fault]:
    """The faults of a seed in the order of their beginning. `pause`: seconds of a SIGSTOP."""
    dice = Random(f"torture/{seed}")
    kinds = dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=dice.randint(FEWEST, MOST))
    faults = [_fault(dice, kind, targets, pause) for kind in kinds]
    return sorted(faults, key=lambda fault: (fault.at, fault.kind, fault.target))


def broker_loses(faults: Sequence[Fault]) -> bool:
    return any(fault.kind in BROKER_LOSES for fault in faults)


def _fault(dice: Random, kind: str, targets: Targets, pause: float) -> Fault:
    at = round(dice.uniform(0.3, LOAD), 1)
    least, most = LASTING.get(kind, (0.0, 0.0))
    seconds = pause if kind == "pause" else round(dice.uniform(least, most), 1)
    return Fault(at=at, kind=kind, target=_target(dice, kind, targets), seconds=seconds)


def _target(dice: Random, kind: str, targets: Targets) -> str:
    match kind:
        case "kill" | "pause":
            return dice.choice(targets.processes)
        case "failpoint":
            return "@".join(dice.choice(targets.failpoints))
        case "queue_unbound" | "queue_deleted" | "poison" | "oversize" | "late_again":
            return dice.choice(targets.queues)
        case "backends_killed":
            return dice.choice(targets.roles)
        case "cut" | "refuse" | "half_open" | "delay":
            return dice.choice(targets.links)
        case _:
            return kind.partition("_")[0]

"""What a simulated world is made of, and the cards that come out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.simulation.people import Asker

from simulator.domain.window import OtherHours

WIB = ZoneInfo("Asia/Jakarta")
DAILY = ("07:30-24:00",) * 7


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a world is made of. `hours`: the centre's by day of the week; `seconds`: what one card takes a printer."""

    start: datetime
    seconds: float
    hours: tuple[str, ...] = DAILY
    other_hours: Sequence[OtherHours] = ()
    outages: Sequence[tuple[datetime, datetime, int | None]] = ()
    """From, until, and the seconds after which the centre asks to be tried again."""
    calls_per_hour: float = 120
    backlog: Sequence[Asker] = ()
    walk_ins: Sequence[Asker] = ()
    deliveries: Sequence[tuple[datetime, int]] = ()
    """When, and how many blanks to each station; at the start or later."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One printed card, its moments in the office's zone."""

    id: str
    kind: str
    district: str
    source: str
    received_at: datetime
    armed_at: datetime
    closed_at: datetime

    @property
    def waited(self) -> timedelta:
        return self.closed_at - self.received_at

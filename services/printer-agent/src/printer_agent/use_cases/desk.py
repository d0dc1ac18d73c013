"""What every step of a station's work needs."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backbone.clock import Clock
from backbone.ids import Ids
from printer_agent.journal import Journal
from printer_agent.office import Office
from printer_agent.session import CardSession
from printer_agent.settings import StationSettings


@dataclass(kw_only=True)
class Desk:
    """A station's tools. `run` is the number of this process's run: greater than that of every earlier one; `process` tells
    it from another machine's of the same number.
    """

    settings: StationSettings
    clock: Clock
    ids: Ids
    office: Office
    session: CardSession
    journal: Journal
    run: int
    process: UUID


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment by two clocks: one that a correction moves, one that stands still while the machine is suspended."""

    wall: datetime
    steady: float

    @classmethod
    def now(cls, clock: Clock) -> "Moment":
        return cls(wall=clock.now(), steady=asyncio.get_running_loop().time())

    def seconds_since(self, earlier: "Moment") -> float:
        """What passed by whichever clock says more."""
        return max((self.wall - earlier.wall).total_seconds(), self.steady - earlier.steady)

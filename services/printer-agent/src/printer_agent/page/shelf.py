"""What the page knows of the station's stock: the ledger's last answer, kept while the office is away."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from backbone.clock import Clock
from printer_agent.office import Office, Refused, Unreachable
from printer_agent.page.said import Said, moment_said
from printer_agent.stock import Delivery, Item, Left, Stock

FRESH = timedelta(seconds=10)
PATIENCE = 2.0
"""Seconds that a page waits for the office's ledger."""
GUESS = 0.1
"""The share of a roll's nominal yield that an unmeasured estimate may be off."""

NAMES: dict[Item, Said] = {
    "blank": Said("Blangko", "Blanks"),
    "ribbon": Said("Pita", "Ribbon"),
    "film": Said("Film", "Film"),
}


@dataclass(frozen=True, kw_only=True)
class SupplyShown:
    """One supply in cards; `off_by` 0: counted, not estimated. `left` None: unknown."""

    item: Item
    name: Said
    left: int | None
    off_by: int
    lasts: Said | None
    low: bool


@dataclass(frozen=True, kw_only=True)
class ShelfShown:
    supplies: tuple[SupplyShown, ...]
    as_of: Said | None
    """When the ledger said so, where that is not now."""
    coming: Said | None


class Shelf:
    """Asks the ledger at most every FRESH, and never for longer than PATIENCE."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office = office
        self._clock = clock
        self._stock: Stock | None = None
        self._asked: datetime | None = None
        self._answered = False

    def forget(self) -> None:
        """Something was told to the ledger: ask again."""
        self._asked = None

    async def look(self) -> Stock | None:
        """The ledger's last answer; None before the first."""
        now = self._clock.now()
        if self._asked is None or now - self._asked >= FRESH:
            self._asked = now
            try:
                async with asyncio.timeout(PATIENCE):
                    self._stock, self._answered = await self._office.stock(), True
            except (TimeoutError, Unreachable, Refused):
                self._answered = False
        return self._stock

    def shown(self, tz: str) -> ShelfShown:
        """What the page shows of the last answer."""
        stock, now = self._stock, self._clock.now()
        if stock is None:
            return ShelfShown(supplies=tuple(map(_unknown, NAMES)), as_of=None, coming=None)
        return ShelfShown(
            supplies=tuple(map(_supply, stock.left)),
            as_of=None if self._answered else moment_said(stock.as_of, now, tz),
            coming=_coming(stock.deliveries, tz),
        )


def _unknown(item: Item) -> SupplyShown:
    return SupplyShown(item=item, name=NAMES[item], left=None, off_by=0, lasts=None, low=False)


def _supply(left: Left) -> SupplyShown:
    return SupplyShown(
        item=left.item,
        name=NAMES[left.item],
        left=left.left,
        off_by=_off_by(left),
        lasts=None if left.days_left is None else _days(left.days_left),
        low=left.low,
    )


def _off_by(left: Left) -> int:
    """How far an estimate may be off: half the spread of the measured yields, a share of the nominal where none is."""
    if left.item == "blank" or left.left is None:
        return 0
    if len(left.measured) > 1:
        return max(1, round((max(left.measured) - min(left.measured)) / 2))
    return round(GUESS * (left.nominal or 0))


def _days(days: float) -> Said:
    whole = int(days)
    if whole == 0:
        return Said("kurang dari sehari", "less than a day")
    return Said(f"sekitar {whole} hari", f"about {whole} day{'s' * (whole > 1)}")


def _coming(deliveries: Sequence[Delivery], tz: str) -> Said | None:
    """The next announced delivery."""
    announced = [
        (note.expected_at, note.blanks)
        for note in deliveries
        if note.received_at is None and note.expected_at is not None
    ]
    if not announced:
        return None
    expected_at, blanks = min(announced)
    day = expected_at.astimezone(ZoneInfo(tz)).date()
    return Said(f"{blanks} blangko datang {day:%d-%m-%Y}", f"{blanks} blanks arrive {day:%d-%m-%Y}")

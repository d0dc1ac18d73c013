"""Blanks, ribbon and film at this station as the office's ledger has them: what the scheduler answers about stock."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backbone.contracts.message import Wire

Item = Literal["blank", "ribbon", "film"]
Paper = Literal["stock", "supplies", "count", "test-cards"]
"""What people tell the ledger here, by the end of its path."""


class Left(Wire):
    """One supply in cards. `left` None: never loaded; `days_left` None: no rate known yet. `measured`: earlier rolls' yields."""

    item: Item
    left: int | None = None
    days_left: float | None = None
    low: bool = False
    nominal: int | None = None
    measured: tuple[float, ...] = ()
    loaded_at: datetime | None = None


class Today(Wire):
    printed: int = 0
    spoiled: int = 0


class Delivery(Wire):
    note_number: str
    blanks: int
    expected_at: datetime | None = None
    received_at: datetime | None = None


class Stock(Wire):
    """The station's stock at `as_of`, the office's clock."""

    as_of: datetime
    blanks: dict[str, int] = Field(default_factory=dict)
    today: Today = Today()
    left: tuple[Left, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class Told(Wire):
    """What the ledger made of a paper. `difference`: counted less expected, of a count."""

    again: bool = False
    difference: int = 0

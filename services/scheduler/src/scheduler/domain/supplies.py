"""Ribbon and film by measured yield, and how many days what is left will do. No booking: they are no one's card."""

from collections.abc import Mapping, Sequence
from typing import Final

SUPPLIES: Final = ("ribbon", "film")

NOMINAL: Final[Mapping[str, int]] = {"ribbon": 500, "film": 1500}
"""Cards a fresh roll is sold for; offices have seen 125 come out of 200, so what was measured counts for more."""

BELIEVED: Final = 3
"""So many of the last rolls that were used up tell what the next one will do."""


def expected_yield(nominal: int, measured: Sequence[int]) -> int:
    """Cards to expect of a roll: the mean of what the last ones made until they were used up, else what it is sold for."""
    last = measured[:BELIEVED]
    return round(sum(last) / len(last)) if last else nominal


def daily_rate(days: Sequence[int]) -> float:
    """Cards a working day: the mean over the days on which any was printed; 0 where there was none."""
    worked = [n for n in days if n > 0]
    return sum(worked) / len(worked) if worked else 0.0


def days_left(left: int, per_day: float) -> float | None:
    """Working days that `left` will do at a rate; None while no rate is known."""
    return round(left / per_day, 1) if per_day > 0 else None


def is_low(left: int, days: float | None, *, low_days: float, low_cards: int) -> bool:
    """Whether to order now: fewer days than `low_days`, or, while no rate is known, fewer cards than `low_cards`."""
    return left < low_cards if days is None else days < low_days

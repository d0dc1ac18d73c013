"""A policy tried on a queue: who moves, and by how many places, told from counts by kind, district and UTC day.

The cards of one day count as spread evenly over it, so what costs the same however many wait is a forecast: a number
of places may be off by what the boundary days hold. A place is told as `rank.place_cuts` tells it, as if every kind
moved.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from scheduler.domain.policy import DAY, KINDS, Policy

NOON: Final = 0.5
MOST_PEAKS: Final = 12
"""Days, on each side, whose cards are looked at to name the largest movers."""


class Bucket(NamedTuple):
    """So many waiting cards of one lane whose `ranked_from` falls on one UTC day."""

    kind: str
    district: str
    day: date
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """Cards that move one way: how many, by how many places on average and at most."""

    cards: int = 0
    mean: float = 0
    most: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """What a policy does to a group of cards; `up` is towards the front."""

    cards: int
    up: Side
    down: Side


Peak = tuple[str, date]
"""A kind and a UTC day: its cards move about alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shifts:
    """All cards, each lane by (kind, district), and the days that move furthest up and down, furthest first."""

    overall: Shift
    lanes: dict[tuple[str, str], Shift]
    furthest_up: tuple[Peak, ...]
    furthest_down: tuple[Peak, ...]


def shifts(buckets: Sequence[Bucket], old: Policy, new: Policy) -> Shifts:
    """How the cards of these buckets move when `new` takes the place of `old`."""
    line = _Line(buckets)
    moved = {(kind, day): 0 for kind, _, day, _ in buckets}
    moved = {peak: line.moved(old, new, *peak) for peak in moved}
    lanes: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for kind, district, day, n in buckets:
        lanes[kind, district].append((moved[kind, day], n))
    by_places = sorted(moved, key=lambda peak: (moved[peak], peak))
    return Shifts(
        overall=_shift(pair for pairs in lanes.values() for pair in pairs),
        lanes={lane: _shift(pairs) for lane, pairs in sorted(lanes.items())},
        furthest_up=tuple(peak for peak in by_places[:MOST_PEAKS] if moved[peak] < 0),
        furthest_down=tuple(peak for peak in by_places[: -MOST_PEAKS - 1 : -1] if moved[peak] > 0),
    )


class _Line:
    """How many cards of each kind stand before a moment, in days since year 1."""

    def __init__(self, buckets: Iterable[Bucket]) -> None:
        counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for kind, _, day, n in buckets:
            counts[kind][day.toordinal()] += n
        self._days = {kind: sorted(days) for kind, days in counts.items()}
        self._sums: dict[str, list[int]] = {}
        for kind, days in self._days.items():
            sums = self._sums[kind] = [0]
            for ordinal in days:
                sums.append(sums[-1] + counts[kind][ordinal])

    def moved(self, old: Policy, new: Policy, kind: str, day: date) -> int:
        """The places by which a card of this kind and day falls back; negative where it moves up."""
        noon, found = day.toordinal() + NOON, 0.0
        for other in KINDS:
            was, will = _ahead(old, other, kind), _ahead(new, other, kind)
            if was != will:
                found += self._before(other, noon + will) - self._before(other, noon + was)
        return round(found)

    def _before(self, kind: str, moment: float) -> float:
        days = self._days.get(kind, [])
        n = bisect_right(days, moment) - 1
        if n < 0:
            return 0.0
        sums = self._sums[kind]
        return sums[n] + (sums[n + 1] - sums[n]) * min(1.0, moment - days[n])


def _ahead(policy: Policy, other: str, kind: str) -> float:
    """By how many days a card of the other kind may be younger than one of this kind and still stand before it."""
    return (policy.head_starts.get(other, 0) - policy.head_starts.get(kind, 0)) / DAY


def _shift(pairs: Iterable[tuple[int, int]]) -> Shift:
    """`pairs`: places moved and number of cards."""
    known = list(pairs)
    return Shift(
        cards=sum(n for _, n in known),
        up=_side([(-places, n) for places, n in known if places < 0]),
        down=_side([(places, n) for places, n in known if places > 0]),
    )


def _side(pairs: Sequence[tuple[int, int]]) -> Side:
    cards = sum(n for _, n in pairs)
    if not cards:
        return Side()
    return Side(
        cards=cards,
        mean=round(sum(places * n for places, n in pairs) / cards, 1),
        most=max(places for places, _ in pairs),
    )

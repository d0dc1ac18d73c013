"""Just in time: how many cards each stage may take on now, read from small numbers only.

Verifying ahead is shallow by day, so that newcomers overtake and no approval dies unused, and deep just before a
known close, so that the stations have work until the centre is open again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

CALLS_PER_APPROVAL: Final = 2
VALIDITY_USED: Final = 0.9
"""The part of an approval's life that may be planned for; the rest is slack for a slow printer."""
AFTER_OPENING: Final = timedelta(hours=1)
"""How long the first approvals of a day may take to reach the stations."""
DEEP_MARGIN: Final = 1.5
UNMEASURED_LEAD: Final = timedelta(hours=1)
"""When to go deep where nobody knows how fast the centre answers."""
LONGEST_LEAD: Final = timedelta(days=30)
RECHECK: Final = timedelta(minutes=1)

Binding = Literal["window", "stations", "blanks", "quota", "depth", "rate"]
BLANKS: Final[Binding] = "blanks"


@dataclass(frozen=True, kw_only=True, slots=True)
class StationRoom:
    """One station: `live` attempts (reserved, armed, uncertain), `blanks` on hand, `seen` within 90 seconds."""

    id: str
    slots: int
    live: int
    blanks: int
    running: bool
    seen: bool
    uncertain: bool = False


def print_room(stations: Sequence[StationRoom]) -> dict[str, int]:
    """How many cards may be reserved at each station; a card nobody knows the fate of stops its station."""
    return {station.id: station_room(station) for station in stations}


def station_room(station: StationRoom) -> int:
    """How many cards may be reserved at one station now."""
    if not station.running or not station.seen or station.uncertain:
        return 0
    return max(0, min(station.slots - station.live, station.blanks))


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyView:
    """What verification looks at. `cards_per_hour`: all running stations together; None: unlimited or unknown.

    `printing_hours_until`: hours the stations may print from now until `deep_horizon`. `closes_at` and `next_opening`
    are None where no such moment is known. `calls_per_hour` is the office's part of its account's (`office_rate`).
    `window_open` is the centre's state as the gateway last told it. `halved`:
    too many approvals ended unused lately.
    """

    printable_approved: int
    verifying: int
    blanks_in_sight: int
    quota_left: int | None
    calls_per_hour: float | None
    cards_per_hour: float
    now: datetime
    closes_at: datetime | None
    next_opening: datetime | None
    printing_hours_until: float
    approval_validity: timedelta
    shallow_hours: float
    print_after_close: bool
    window_open: bool = True
    halved: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Depth:
    """How many requests may start now, how many cards to keep ahead, and what limits it."""

    room: int
    depth: int
    mode: Literal["shallow", "deep", "none"]
    binding: Binding


def office_rate(calls_per_hour: float | None, blanks: int, others: int) -> float | None:
    """The calls an hour that an office may expect of an account it shares: its part by blanks in sight, as turns go.

    `others`: the blanks of the account's other offices that have cards waiting.
    """
    if calls_per_hour is None or others <= 0:
        return calls_per_hour
    return calls_per_hour * max(0, blanks) / (max(0, blanks) + others)


def deep_horizon(now: datetime, next_opening: datetime | None, approval_validity: timedelta) -> datetime:
    """Until when approvals obtained now can be used and will be needed; an opening that has been is none."""
    dies = now + VALIDITY_USED * approval_validity
    if next_opening is None or next_opening <= now:
        return dies
    return min(dies, next_opening + AFTER_OPENING)


def verify_room(view: VerifyView) -> Depth:
    """How many applications may be sent to verification now; `binding` is the tightest limit, also where room is left."""
    if not _is_open(view):
        return _shut("window")
    if view.cards_per_hour <= 0 or _useful_hours(view) <= 0:
        return _shut("stations")
    if view.blanks_in_sight <= 0:
        return _shut("blanks")
    deep = _is_deep(view)
    depth, cut = _depth(view, deep=deep)
    room, binding = min(_limits(view, depth, cut=cut), key=lambda limit: limit[0])
    return Depth(room=max(0, room), depth=depth, mode="deep" if deep else "shallow", binding=binding)


def verify_stops(view: VerifyView) -> tuple[Binding, ...]:
    """All that leaves no room now, each by itself; none exactly where `verify_room` has room."""
    found: list[Binding] = []
    if not _is_open(view):
        found.append("window")
    if view.cards_per_hour <= 0 or _useful_hours(view) <= 0:
        found.append("stations")
    if found:
        # Nobody can say how deep to go: what else stops are the blanks.
        limits = [(view.blanks_in_sight - view.printable_approved - view.verifying, BLANKS)]
    else:
        depth, cut = _depth(view, deep=_is_deep(view))
        limits = _limits(view, depth, cut=cut)
    return (*found, *(binding for room, binding in limits if room <= 0))


def deep_starts_at(view: VerifyView) -> datetime | None:
    """When to look again because verifying goes deep: in the future, or None where it has begun or never will.

    The horizon moves with time, so the answer is the moment to ask again, at least a minute ahead.
    """
    if not _is_open(view) or view.closes_at is None or view.cards_per_hour <= 0 or _is_deep(view):
        return None
    return max(view.closes_at - _deep_lead(view), view.now + RECHECK)


def _depth(view: VerifyView, *, deep: bool) -> tuple[int, bool]:
    """How many cards to keep ahead, and whether the coming close says so."""
    hours, cut = _hours_ahead(view, deep=deep)
    return _cards(view, hours, whole=cut), cut


def _limits(view: VerifyView, depth: int, *, cut: bool) -> list[tuple[int, Binding]]:
    """What each limit leaves to be requested now."""
    ahead = view.printable_approved + view.verifying
    limits: list[tuple[int, Binding]] = [
        (view.blanks_in_sight - ahead, BLANKS),
        (depth - ahead, "window" if cut else "depth"),
    ]
    if view.quota_left is not None:
        limits.append((view.quota_left // CALLS_PER_APPROVAL - view.verifying, "quota"))
    if view.calls_per_hour is not None:
        at_once = max(1, math.floor(_approvals_per_minute(view.calls_per_hour)))
        limits.append((at_once - view.verifying, "rate"))
    return limits


def _shut(binding: Binding) -> Depth:
    return Depth(room=0, depth=0, mode="none", binding=binding)


def _is_open(view: VerifyView) -> bool:
    return view.window_open and (view.closes_at is None or view.now < view.closes_at)


def _is_deep(view: VerifyView) -> bool:
    return view.closes_at is not None and view.closes_at - view.now <= _deep_lead(view)


def _deep_lead(view: VerifyView) -> timedelta:
    """How long before the close the deep stock must be begun to be complete at the close."""
    if view.calls_per_hour is None:
        return UNMEASURED_LEAD
    deep = _cards(view, _useful_hours(view), whole=False)
    minutes = DEEP_MARGIN * deep / max(_approvals_per_minute(view.calls_per_hour), 1e-3)
    return timedelta(minutes=min(minutes, LONGEST_LEAD / timedelta(minutes=1)))


def _useful_hours(view: VerifyView) -> float:
    """Printing hours in which an approval obtained now can still be used and is not yet replaced by a later one."""
    horizon = deep_horizon(view.now, view.next_opening, view.approval_validity)
    return min((horizon - view.now) / timedelta(hours=1), view.printing_hours_until)


def _hours_ahead(view: VerifyView, *, deep: bool) -> tuple[float, bool]:
    """Printing hours to verify ahead for, and whether the coming close cuts them short."""
    useful = _useful_hours(view)
    hours = useful if deep else min(useful, view.shallow_hours)
    if view.print_after_close or view.closes_at is None:
        return hours, False
    before_close = (view.closes_at - view.now) / timedelta(hours=1)
    return min(hours, before_close), before_close < hours


def _cards(view: VerifyView, hours: float, *, whole: bool) -> int:
    """Cards printed in these hours; `whole`: none that would not be finished in them."""
    cards = round(view.cards_per_hour * max(0.0, hours), 6) / (2 if view.halved else 1)
    return math.floor(cards) if whole else math.ceil(cards)


def _approvals_per_minute(calls_per_hour: float) -> float:
    return calls_per_hour / CALLS_PER_APPROVAL / 60

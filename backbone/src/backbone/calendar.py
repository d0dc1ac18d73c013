"""When something is open: weekly hours in a time zone, days off, and dated overrides that end by themselves.

Pure, and a vocabulary only: the gateway owns the calendars, others keep a copy by event. Moments go in as aware datetimes
of any zone and come out in UTC; every span is half-open, `[opening, closing)`. Hours are wall-clock times of a local day.
A wall-clock time that a change of the clocks skips or repeats is read as RFC 5545 reads it (section 3.3.5: the offset
before the gap, the first of two), and a local day lasts from its midnight to the next one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from backbone.hours import CLOSED, MIDNIGHT, Hours, Override, utc
from backbone.zones import zone_of

__all__ = [
    "CLOSED",
    "FAR",
    "HORIZON",
    "Calendar",
    "CalendarName",
    "Hours",
    "Override",
    "Rule",
    "RuleKind",
    "Span",
]
__all__ += [
    "advance",
    "closes_at",
    "is_open",
    "next_change",
    "open_seconds",
    "opens_at",
    "retreat",
    "spans",
    "why",
]

CalendarName = Literal["counter", "printing", "centre"]
RuleKind = Literal["weekly", "holiday", "override"]
Span = tuple[datetime, datetime]

HORIZON = timedelta(days=400)
"""How far `closes_at`, `opens_at` and `next_change` look ahead: past any yearly pattern."""
FAR = timedelta(days=3660)
"""How far `advance` looks ahead, and `retreat` back: a plan beyond ten years is no plan."""

_DAY = timedelta(days=1)
_TICK = timedelta.resolution


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What decides at a moment: the hours in force on that local day, and the override where one rules."""

    kind: RuleKind
    day: date
    hours: Hours
    override: Override | None = None


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Weekly hours (Monday first) in an IANA time zone, the days off it follows, and overrides.

    All its overrides count: one office's calendar is made by `for_office`. `local`: the hours are wall-clock times of
    each office's own zone, and `tz` is that of a region nobody listed.
    """

    name: CalendarName
    tz: str
    weekly: tuple[Hours, ...]
    closed_on: frozenset[date] = frozenset()
    overrides: tuple[Override, ...] = ()
    local: bool = False

    def __post_init__(self) -> None:
        if self.name not in get_args(CalendarName):
            raise ValueError(f"{self.name!r} is no calendar: {', '.join(get_args(CalendarName))}")
        if len(self.weekly) != 7:
            raise ValueError(f"calendar {self.name}: a week has 7 days, not {len(self.weekly)}")
        try:
            ZoneInfo(self.tz)
        except (LookupError, OSError, ValueError):
            raise ValueError(f"calendar {self.name}: {self.tz!r} is no time zone") from None

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    def for_office(self, office: str) -> Self:
        """The same calendar with only the overrides that speak for an office (a region code), in the office's zone."""
        speaking = tuple(one for one in self.overrides if one.covers(office))
        part = zone_of(office, self.tz) if self.local else self.tz, speaking
        if part not in self._parts:
            self._parts[part] = replace(self, tz=part[0], overrides=speaking)
        return self._parts[part]

    def day_at(self, moment: datetime) -> date:
        """The local day between whose midnights an aware moment lies."""
        day = moment.astimezone(self.zone).date()
        return next(near for near in (day + _DAY, day, day - _DAY) if _instant(self.zone, near, 0) <= moment)

    def rule_on(self, day: date, moment: datetime) -> Rule:
        """What decides at a moment of a local day."""
        covering = (one for one in self.overrides if one.from_ <= moment < one.until)
        override = max(covering, key=lambda one: one.weight, default=None)
        if override is not None:
            return Rule(kind="override", day=day, hours=override.hours, override=override)
        if day in self.closed_on:
            return Rule(kind="holiday", day=day, hours=CLOSED)
        return Rule(kind="weekly", day=day, hours=self.weekly[day.weekday()])

    def open_on(self, day: date) -> tuple[Span, ...]:
        """The open spans of a local day, in order, apart from each other."""
        if day not in self._known_days:
            self._known_days[day] = tuple(_merged(sorted(self._pieces_of(day))))
        return self._known_days[day]

    # A calendar is a value: an office's part, or a day, once worked out stays so.
    @cached_property
    def _parts(self) -> dict[tuple[str, tuple[Override, ...]], Self]:
        return {(self.tz, self.overrides): self}

    @cached_property
    def _known_days(self) -> dict[date, tuple[Span, ...]]:
        return {}

    def _pieces_of(self, day: date) -> Iterator[Span]:
        begin, end = _instants(self.zone, day, 0, MIDNIGHT)
        edges = {edge for one in self.overrides for edge in (one.from_, one.until) if begin < edge < end}
        for start, stop in pairwise(sorted({begin, end} | edges)):
            hours = self.rule_on(day, start).hours
            yield from _cut([_instants(self.zone, day, *span) for span in hours.spans], start, stop)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "tz": self.tz,
            "weekly": [hours.to_json() for hours in self.weekly],
            "closed_on": [day.isoformat() for day in sorted(self.closed_on)],
            "overrides": [one.to_json() for one in self.overrides],
            "local": self.local,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            tz=data["tz"],
            weekly=tuple(Hours.from_json(text) for text in data["weekly"]),
            closed_on=frozenset(date.fromisoformat(day) for day in data["closed_on"]),
            overrides=tuple(Override.from_json(one) for one in data["overrides"]),
            local=data.get("local", False),
        )


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Open at the opening second, shut at the closing second."""
    moment = utc(moment)
    return any(opens <= moment < closes for opens, closes in calendar.open_on(calendar.day_at(moment)))


def why(calendar: Calendar, moment: datetime) -> Rule:
    """The rule that decides at a moment."""
    moment = utc(moment)
    return calendar.rule_on(calendar.day_at(moment), moment)


def closes_at(calendar: Calendar, moment: datetime) -> datetime | None:
    """The end of the open span around a moment; None if shut, or if it stays open for HORIZON."""
    moment = utc(moment)
    opens, closes = next(spans(calendar, moment, moment + HORIZON), (None, moment))
    return closes if opens == moment and closes < moment + HORIZON else None


def opens_at(calendar: Calendar, moment: datetime) -> datetime | None:
    """The first opening (from shut to open) at or after a moment; None within HORIZON."""
    moment = utc(moment)
    ahead = spans(calendar, moment - _TICK, moment + HORIZON)
    return next((opens for opens, _ in ahead if opens >= moment), None)


def next_change(calendar: Calendar, moment: datetime) -> datetime | None:
    """The first closing or opening after a moment; None within HORIZON."""
    return closes_at(calendar, moment) if is_open(calendar, moment) else opens_at(calendar, moment)


def spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """The open spans within `[start, end)`, in order, merged where they touch and cut off at both ends."""
    return _merged(_pieces(calendar, utc(start), utc(end)))


def open_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """How many seconds of `[start, end)` are open; 0 if the end is not after the start."""
    open_time = (closes - opens for opens, closes in _pieces(calendar, utc(start), utc(end)))
    return sum(open_time, timedelta()).total_seconds()


def advance(calendar: Calendar, start: datetime, seconds: float) -> datetime | None:
    """The first moment by which that many open seconds have passed since the start; None beyond FAR.

    Raises ValueError for negative seconds.
    """
    if not seconds >= 0:
        raise ValueError(f"{seconds} seconds: time does not run backwards")
    moment = utc(start)
    left = timedelta(seconds=min(seconds, 2 * FAR.total_seconds()))
    if not left:
        return moment
    for opens, closes in _pieces(calendar, moment, moment + FAR):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return None


def retreat(calendar: Calendar, end: datetime, seconds: float) -> datetime | None:
    """The last moment from which that many open seconds have passed until the end; None beyond FAR.

    Raises ValueError for negative seconds.
    """
    if not seconds >= 0:
        raise ValueError(f"{seconds} seconds: time does not run backwards")
    moment = utc(end)
    left = timedelta(seconds=min(seconds, 2 * FAR.total_seconds()))
    if not left:
        return moment
    day = calendar.day_at(moment)
    while _instant(calendar.zone, day, MIDNIGHT) > moment - FAR:
        for opens, closes in reversed(list(_cut(calendar.open_on(day), moment - FAR, moment))):
            if left <= closes - opens:
                return closes - left
            left -= closes - opens
        day -= _DAY
    return None


def _pieces(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    day = calendar.day_at(start)
    while _instant(calendar.zone, day, 0) < end:
        yield from _cut(calendar.open_on(day), start, end)
        day += _DAY


def _cut(pieces: Iterable[Span], start: datetime, end: datetime) -> Iterator[Span]:
    for opens, closes in pieces:
        first, last = max(start, opens), min(end, closes)
        if first < last:
            yield first, last


def _merged(pieces: Iterable[Span]) -> Iterator[Span]:
    held: Span | None = None
    for opens, closes in pieces:
        if held is not None and opens <= held[1]:
            held = held[0], max(held[1], closes)
            continue
        if held is not None:
            yield held
        held = opens, closes
    if held is not None:
        yield held


@lru_cache(maxsize=8192)
def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    days, rest = divmod(minute, MIDNIGHT)
    return datetime.combine(day + days * _DAY, time(*divmod(rest, 60)), zone).astimezone(UTC)


def _instants(zone: ZoneInfo, day: date, opens: int, closes: int) -> Span:
    return _instant(zone, day, opens), _instant(zone, day, closes)

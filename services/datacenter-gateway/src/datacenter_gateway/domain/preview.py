"""What an override would change before it is set: open time by day, the next opening and close, approvals. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from backbone.calendar import HORIZON, Calendar, Override, Span, closes_at, is_open, open_seconds, opens_at
from datacenter_gateway.domain.account import Account

CALLS_PER_APPROVAL = 2


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a calendar says at a moment, and what comes next."""

    open: bool
    closes_at: datetime | None
    opens_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DayEffect:
    """A local day whose open time would change, as far as it still lies ahead. Seconds; spans in UTC, of the whole day.

    `approvals`: how many more (fewer: below 0) the account could get at the most; None where nothing limits it.
    """

    day: date
    before: Sequence[Span]
    after: Sequence[Span]
    seconds_before: float
    seconds_after: float
    approvals: float | None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The whole of it. `at`: when it would begin to rule; `counted_until`: how far ahead the days were looked at."""

    at: datetime
    before: Outlook
    after: Outlook
    days: Sequence[DayEffect]
    counted_until: datetime

    @property
    def seconds(self) -> float:
        """Open time gained, or lost (below 0)."""
        return sum(day.seconds_after - day.seconds_before for day in self.days)

    @property
    def approvals(self) -> float | None:
        """Approvals that could be had more, or could not be had (below 0)."""
        known = [day.approvals for day in self.days if day.approvals is not None]
        return sum(known) if len(known) == len(self.days) else None


@dataclass(frozen=True, kw_only=True)
class Yield:
    """What an hour of the centre's open time brings at the most; None: no limit. `by`: the rate agreed, or measured calls."""

    per_hour: float
    per_day: float | None
    by: str

    def of(self, seconds: float) -> float:
        """Approvals of a day with so much open time, within the day's quota."""
        made = self.per_hour * seconds / 3600
        return made if self.per_day is None else min(made, self.per_day)


def yield_of(account: Account, calls_in_flight: int) -> Yield:
    """Two calls an approval: at the account's rate, or as fast as one gateway's calls were measured to be."""
    measured = calls_in_flight * 3600 / max(account.call_seconds, 1e-3)
    rate = account.calls_per_hour
    return Yield(
        per_hour=min(measured, measured if rate is None else rate) / CALLS_PER_APPROVAL,
        per_day=None if account.quota is None else account.quota / CALLS_PER_APPROVAL,
        by="rate" if rate is not None and rate <= measured else "measured",
    )


def effect(calendar: Calendar, one: Override, now: datetime, yields: Yield | None = None) -> Effect:
    """What changes from now on, at most HORIZON ahead, in one office's calendar; `yields`: of the centre's calendar only."""
    changed = replace(calendar, overrides=(*calendar.overrides, one))
    start = max(now, one.from_)
    end = min(one.until, start + HORIZON)
    days = []
    day = calendar.day_at(start)
    while _midnight(calendar, day) < end:
        following = day + timedelta(days=1)
        span = max(now, _midnight(calendar, day)), _midnight(calendar, following)
        before, after = open_seconds(calendar, *span), open_seconds(changed, *span)
        if calendar.open_on(day) != changed.open_on(day) and before != after:
            days.append(
                DayEffect(
                    day=day,
                    before=calendar.open_on(day),
                    after=changed.open_on(day),
                    seconds_before=before,
                    seconds_after=after,
                    approvals=None if yields is None else yields.of(after) - yields.of(before),
                )
            )
        day = following
    return Effect(
        at=start,
        before=_outlook(calendar, start),
        after=_outlook(changed, start),
        days=days,
        counted_until=end,
    )


def stronger(calendar: Calendar, one: Override) -> list[Override]:
    """The overrides that keep ruling where they and the new one meet: of a smaller region, for the same time."""
    return [
        other
        for other in calendar.overrides
        if other.from_ < one.until
        and one.from_ < other.until
        and other.weight > one.weight
        and (one.covers(other.prefix) or other.covers(one.prefix))
    ]


def _outlook(calendar: Calendar, at: datetime) -> Outlook:
    return Outlook(
        open=is_open(calendar, at),
        closes_at=closes_at(calendar, at),
        opens_at=opens_at(calendar, at + timedelta.resolution),
    )


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, time(), calendar.zone).astimezone(UTC)

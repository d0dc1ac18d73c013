"""How an override's effect is shown before it is set."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from backbone.calendar import CalendarName, Span
from backbone.contracts.message import Wire
from datacenter_gateway.domain.preview import DayEffect, Outlook
from datacenter_gateway.use_cases.preview import Preview


class OutlookView(Wire):
    """What the calendar says at a moment, and what comes next."""

    open: bool
    closes_at: datetime | None
    opens_at: datetime | None


class DayView(Wire):
    """A local day that would change: its hours, its minutes still ahead, the approvals it could bring more or less."""

    day: str
    hours_before: str
    hours_after: str
    minutes_before: float
    minutes_after: float
    approvals: float | None


class PreviewView(Wire):
    """What an override would change; below 0 is lost.

    `rules`: whether it would change anything. `same`: the id of one that says so already. `stronger`: overrides of
    smaller regions that keep ruling their own. `account_follows`: whether the account's calls obey it. `approvals`: at
    the most, by the account's rate or as calls were measured (`approvals_by`). `at`: when it begins to rule.
    `given_back`: requests that go back at once if it shuts now; `calls_under_way` finish and count.
    """

    calendar: CalendarName
    prefix: str
    from_: datetime = Field(serialization_alias="from")
    until: datetime
    hours: str
    rules: bool
    same: str | None
    stronger: list[dict[str, Any]]
    account_follows: bool
    tz: str
    at: datetime
    before: OutlookView
    after: OutlookView
    days: list[DayView]
    counted_until: datetime
    minutes: float
    approvals: float | None
    approvals_per_hour: float | None
    approvals_by: str | None
    given_back: int
    calls_under_way: int


def view(name: CalendarName, found: Preview) -> PreviewView:
    effect, one, zone = found.effect, found.override, found.calendar.zone
    shuts = found.follows and effect.before.open and not effect.after.open and effect.at <= one.set_at
    return PreviewView(
        calendar=name,
        prefix=one.prefix,
        from_=one.from_,
        until=one.until,
        hours=str(one.hours),
        rules=bool(effect.days),
        same=None if found.same is None else found.same.id,
        stronger=[other.to_json() for other in found.stronger],
        account_follows=found.follows,
        tz=zone.key,
        at=effect.at,
        before=_outlook(effect.before),
        after=_outlook(effect.after),
        days=[_day(day, zone) for day in effect.days],
        counted_until=effect.counted_until,
        minutes=round(effect.seconds / 60, 2),
        approvals=_rounded(effect.approvals),
        approvals_per_hour=None if found.yields is None else _rounded(found.yields.per_hour),
        approvals_by=None if found.yields is None else found.yields.by,
        given_back=found.waiting if shuts else 0,
        calls_under_way=found.calling,
    )


def _outlook(outlook: Outlook) -> OutlookView:
    return OutlookView(open=outlook.open, closes_at=outlook.closes_at, opens_at=outlook.opens_at)


def _day(day: DayEffect, zone: ZoneInfo) -> DayView:
    return DayView(
        day=day.day.isoformat(),
        hours_before=_hours(day.before, zone),
        hours_after=_hours(day.after, zone),
        minutes_before=round(day.seconds_before / 60, 2),
        minutes_after=round(day.seconds_after / 60, 2),
        approvals=_rounded(day.approvals),
    )


def _hours(spans: Sequence[Span], zone: ZoneInfo) -> str:
    """Open spans of one day as people write them; the midnight that ends it is 24:00."""
    texts = []
    for opens, closes in spans:
        end = f"{closes.astimezone(zone):%H:%M}"
        texts.append(f"{opens.astimezone(zone):%H:%M}-{'24:00' if end == '00:00' else end}")
    return ",".join(texts) or "closed"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)

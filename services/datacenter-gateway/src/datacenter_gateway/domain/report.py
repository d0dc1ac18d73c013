"""A day's window report: what the calendar gave, what was used, what was wasted and why. Pure.

It is kept by arithmetic at each call start and each change of state; nothing ticks. `booked_until` is the moment up to
which the day's open time is accounted for: a started call accounts for its own expected time and for the rate's gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from backbone.calendar import Calendar, open_seconds, spans
from datacenter_gateway.domain.account import State

WASTES: Mapping[State, str] = {
    "open": "no_requests",
    "outage": "outage",
    "quota": "quota",
    "credentials": "credentials",
}
"""What open time is wasted by, while no call is under way, by the account's state."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One account's day. Seconds; `opened` and `closed` by the calendars in force."""

    day: date
    settled_at: datetime
    booked_until: datetime
    opened: datetime | None = None
    closed: datetime | None = None
    open_seconds: float = 0
    starts: int = 0
    approvals: int = 0
    wasted_no_requests: float = 0
    wasted_outage: float = 0
    wasted_quota: float = 0
    wasted_credentials: float = 0


def book(report: Report, state: State, calendar: Calendar, until: datetime) -> Report:
    """The report with everything up to a moment of its day booked, the account having been in `state`."""
    if until <= report.settled_at:
        return report
    open_time = list(spans(calendar, report.settled_at, until))
    wasted: dict[str, float] = {}
    if state in WASTES:
        name = f"wasted_{WASTES[state]}"
        wasted[name] = getattr(report, name) + open_seconds(calendar, report.booked_until, until)
    return replace(
        report,
        settled_at=until,
        booked_until=max(report.booked_until, until),
        opened=report.opened or (open_time[0][0] if open_time else None),
        closed=open_time[-1][1] if open_time else report.closed,
        open_seconds=report.open_seconds + open_seconds(calendar, report.settled_at, until),
        **wasted,  # type: ignore[arg-type]  # names of float fields only
    )

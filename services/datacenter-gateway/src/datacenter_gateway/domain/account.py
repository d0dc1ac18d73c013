"""A centre account's state: what the calendar, the centre and an officer allow now, and until when. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from backbone.calendar import Calendar, closes_at, is_open, next_change, opens_at, why

State = Literal["open", "closed", "outage", "quota", "credentials"]
Block = Literal["closing", "outage", "quota", "credentials"]

CENTRE_ZONE = ZoneInfo("Asia/Jakarta")
"""The centre's quota day is its own, wherever the office lies."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5))
"""How long a failing centre is left alone before a probe; the last one repeats."""
LONGEST_PAUSE = timedelta(hours=24)
"""A centre that asks for more (Retry-After) is probed daily all the same."""
MEMORY = 0.8
"""The weight of the past in the measured seconds of a call."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the centre. `block` is what forbids calls beside the calendar, until `retry_at` (None: an officer).

    `closes_at` is None while shut (or where no close is in sight). `probation`: one call at a time until one succeeds.
    """

    name: str
    prefix: str
    state: State
    cause: str
    since: datetime
    version: int
    closes_at: datetime | None
    opens_at: datetime | None
    calls_per_hour: float | None
    quota: int | None
    quota_left: int | None
    quota_day: date
    last_start: datetime | None
    call_seconds: float
    approval_hours: float
    block: Block | None
    block_cause: str
    retry_at: datetime | None
    probation: bool
    failures: int
    report_day: date


def settle(account: Account, calendar: Calendar, now: datetime) -> Account:
    """The account as it stands at a moment by its calendar; `version` and `since` move where the state did."""
    found = _lifted(_on_quota_day(account, now), calendar, now)
    state, cause = _state(found, calendar, now)
    found = replace(
        found,
        state=state,
        cause=cause,
        closes_at=closes_at(calendar, now),
        opens_at=_opens(found, calendar, now),
    )
    if _announced(found) == _announced(account):
        return found
    return replace(
        found,
        version=account.version + 1,
        since=now if (state, cause) != (account.state, account.cause) else account.since,
    )


def next_due(account: Account, calendar: Calendar, now: datetime) -> datetime:
    """When to settle again: the calendar's next change, the end of a block, or the midnight of a day."""
    ends = (
        next_change(calendar, now),
        account.retry_at,
        _midnight(now, CENTRE_ZONE),
        _midnight(now, calendar.zone),
    )
    return min(moment for moment in ends if moment is not None)


def closing(account: Account) -> Account:
    """No call can be expected to end before the close: shut for new ones, a few seconds early."""
    return replace(account, block="closing", retry_at=account.closes_at)


def failed(
    account: Account, cause: str, began: datetime, now: datetime, retry_after: float | None = None
) -> Account:
    """The centre did not answer. A failure of a call that began before the present state says nothing new."""
    if account.state != "open" or began < account.since:
        return account
    pause = PAUSES[min(account.failures, len(PAUSES) - 1)]
    if retry_after is not None:
        pause = min(max(timedelta(seconds=retry_after), timedelta(seconds=1)), LONGEST_PAUSE)
    return replace(
        account,
        block="outage",
        block_cause=cause,
        retry_at=now + pause,
        failures=account.failures + 1,
        probation=False,
    )


def quota_used_up(account: Account, now: datetime) -> Account:
    """No call until the centre's next quota day."""
    if account.block == "credentials":
        return account
    return replace(account, block="quota", quota_left=0, retry_at=_midnight(now, CENTRE_ZONE))


def credentials_refused(account: Account, cause: str) -> Account:
    """No call until an officer resumes."""
    return replace(account, block="credentials", block_cause=cause, retry_at=None)


def resumed(account: Account) -> Account:
    """An officer's word: try again now, one call first."""
    return replace(account, block=None, retry_at=None, probation=True, failures=0)


def proved(account: Account) -> Account:
    """A call succeeded: the centre is back."""
    return replace(account, probation=False, failures=0)


def quota_day(now: datetime) -> date:
    """The centre's day at a moment."""
    return now.astimezone(CENTRE_ZONE).date()


def _state(account: Account, calendar: Calendar, now: datetime) -> tuple[State, str]:
    if account.block == "credentials":
        return "credentials", account.block_cause
    if not is_open(calendar, now):
        return "closed", why(calendar, now).kind
    if account.block == "closing":
        return "closed", "closing"
    if account.block == "quota":
        return "quota", "quota_used_up"
    if account.block == "outage":
        return "outage", account.block_cause
    return "open", "probation" if account.probation else ""


def _lifted(account: Account, calendar: Calendar, now: datetime) -> Account:
    ended = account.retry_at is not None and account.retry_at <= now
    if account.block == "closing" and (ended or closes_at(calendar, now) != account.closes_at):
        return replace(account, block=None, retry_at=None)
    if ended:
        return replace(
            account, block=None, retry_at=None, probation=account.probation or account.block == "outage"
        )
    return account


def _on_quota_day(account: Account, now: datetime) -> Account:
    today = quota_day(now)
    return (
        account if today == account.quota_day else replace(account, quota_day=today, quota_left=account.quota)
    )


def _opens(account: Account, calendar: Calendar, now: datetime) -> datetime | None:
    """The next opening; of a blocked account, the next open moment after the block."""
    if account.block == "credentials":
        return None
    if account.block in ("outage", "quota") and account.retry_at is not None:
        return (
            account.retry_at if is_open(calendar, account.retry_at) else opens_at(calendar, account.retry_at)
        )
    return opens_at(calendar, now + timedelta.resolution)


def _announced(account: Account) -> tuple[object, ...]:
    return (
        account.state,
        account.cause,
        account.closes_at,
        account.opens_at,
        account.calls_per_hour,
        account.quota_day if account.quota is not None else None,
        account.approval_hours,
    )


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone).astimezone(
        now.tzinfo
    )

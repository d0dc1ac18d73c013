"""An account's state: calendar, blocks, pauses, announcements."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.calendar import Calendar, Hours, Override
from datacenter_gateway.domain import account as acts
from datacenter_gateway.domain.account import Account, next_due, settle
from datacenter_gateway.domain.permit import RACED, Look, drain, explain
from datacenter_gateway.domain.report import Report, book

OPEN = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
CLOSE = datetime(2018, 6, 29, 8, 0, tzinfo=UTC)
NOON = datetime(2018, 6, 29, 5, 0, tzinfo=UTC)
CALENDAR = Calendar(name="centre", tz="Asia/Jakarta", weekly=(Hours.parse("07:30-15:00"),) * 7)
ALWAYS = Calendar(name="centre", tz="Asia/Jakarta", weekly=(Hours.parse("00:00-24:00"),) * 7)


def _account(**changes: Any) -> Account:
    fresh = Account(
        name="default",
        prefix="",
        state="closed",
        cause="starting",
        since=OPEN - timedelta(days=1),
        version=0,
        closes_at=None,
        opens_at=None,
        calls_per_hour=None,
        quota=None,
        quota_left=None,
        quota_day=date(2018, 6, 29),
        last_start=None,
        call_seconds=1,
        approval_hours=24,
        block=None,
        block_cause="",
        retry_at=None,
        probation=False,
        failures=0,
        report_day=date(2018, 6, 29),
    )
    return replace(fresh, **changes)


def _open(**changes: Any) -> Account:
    return settle(_account(**changes), CALENDAR, NOON)


def test_it_is_open_when_the_calendar_says_so() -> None:
    account = _open()
    assert (account.state, account.closes_at, account.version) == ("open", CLOSE, 1)
    assert account.opens_at == OPEN + timedelta(days=1)


def test_it_is_shut_at_the_closing_second() -> None:
    account = settle(_open(), CALENDAR, CLOSE)
    assert (account.state, account.cause, account.closes_at) == ("closed", "weekly", None)


def test_settling_twice_changes_nothing() -> None:
    account = _open()
    assert settle(account, CALENDAR, NOON + timedelta(minutes=1)) == account


def test_a_calendar_that_never_closes_has_no_close() -> None:
    assert settle(_account(), ALWAYS, NOON).closes_at is None


def test_since_is_the_last_change_of_state_not_of_hours() -> None:
    account = _open()
    longer = replace(CALENDAR, weekly=(Hours.parse("07:30-16:00"),) * 7)
    later = settle(account, longer, NOON + timedelta(hours=1))
    assert (later.version, later.since) == (2, NOON)


def test_closing_is_shut_until_the_close() -> None:
    account = settle(acts.closing(_open()), CALENDAR, CLOSE - timedelta(seconds=2))
    assert (account.state, account.cause) == ("closed", "closing")
    assert settle(account, CALENDAR, CLOSE).cause == "weekly"


def test_closing_ends_when_the_close_moves() -> None:
    account = settle(acts.closing(_open()), CALENDAR, CLOSE - timedelta(seconds=2))
    extra = Override(
        id="1",
        from_=OPEN,
        until=CLOSE + timedelta(days=1),
        hours=Hours.parse("07:30-24:00"),
        prefix="",
        reason="r",
        author="a",
        set_at=OPEN,
    )
    assert (
        settle(account, replace(CALENDAR, overrides=(extra,)), CLOSE - timedelta(seconds=1)).state == "open"
    )


@pytest.mark.parametrize(("failures", "minutes"), [(0, 1), (1, 2), (2, 5), (3, 5), (9, 5)])
def test_pauses_grow_to_five_minutes(failures: int, minutes: int) -> None:
    account = acts.failed(_open(failures=failures), "timeout", NOON, NOON)
    assert account.retry_at == NOON + timedelta(minutes=minutes)
    assert account.failures == failures + 1


@pytest.mark.parametrize(("asked", "seconds"), [(90, 90), (0, 1), (10**9, 86400)])
def test_the_centres_own_pause_goes_first_within_reason(asked: float, seconds: float) -> None:
    account = acts.failed(_open(), "centre_closed", NOON, NOON, asked)
    assert account.retry_at == NOON + timedelta(seconds=seconds)


def test_a_failure_of_an_earlier_time_says_nothing_new() -> None:
    account = _open()
    assert acts.failed(account, "timeout", NOON - timedelta(seconds=1), NOON) == account


def test_a_failure_in_an_outage_says_nothing_new() -> None:
    account = settle(acts.failed(_open(), "timeout", NOON, NOON), CALENDAR, NOON)
    assert acts.failed(account, "timeout", NOON, NOON) == account


def test_an_outage_ends_on_probation() -> None:
    account = settle(acts.failed(_open(), "timeout", NOON, NOON), CALENDAR, NOON)
    assert (account.state, account.cause) == ("outage", "timeout")
    assert account.opens_at == NOON + timedelta(minutes=1)
    later = settle(account, CALENDAR, NOON + timedelta(minutes=1))
    assert (later.state, later.cause, later.probation) == ("open", "probation", True)
    assert settle(acts.proved(later), CALENDAR, NOON + timedelta(minutes=2)).cause == ""


def test_an_outage_over_the_close_opens_with_the_calendar() -> None:
    account = acts.failed(_open(), "timeout", NOON, CLOSE - timedelta(seconds=10))
    account = settle(account, CALENDAR, CLOSE - timedelta(seconds=10))
    assert account.opens_at == OPEN + timedelta(days=1)
    assert settle(account, CALENDAR, CLOSE).state == "closed"
    assert settle(account, CALENDAR, OPEN + timedelta(days=1)).cause == "probation"


def test_refused_credentials_stand_until_an_officer_resumes() -> None:
    account = settle(acts.credentials_refused(_open(), "login"), CALENDAR, NOON)
    for moment in (CLOSE, OPEN + timedelta(days=1)):
        account = settle(account, CALENDAR, moment)
        assert (account.state, account.cause, account.opens_at) == ("credentials", "login", None)
    assert settle(acts.resumed(account), CALENDAR, NOON + timedelta(days=1)).cause == "probation"


def test_a_quota_never_covers_wrong_credentials() -> None:
    account = acts.credentials_refused(_open(), "login")
    assert acts.quota_used_up(account, NOON) == account


def test_the_quota_comes_back_at_jakartas_midnight() -> None:
    account = settle(acts.quota_used_up(_open(quota=50, quota_left=3), NOON), ALWAYS, NOON)
    midnight = datetime(2018, 6, 29, 17, 0, tzinfo=UTC)
    assert (account.state, account.quota_left, account.opens_at) == ("quota", 0, midnight)
    later = settle(account, ALWAYS, midnight)
    assert (later.state, later.quota_left) == ("open", 50)


def test_the_next_look_is_at_the_first_of_all_ends() -> None:
    assert next_due(_open(), CALENDAR, NOON) == CLOSE
    blocked = replace(_open(), retry_at=NOON + timedelta(minutes=1))
    assert next_due(blocked, CALENDAR, NOON) == NOON + timedelta(minutes=1)
    evening = CLOSE + timedelta(hours=1)
    assert next_due(settle(_open(), CALENDAR, evening), CALENDAR, evening) == datetime(
        2018, 6, 29, 17, tzinfo=UTC
    )


@given(st.integers(0, 364 * 24 * 3600))
def test_without_a_block_the_state_is_the_calendars(seconds: int) -> None:
    now = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    account = settle(_account(), CALENDAR, now)
    minutes = (now + timedelta(hours=7)).hour * 60 + (now + timedelta(hours=7)).minute
    assert (account.state == "open") == (450 <= minutes < 900)
    assert next_due(account, CALENDAR, now) > now


def _look(**changes: Any) -> Look:
    fresh = Look(
        waiting=True,
        state="open",
        block=None,
        quota_left=None,
        in_flight=0,
        seconds_to_close=None,
        gap=6,
        gap_left=timedelta(),
        call_seconds=1,
        probe_left=None,
    )
    return replace(fresh, **changes)


@pytest.mark.parametrize(
    ("changes", "calls", "reason"),
    [
        ({"waiting": False}, 2, "nothing_waits"),
        ({"state": "outage", "block": "outage"}, 2, "shut"),
        ({"state": "closed", "block": "closing"}, 2, "shut"),
        ({"state": "closed", "block": "closing"}, 1, "raced"),
        ({"quota_left": 1}, 2, "quota"),
        ({"quota_left": 1}, 1, "raced"),
        ({"quota_left": 5, "in_flight": 4}, 2, "held"),
        ({"quota_left": 6, "in_flight": 4}, 2, "raced"),
        ({"seconds_to_close": 9.4}, 2, "closing"),
        ({"seconds_to_close": 9.5}, 2, "raced"),
        ({"seconds_to_close": 1.9}, 1, "closing"),
        ({"probe_left": timedelta(seconds=3)}, 2, "probe"),
        ({"probe_left": timedelta()}, 2, "raced"),
        ({"gap_left": timedelta(seconds=3)}, 2, "rate"),
    ],
)
def test_a_refused_permit_is_explained(changes: dict[str, Any], calls: int, reason: str) -> None:
    assert explain(_look(**changes), calls).reason == reason


def test_the_rate_and_the_probe_tell_how_long_to_wait() -> None:
    assert explain(_look(gap_left=timedelta(seconds=3)), 2).again == timedelta(seconds=3)
    assert explain(_look(probe_left=timedelta(seconds=4)), 2).again == timedelta(seconds=4)
    assert explain(_look(), 2).again == RACED


def test_two_calls_need_time_for_both_and_the_gap_between() -> None:
    assert drain(1, 2, 10) == 3.5
    assert drain(2, 2, 10) == 16.5


def _report() -> Report:
    start = datetime(2018, 6, 28, 17, 0, tzinfo=UTC)
    return Report(day=date(2018, 6, 29), settled_at=start, booked_until=start)


def test_shut_hours_are_neither_open_nor_wasted() -> None:
    report = book(_report(), "closed", CALENDAR, OPEN)
    assert (report.open_seconds, report.wasted_no_requests, report.opened) == (0, 0, None)


@pytest.mark.parametrize(
    ("state", "field"),
    [
        ("open", "wasted_no_requests"),
        ("outage", "wasted_outage"),
        ("quota", "wasted_quota"),
        ("credentials", "wasted_credentials"),
    ],
)
def test_open_time_without_a_call_is_wasted_by_its_cause(state: Any, field: str) -> None:
    report = book(_report(), state, CALENDAR, NOON)
    assert (getattr(report, field), report.open_seconds) == (4.5 * 3600, 4.5 * 3600)
    assert (report.opened, report.closed) == (OPEN, NOON)


def test_a_call_under_way_wastes_nothing() -> None:
    report = replace(book(_report(), "open", CALENDAR, OPEN), booked_until=OPEN + timedelta(minutes=10))
    assert book(report, "open", CALENDAR, OPEN + timedelta(minutes=5)).wasted_no_requests == 0
    assert book(report, "open", CALENDAR, OPEN + timedelta(minutes=12)).wasted_no_requests == 120


def test_booking_backwards_changes_nothing() -> None:
    report = book(_report(), "open", CALENDAR, NOON)
    assert book(report, "open", CALENDAR, OPEN) == report


def test_after_the_close_the_close_stays() -> None:
    report = book(book(_report(), "open", CALENDAR, CLOSE), "closed", CALENDAR, CLOSE + timedelta(hours=2))
    assert (report.closed, report.open_seconds) == (CLOSE, 7.5 * 3600)

"""How much each stage may take on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.room import (
    Depth,
    VerifyView,
    deep_horizon,
    deep_starts_at,
    office_rate,
    verify_room,
)

NINE = datetime(2026, 7, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

DAY = VerifyView(
    printable_approved=0,
    verifying=0,
    blanks_in_sight=1000,
    quota_left=None,
    calls_per_hour=None,
    cards_per_hour=40,
    now=NINE,
    closes_at=NINE + 6 * HOUR,
    next_opening=NINE + 23 * HOUR,
    printing_hours_until=15,
    approval_validity=24 * HOUR,
    shallow_hours=2,
    print_after_close=True,
)


def view(**changes: Any) -> VerifyView:
    return replace(DAY, **changes)


def test_by_day_two_hours_of_printing_are_kept_ahead() -> None:
    assert verify_room(DAY) == Depth(room=80, depth=80, mode="shallow", binding="depth")


def test_what_is_in_the_pool_and_on_its_way_is_taken_off() -> None:
    assert verify_room(view(printable_approved=30, verifying=20)).room == 30


def test_a_full_pool_leaves_no_room() -> None:
    assert verify_room(view(printable_approved=90)) == Depth(
        room=0, depth=80, mode="shallow", binding="depth"
    )


def test_before_the_close_the_night_is_kept_ahead() -> None:
    depth = verify_room(view(now=NINE + 5 * HOUR, printing_hours_until=10))

    assert (depth.depth, depth.mode) == (400, "deep")


def test_deep_begins_when_the_measured_centre_needs_it() -> None:
    """15 h x 40 cards, 10 approvals a minute, half as much again: 90 minutes before the close."""
    measured = view(calls_per_hour=1200)

    modes = [
        verify_room(replace(measured, now=NINE + 6 * HOUR - before)).mode
        for before in (91 * MINUTE, 90 * MINUTE)
    ]

    assert modes == ["shallow", "deep"]


def test_without_a_known_close_it_stays_shallow() -> None:
    assert verify_room(view(closes_at=None, next_opening=None)).mode == "shallow"


def test_no_more_is_kept_ahead_than_an_approval_lives() -> None:
    assert verify_room(view(now=NINE + 5 * HOUR, approval_validity=5 * HOUR)).depth == 180


def test_even_by_day_no_more_is_kept_ahead_than_an_approval_lives() -> None:
    assert verify_room(view(approval_validity=HOUR)).depth == 36


def test_too_many_unused_approvals_halve_the_depth() -> None:
    assert verify_room(view(halved=True)).depth == 40


def test_a_slow_station_still_gets_one_card_ahead() -> None:
    assert verify_room(view(cards_per_hour=0.1)).depth == 1


def test_where_nothing_prints_after_the_close_the_close_limits_the_depth() -> None:
    late = view(print_after_close=False, now=NINE + 5 * HOUR + 45 * MINUTE)

    assert verify_room(late) == Depth(room=10, depth=10, mode="deep", binding="window")


def test_where_nothing_prints_after_the_close_the_morning_is_not_limited() -> None:
    assert verify_room(view(print_after_close=False)).depth == 80


def test_without_a_close_nothing_can_limit_printing() -> None:
    assert verify_room(view(print_after_close=False, closes_at=None)).binding == "depth"


@pytest.mark.parametrize(
    ("changes", "binding"),
    [
        ({"window_open": False}, "window"),
        ({"now": NINE + 6 * HOUR}, "window"),
        ({"cards_per_hour": 0}, "stations"),
        ({"printing_hours_until": 0}, "stations"),
        ({"blanks_in_sight": 0}, "blanks"),
    ],
)
def test_where_nothing_can_be_done_the_cause_is_named(changes: dict[str, Any], binding: str) -> None:
    depth = verify_room(view(**changes))

    assert (depth.room, depth.depth, depth.mode, depth.binding) == (0, 0, "none", binding)


@pytest.mark.parametrize(
    ("changes", "room", "binding"),
    [
        ({"blanks_in_sight": 50, "printable_approved": 20, "verifying": 5}, 25, "blanks"),
        ({"quota_left": 41}, 20, "quota"),
        ({"quota_left": 41, "verifying": 5}, 15, "quota"),
        ({"quota_left": 1}, 0, "quota"),
        ({"calls_per_hour": 1200.0}, 10, "rate"),
        ({"calls_per_hour": 1200.0, "verifying": 9}, 1, "rate"),
        ({"calls_per_hour": 6.0}, 1, "rate"),
        ({"calls_per_hour": 0.0}, 1, "rate"),
    ],
)
def test_the_tightest_limit_is_named(changes: dict[str, Any], room: int, binding: str) -> None:
    depth = verify_room(view(**changes))

    assert (depth.room, depth.binding) == (room, binding)


@pytest.mark.parametrize(
    ("rate", "blanks", "others", "part"),
    [
        (None, 10, 30, None),
        (1200.0, 10, 0, 1200.0),
        (1200.0, 10, 30, 300.0),
        (1200.0, 0, 30, 0.0),
        (1200.0, 0, 0, 1200.0),
    ],
)
def test_an_account_that_is_shared_gives_each_office_its_part_by_blanks(
    rate: float | None, blanks: int, others: int, part: float | None
) -> None:
    assert office_rate(rate, blanks, others) == part


def test_an_office_of_a_shared_account_goes_deep_the_earlier() -> None:
    """15 h x 40 cards at a quarter of ten approvals a minute: 6 hours before the close."""
    alone = view(calls_per_hour=1200)
    shared = view(calls_per_hour=office_rate(1200, 10, 30))

    assert [verify_room(each).mode for each in (alone, shared)] == ["shallow", "deep"]


def test_the_horizon_is_an_hour_after_the_next_opening() -> None:
    assert deep_horizon(NINE, NINE + 10 * HOUR, 24 * HOUR) == NINE + 11 * HOUR


@pytest.mark.parametrize("opening", [None, NINE + 70 * HOUR, NINE])
def test_the_horizon_lies_within_the_approvals_life(opening: datetime | None) -> None:
    assert deep_horizon(NINE, opening, 10 * HOUR) == NINE + 9 * HOUR


def test_the_sweep_learns_when_to_go_deep() -> None:
    assert deep_starts_at(view(calls_per_hour=1200)) == NINE + 4.5 * HOUR


def test_an_unmeasured_centre_gets_an_hour() -> None:
    assert deep_starts_at(DAY) == NINE + 5 * HOUR


def test_the_sweep_waits_at_least_a_minute() -> None:
    now = NINE + 5 * HOUR - timedelta(seconds=1)

    assert deep_starts_at(view(now=now)) == now + MINUTE


@pytest.mark.parametrize(
    "changes",
    [
        {"now": NINE + 5 * HOUR},
        {"now": NINE + 7 * HOUR},
        {"window_open": False},
        {"closes_at": None},
        {"cards_per_hour": 0},
    ],
)
def test_there_is_nothing_to_wait_for_once_deep_or_where_deep_never_comes(changes: dict[str, Any]) -> None:
    assert deep_starts_at(view(**changes)) is None


def after_now(hours: float) -> datetime:
    return NINE + hours * HOUR


views = st.builds(
    VerifyView,
    printable_approved=st.integers(0, 300),
    verifying=st.integers(0, 60),
    blanks_in_sight=st.integers(0, 500),
    quota_left=st.none() | st.integers(0, 1000),
    calls_per_hour=st.none() | st.floats(0, 10_000),
    cards_per_hour=st.floats(0, 500),
    now=st.just(NINE),
    closes_at=st.none() | st.floats(-1, 15).map(after_now),
    next_opening=st.none() | st.floats(-1, 100).map(after_now),
    printing_hours_until=st.floats(0, 100),
    approval_validity=st.integers(0, 48).map(lambda hours: hours * HOUR),
    shallow_hours=st.floats(0, 8),
    print_after_close=st.booleans(),
    window_open=st.sampled_from([True, True, False]),
    halved=st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(views)
def test_room_is_never_negative(given: VerifyView) -> None:
    assert verify_room(given).room >= 0


@settings(max_examples=100, deadline=None)
@given(views)
def test_whatever_is_begun_stays_within_blanks_depth_and_quota(given: VerifyView) -> None:
    depth = verify_room(given)

    if depth.room:
        begun = given.verifying + depth.room
        assert given.printable_approved + begun <= min(given.blanks_in_sight, depth.depth)
        assert given.quota_left is None or 2 * begun <= given.quota_left


@settings(max_examples=100, deadline=None)
@given(views)
def test_no_more_than_a_minutes_worth_is_under_way(given: VerifyView) -> None:
    room = verify_room(given).room

    assert (
        not room
        or given.calls_per_hour is None
        or given.verifying + room <= max(1, given.calls_per_hour / 120)
    )


@settings(max_examples=100, deadline=None)
@given(views)
def test_nothing_is_approved_that_would_die_unprinted(given: VerifyView) -> None:
    alive = 0.9 * given.approval_validity / HOUR

    assert verify_room(given).depth <= given.cards_per_hour * alive + 1


@settings(max_examples=100, deadline=None)
@given(views)
def test_without_printing_after_the_close_all_is_printed_before_it(given: VerifyView) -> None:
    depth = verify_room(replace(given, print_after_close=False)).depth

    if depth and given.closes_at is not None:
        assert depth <= given.cards_per_hour * ((given.closes_at - NINE) / HOUR) + 1


@settings(max_examples=100, deadline=None)
@given(views)
def test_the_moment_to_look_again_lies_ahead(given: VerifyView) -> None:
    start = deep_starts_at(given)

    assert start is None or start >= NINE + MINUTE


@settings(max_examples=100, deadline=None)
@given(views)
def test_deep_is_never_less_than_shallow(given: VerifyView) -> None:
    never, now = replace(given, closes_at=None), replace(given, closes_at=NINE + timedelta(seconds=1))

    shallow = verify_room(replace(never, print_after_close=True))
    deep = verify_room(replace(now, print_after_close=True, calls_per_hour=None))

    assert deep.depth >= shallow.depth

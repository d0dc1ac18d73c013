"""The centre's hours, in Asia/Jakarta."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backbone.calendar import is_open
from simulator.domain.window import OtherHours, window

JAKARTA = ZoneInfo("Asia/Jakarta")
WEEK = ("07:30-24:00",) * 5 + ("08:00-12:00", "closed")
SECOND = timedelta(seconds=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of July 2018; the 2nd is a Monday."""
    return datetime(2018, 7, day, hour, minute, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("edge", "before", "after"),
    [
        (at(2, 7, 30), False, True),
        (at(3, 0), True, False),
        (at(7, 12), True, False),
        (at(8, 0), False, False),
    ],
    ids=["opening", "24:00", "saturday's close", "sunday"],
)
def test_the_hours_begin_and_end_to_the_second(edge: datetime, before: bool, after: bool) -> None:
    calendar = window(WEEK)

    assert [is_open(calendar, edge + shift) for shift in (-SECOND, 0 * SECOND, SECOND)] == [
        before,
        after,
        after,
    ]


def test_a_close_at_24_runs_into_an_opening_at_midnight() -> None:
    assert is_open(window(("00:00-24:00",) * 7), at(3, 0))


def test_an_override_replaces_the_hours_and_ends_by_itself() -> None:
    short = OtherHours(from_=at(3, 0), until=at(4, 0), hours="07:30-15:00")
    calendar = window(WEEK, [short])

    assert [is_open(calendar, at(3, 15) + shift) for shift in (-SECOND, 0 * SECOND)] == [True, False]
    assert is_open(calendar, at(4, 15))


def test_of_overlapping_overrides_the_last_counts() -> None:
    shut = OtherHours(from_=at(3, 0), until=at(6, 0), hours="closed")
    calendar = window(WEEK, [shut, OtherHours(from_=at(4, 0), until=at(5, 0), hours="09:00-10:00")])

    assert [is_open(calendar, at(day, 9)) for day in (3, 4, 5)] == [False, True, False]


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="7 days"):
        window(("closed",))

"""Zones whose clocks change: hours stay wall-clock hours, days last from midnight to midnight."""

from datetime import UTC, date, datetime

import pytest

from backbone.calendar import Calendar, Hours, is_open, open_seconds, spans, why


def daily(tz: str, hours: str) -> Calendar:
    return Calendar(name="centre", tz=tz, weekly=(Hours.parse(hours),) * 7)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "opening"), [("2024-03-30", "06:30"), ("2024-03-31", "05:30"), ("2024-10-27", "06:30")]
)
def test_the_opening_follows_the_wall_clock(day: str, opening: str) -> None:
    berlin = daily("Europe/Berlin", "07:30-16:00")
    assert next(spans(berlin, utc(f"{day}T02:00"), utc(f"{day}T23:00")))[0] == utc(f"{day}T{opening}")


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("2024-03-30T23:00", "2024-03-31T22:00", 23), ("2024-10-26T22:00", "2024-10-27T23:00", 25)],
)
def test_a_day_may_have_23_or_25_hours(start: str, end: str, hours: int) -> None:
    assert open_seconds(daily("Europe/Berlin", "00:00-24:00"), utc(start), utc(end)) == hours * 3600


def test_hours_that_a_change_turns_around_are_put_in_order() -> None:
    berlin = daily("Europe/Berlin", "01:00-02:30,03:00-04:00")
    assert list(spans(berlin, utc("2024-03-31T00:00"), utc("2024-03-31T12:00"))) == [
        (utc("2024-03-31T00:00"), utc("2024-03-31T02:00"))
    ]


def test_hours_wholly_lost_to_a_change_are_not_open() -> None:
    berlin = daily("Europe/Berlin", "02:30-03:00")
    assert not list(spans(berlin, utc("2024-03-31T00:00"), utc("2024-03-31T12:00")))


def test_a_short_span_stays_inside_a_longer_one_that_a_change_moved_over_it() -> None:
    berlin = daily("Europe/Berlin", "02:00-02:50,03:00-03:20")
    assert list(spans(berlin, utc("2024-03-31T00:00"), utc("2024-03-31T12:00"))) == [
        (utc("2024-03-31T01:00"), utc("2024-03-31T01:50"))
    ]


def test_a_midnight_that_the_clocks_skip_is_the_moment_of_the_change() -> None:
    santiago = daily("America/Santiago", "00:00-08:00")
    assert is_open(santiago, utc("2024-09-08T04:00"))
    assert why(santiago, utc("2024-09-08T03:59:59")).day == date(2024, 9, 7)


def test_a_day_begins_at_its_first_midnight_though_the_clocks_go_back_over_it() -> None:
    st_johns = daily("America/St_Johns", "00:00-24:00")
    assert why(st_johns, utc("2010-11-07T02:31")).day == date(2010, 11, 7)


def test_a_day_waits_for_its_midnight_though_the_clocks_go_forward_over_it() -> None:
    toronto = daily("America/Toronto", "00:00-24:00")
    assert why(toronto, utc("1919-03-31T04:45")).day == date(1919, 3, 30)


def test_a_day_that_a_zone_left_out_is_never_open() -> None:
    apia = daily("Pacific/Apia", "07:30-16:00")
    assert list(spans(apia, utc("2011-12-30T04:00"), utc("2011-12-31T04:00"))) == [
        (utc("2011-12-30T17:30"), utc("2011-12-31T02:00"))
    ]

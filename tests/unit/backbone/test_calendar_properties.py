"""The calendar against a minute-by-minute reading of the same rules that shares no code with it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backbone.calendar import (
    Calendar,
    Hours,
    Override,
    advance,
    closes_at,
    is_open,
    next_change,
    open_seconds,
    opens_at,
    retreat,
    spans,
)

ZONES = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
MINUTE = timedelta(minutes=1)
BEGIN = datetime(2023, 12, 30, 12, tzinfo=UTC)
MINUTES = 2 * 24 * 60
END = BEGIN + MINUTES * MINUTE

minutes_of_day = st.one_of(st.sampled_from([0, 450, 720, 960, 1440]), st.integers(0, 1440))
moments = st.integers(0, MINUTES).map(lambda minute: BEGIN + minute * MINUTE)


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    edges = sorted(draw(st.lists(minutes_of_day, max_size=6, unique=True)))
    return Hours(spans=tuple(zip(edges[::2], edges[1::2], strict=False)))


@st.composite
def some_override(draw: st.DrawFn) -> Override:
    first, last = sorted(
        draw(st.lists(st.integers(-600, MINUTES + 600), min_size=2, max_size=2, unique=True))
    )
    return Override(
        id=str(draw(st.integers(0, 2))),
        from_=BEGIN + first * MINUTE,
        until=BEGIN + last * MINUTE,
        hours=draw(some_hours()),
        prefix=draw(st.sampled_from(["", "21", "21.02"])),
        reason="listrik padam",
        author="kabid",
        set_at=BEGIN + draw(st.integers(0, 2)) * MINUTE,
    )


@st.composite
def some_calendar(draw: st.DrawFn) -> Calendar:
    days = st.integers(0, 4).map(lambda number: date(2023, 12, 30) + timedelta(days=number))
    return Calendar(
        name="centre",
        tz=draw(st.sampled_from(sorted(ZONES))),
        weekly=(draw(some_hours()), *(draw(some_hours()),) * 4, draw(some_hours()), draw(some_hours())),
        closed_on=draw(st.frozensets(days, max_size=2)),
        overrides=tuple(draw(st.lists(some_override(), max_size=4, unique_by=lambda one: one.weight))),
    )


def by_hand(calendar: Calendar) -> list[bool]:
    """For each minute from BEGIN whether it is open, read off a wall clock that is a fixed number of hours ahead."""
    ranked = sorted(
        calendar.overrides, key=lambda one: (-len(one.prefix), -one.set_at.timestamp(), -int(one.id))
    )
    reigns = [((one.from_ - BEGIN) // MINUTE, (one.until - BEGIN) // MINUTE, one.hours) for one in ranked]
    found = []
    for number in range(MINUTES):
        days, minute = divmod(12 * 60 + ZONES[calendar.tz] * 60 + number, 24 * 60)
        day = BEGIN.date() + timedelta(days=days)
        usual = Hours(spans=()) if day in calendar.closed_on else calendar.weekly[day.weekday()]
        hours = next((hours for first, last, hours in reigns if first <= number < last), usual)
        found.append(any(opens <= minute < closes for opens, closes in hours.spans))
    return found


@given(some_calendar())
def test_every_minute_is_as_read_by_hand(calendar: Calendar) -> None:
    truth = by_hand(calendar)
    assert [is_open(calendar, BEGIN + number * MINUTE) for number in range(MINUTES)] == truth
    assert open_seconds(calendar, BEGIN, END) == 60 * sum(truth)


@given(some_calendar())
def test_spans_begin_and_end_where_the_reading_by_hand_changes(calendar: Calendar) -> None:
    truth = [False, *by_hand(calendar), False]
    changes = [BEGIN + number * MINUTE for number in range(MINUTES + 1) if truth[number] != truth[number + 1]]
    assert [edge for span in spans(calendar, BEGIN, END) for edge in span] == changes


@given(some_calendar(), moments)
def test_the_next_change_is_the_first_edge_after(calendar: Calendar, moment: datetime) -> None:
    limit = moment + timedelta(days=30)
    edges = [edge for span in spans(calendar, moment, limit) for edge in span]
    change = next_change(calendar, moment)
    assert change == next((edge for edge in edges if moment < edge < limit), None)
    assert change == (
        closes_at(calendar, moment) if is_open(calendar, moment) else opens_at(calendar, moment)
    )


@given(some_calendar(), moments)
def test_an_opening_is_shut_before_and_open_at_it(calendar: Calendar, moment: datetime) -> None:
    opening = opens_at(calendar, moment)
    assume(opening is not None)
    assert opening is not None
    assert opening >= moment
    assert is_open(calendar, opening)
    assert not is_open(calendar, opening - timedelta.resolution)


@given(some_calendar(), moments, st.integers(1, 200_000))
def test_advancing_inverts_counting_open_seconds(calendar: Calendar, start: datetime, seconds: int) -> None:
    end = advance(calendar, start, seconds)
    assume(end is not None)
    assert end is not None
    assert open_seconds(calendar, start, end) == seconds
    assert open_seconds(calendar, start, end - timedelta.resolution) < seconds


@given(some_calendar(), moments, moments, moments)
def test_open_seconds_add_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    parts = open_seconds(calendar, first, middle) + open_seconds(calendar, middle, last)
    assert open_seconds(calendar, first, last) == parts


@settings(max_examples=30)
@given(some_calendar())
def test_json_comes_back_as_it_was(calendar: Calendar) -> None:
    assert Calendar.from_json(calendar.to_json()) == calendar


@given(some_calendar(), moments, st.integers(1, 200_000))
def test_retreating_inverts_counting_open_seconds(calendar: Calendar, end: datetime, seconds: int) -> None:
    start = retreat(calendar, end, seconds)
    assume(start is not None)
    assert start is not None
    assert open_seconds(calendar, start, end) == seconds
    assert open_seconds(calendar, start + timedelta.resolution, end) < seconds


@given(some_calendar(), moments, st.floats(0, 1))
def test_retreating_by_minutes_is_as_counted_back_by_hand(
    calendar: Calendar, end: datetime, share: float
) -> None:
    truth = by_hand(calendar)[: (end - BEGIN) // MINUTE]
    opened = [number for number, is_on in enumerate(truth) if is_on]
    for minutes in {1 + int(share * (len(opened) - 1)), len(opened)} if opened else ():
        assert retreat(calendar, end, minutes * 60) == BEGIN + opened[-minutes] * MINUTE

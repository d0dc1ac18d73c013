"""The edges of the calendar: seconds, midnights, years, days off, overrides, changes of the clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backbone.calendar import (
    CLOSED,
    FAR,
    HORIZON,
    Calendar,
    Hours,
    Override,
    Rule,
    advance,
    closes_at,
    is_open,
    next_change,
    open_seconds,
    opens_at,
    retreat,
    spans,
    why,
)

SECOND = timedelta(seconds=1)
OFFICE = Hours.parse("07:30-16:00")
CENTRE = Hours.parse("07:30-24:00")
ALWAYS = Hours.parse("00:00-24:00")


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta"))


def calendar(
    *overrides: Override,
    hours: Hours = OFFICE,
    weekend: Hours = CLOSED,
    closed_on: frozenset[date] = frozenset(),
    tz: str = "Asia/Jakarta",
) -> Calendar:
    week = (*(hours,) * 5, *(weekend,) * 2)
    return Calendar(name="centre", tz=tz, weekly=week, closed_on=closed_on, overrides=overrides)


def override(
    from_: str,
    until: str,
    hours: Hours = CLOSED,
    *,
    prefix: str = "",
    set_at: str = "2018-06-20",
    name: str = "1",
) -> Override:
    return Override(
        id=name,
        from_=wib(from_),
        until=wib(until),
        hours=hours,
        prefix=prefix,
        reason="pusat data tutup",
        author="kabid",
        set_at=wib(set_at),
    )


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (wib("2018-06-29T07:30") - SECOND, False),
        (wib("2018-06-29T07:30"), True),
        (wib("2018-06-29T16:00") - SECOND, True),
        (wib("2018-06-29T16:00"), False),
        (wib("2018-06-30T10:00"), False),
    ],
)
def test_open_at_the_opening_second_and_shut_at_the_closing_second(moment: datetime, expected: bool) -> None:
    assert is_open(calendar(), moment) is expected


@pytest.mark.parametrize(("tz", "hour"), [("Asia/Jakarta", 0), ("Asia/Makassar", -1), ("Asia/Jayapura", -2)])
def test_hours_are_local(tz: str, hour: int) -> None:
    opening = datetime(2018, 6, 29, 0, 30, tzinfo=UTC) + timedelta(hours=hour)
    assert opens_at(calendar(tz=tz), opening - SECOND) == opening


def test_24_00_is_the_midnight_that_ends_the_day() -> None:
    assert closes_at(calendar(hours=CENTRE), wib("2018-06-29T23:59:59")) == wib("2018-06-30T00:00")


def test_24_00_meets_00_00() -> None:
    around = calendar(hours=ALWAYS)
    assert closes_at(around, wib("2018-06-28T12:00")) == wib("2018-06-30T00:00")
    assert opens_at(around, wib("2018-06-29T00:00")) == wib("2018-07-02T00:00")


def test_a_year_ends_without_a_gap() -> None:
    around = calendar(hours=ALWAYS, weekend=ALWAYS, closed_on=frozenset({date(2020, 1, 2)}))
    assert closes_at(around, wib("2019-12-31T23:59:59")) == wib("2020-01-02T00:00")


def test_29_february_is_a_day() -> None:
    assert open_seconds(calendar(weekend=OFFICE), wib("2020-02-28"), wib("2020-03-01")) == 2 * 8.5 * 3600
    assert open_seconds(calendar(weekend=OFFICE), wib("2021-02-28"), wib("2021-03-01")) == 8.5 * 3600


def test_a_day_off_is_shut() -> None:
    off = calendar(closed_on=frozenset({date(2018, 6, 27)}))
    assert opens_at(off, wib("2018-06-26T16:00")) == wib("2018-06-28T07:30")


def test_an_override_shortens_the_days_it_covers() -> None:
    short = calendar(override("2018-06-29", "2018-07-03", Hours.parse("07:30-15:00")))
    assert closes_at(short, wib("2018-06-29T08:00")) == wib("2018-06-29T15:00")


def test_an_override_ends_by_itself() -> None:
    short = calendar(override("2018-06-29", "2018-07-03", Hours.parse("07:30-15:00")))
    assert closes_at(short, wib("2018-07-03T08:00")) == wib("2018-07-03T16:00")


def test_an_override_that_begins_inside_a_day_leaves_its_morning() -> None:
    cut = calendar(override("2018-06-29T10:00", "2018-06-29T12:00"))
    assert list(spans(cut, wib("2018-06-29"), wib("2018-06-30"))) == [
        (wib("2018-06-29T07:30"), wib("2018-06-29T10:00")),
        (wib("2018-06-29T12:00"), wib("2018-06-29T16:00")),
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (wib("2018-06-29T10:00") - SECOND, True),
        (wib("2018-06-29T10:00"), False),
        (wib("2018-06-29T12:00") - SECOND, False),
        (wib("2018-06-29T12:00"), True),
    ],
)
def test_an_override_holds_from_its_first_second_to_before_its_end(moment: datetime, expected: bool) -> None:
    assert is_open(calendar(override("2018-06-29T10:00", "2018-06-29T12:00")), moment) is expected


def test_open_time_is_merged_over_the_edges_of_an_override() -> None:
    longer = calendar(override("2018-06-29T12:00", "2018-06-30", Hours.parse("10:00-20:00")))
    assert closes_at(longer, wib("2018-06-29T08:00")) == wib("2018-06-29T20:00")


def test_an_override_opens_on_a_day_off() -> None:
    off = calendar(override("2018-06-27", "2018-06-28", OFFICE), closed_on=frozenset({date(2018, 6, 27)}))
    assert is_open(off, wib("2018-06-27T10:00"))


def test_the_longest_prefix_wins_over_a_later_word() -> None:
    nation = override("2018-06-29", "2018-06-30", CLOSED, set_at="2018-06-28", name="2")
    province = override("2018-06-29", "2018-06-30", OFFICE, prefix="21", set_at="2018-06-01")
    assert why(calendar(province, nation), wib("2018-06-29T10:00")).override == province


def test_the_latest_word_wins_over_a_greater_id() -> None:
    old = override("2018-06-29", "2018-06-30", CLOSED, set_at="2018-06-27", name="2")
    new = override("2018-06-29", "2018-06-30", OFFICE, set_at="2018-06-28", name="1")
    assert why(calendar(new, old), wib("2018-06-29T10:00")).override == new


def test_of_two_words_of_the_same_moment_the_greatest_id_wins() -> None:
    one, two = (override("2018-06-29", "2018-06-30", name=name) for name in "12")
    assert why(calendar(two, one), wib("2018-06-29T10:00")).override == two


def test_a_shorter_prefix_rules_again_where_the_longer_ends() -> None:
    nation = override("2018-06-29", "2018-06-30", Hours.parse("07:30-15:00"))
    office = override("2018-06-29", "2018-06-29T12:00", prefix="21.02")
    assert list(spans(calendar(nation, office), wib("2018-06-29"), wib("2018-06-30"))) == [
        (wib("2018-06-29T12:00"), wib("2018-06-29T15:00"))
    ]


def test_an_office_follows_the_overrides_of_its_prefixes_only() -> None:
    prefixes = ("", "21", "22", "21.02", "21.01")
    every = [override("2018-06-29", "2018-06-30", prefix=prefix) for prefix in prefixes]
    assert [one.prefix for one in calendar(*every).for_office("21.02").overrides] == ["", "21", "21.02"]


def test_why_names_the_weekly_hours() -> None:
    friday = Rule(kind="weekly", day=date(2018, 6, 29), hours=OFFICE)
    assert why(calendar(), wib("2018-06-29T20:00")) == friday


def test_why_names_the_day_off() -> None:
    off = calendar(closed_on=frozenset({date(2018, 6, 27)}))
    assert why(off, wib("2018-06-27T23:59:59")) == Rule(kind="holiday", day=date(2018, 6, 27), hours=CLOSED)


def test_why_names_the_override() -> None:
    shut = override("2018-06-29", "2018-06-30")
    rule = Rule(kind="override", day=date(2018, 6, 29), hours=CLOSED, override=shut)
    assert why(calendar(shut), wib("2018-06-29T08:00")) == rule


def test_what_is_shut_does_not_close() -> None:
    assert closes_at(calendar(), wib("2018-06-29T16:00")) is None


def test_what_never_opens_has_no_change() -> None:
    assert next_change(calendar(hours=CLOSED), wib("2018-06-29")) is None


def test_what_never_closes_has_no_change() -> None:
    assert next_change(calendar(hours=ALWAYS, weekend=ALWAYS), wib("2018-06-29")) is None


def test_what_never_closes_does_not_open() -> None:
    assert opens_at(calendar(hours=ALWAYS, weekend=ALWAYS), wib("2018-06-29")) is None


def test_openings_beyond_the_horizon_are_not_seen() -> None:
    late = wib("2018-06-29")
    once = calendar(
        replace(override("2018-06-29", "2018-06-30", ALWAYS), from_=late, until=late + SECOND), hours=CLOSED
    )
    assert opens_at(once, late - HORIZON) is None
    assert opens_at(once, late - HORIZON + SECOND) == late


def test_an_opening_that_is_now_is_the_next() -> None:
    assert opens_at(calendar(), wib("2018-06-29T07:30")) == wib("2018-06-29T07:30")


def test_while_open_the_next_opening_is_the_one_after_the_close() -> None:
    assert opens_at(calendar(), wib("2018-06-29T07:30") + SECOND) == wib("2018-07-02T07:30")


def test_the_change_after_a_closing_is_an_opening() -> None:
    assert next_change(calendar(), wib("2018-06-29T16:00")) == wib("2018-07-02T07:30")


def test_spans_are_cut_at_both_ends() -> None:
    start, end = wib("2018-06-29T08:00"), wib("2018-06-29T09:00")
    assert list(spans(calendar(), start, end)) == [(start, end)]


def test_no_time_passes_backwards() -> None:
    assert open_seconds(calendar(), wib("2018-06-29T09:00"), wib("2018-06-29T08:00")) == 0


def test_time_passes_only_while_open() -> None:
    assert advance(calendar(), wib("2018-06-29T15:00"), 2 * 3600) == wib("2018-07-02T08:30")


def test_time_that_ends_with_the_day_ends_at_its_close() -> None:
    assert advance(calendar(), wib("2018-06-29T15:00"), 3600) == wib("2018-06-29T16:00")


def test_no_time_has_passed_at_the_start_itself() -> None:
    assert advance(calendar(), wib("2018-06-30"), 0) == wib("2018-06-30")


@pytest.mark.parametrize("seconds", [FAR.total_seconds() + 1, 1e18, float("inf")])
def test_time_out_of_reach_is_none(seconds: float) -> None:
    assert advance(calendar(hours=ALWAYS, weekend=ALWAYS), wib("2018-06-29"), seconds) is None


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_time_does_not_run_backwards(seconds: float) -> None:
    with pytest.raises(ValueError, match="backwards"):
        advance(calendar(), wib("2018-06-29"), seconds)


def test_moments_come_out_in_utc() -> None:
    closing = closes_at(calendar(), wib("2018-06-29T08:00"))
    assert closing is not None
    assert closing.tzinfo is UTC


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_open(calendar(), wib("2018-06-29").replace(tzinfo=None))


def test_retreating_goes_back_over_nights_weekends_and_to_the_closing_second() -> None:
    assert retreat(calendar(), wib("2018-07-02T08:30"), 2 * 3600) == wib("2018-06-29T15:00")
    assert retreat(calendar(), wib("2018-07-02T07:00"), 3600) == wib("2018-06-29T15:00")
    assert retreat(calendar(), wib("2018-06-30"), 0) == wib("2018-06-30")


def test_retreating_ends_where_nobody_looks_further_back() -> None:
    ten_years = 3660 * 24 * 3600
    assert retreat(calendar(hours=ALWAYS, weekend=ALWAYS), wib("2018-06-29"), ten_years + 1) is None
    assert retreat(calendar(hours=CLOSED, weekend=CLOSED), wib("2018-06-29"), 1) is None


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_time_does_not_run_backwards_in_retreat_either(seconds: float) -> None:
    with pytest.raises(ValueError, match="backwards"):
        retreat(calendar(), wib("2018-06-29"), seconds)

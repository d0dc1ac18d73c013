"""An override's effect, counted: leap day, year's end, what has passed, what a quota bounds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backbone.calendar import HORIZON, Calendar, Hours, Override
from datacenter_gateway.domain.preview import Yield, effect, stronger

DAILY = Hours.parse("07:30-24:00")
CENTRE = Calendar(name="centre", tz="Asia/Jakarta", weekly=(DAILY,) * 7)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta"))


def word(begin: str, end: str, hours: str = "closed", prefix: str = "", name: str = "1") -> Override:
    return Override(
        id=name,
        from_=wib(begin),
        until=wib(end),
        hours=Hours.parse(hours),
        prefix=prefix,
        reason="uji",
        author="kabid",
        set_at=datetime(2018, 6, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2020-02-28", "2020-03-01", ["2020-02-28", "2020-02-29"]),
        ("2021-02-28", "2021-03-01", ["2021-02-28"]),
        ("2018-12-31T12:00", "2019-01-01T12:00", ["2018-12-31", "2019-01-01"]),
    ],
)
def test_days_are_counted_over_leap_days_and_years(begin: str, end: str, days: list[str]) -> None:
    found = effect(CENTRE, word(begin, end), wib("2018-01-01"))
    assert [day.day.isoformat() for day in found.days] == days


def test_what_has_passed_of_a_day_is_not_counted() -> None:
    found = effect(CENTRE, word("2018-06-29", "2018-06-30"), wib("2018-06-29T22:00"))
    assert (found.seconds, found.approvals) == (-2 * 3600, None)


def test_opening_longer_gains_time() -> None:
    found = effect(CENTRE, word("2018-06-29", "2018-06-30", "00:00-24:00"), wib("2018-06-28"))
    assert (found.seconds, found.before.open, found.after.open) == (7.5 * 3600, False, True)


def test_the_same_hours_change_nothing() -> None:
    assert not effect(CENTRE, word("2018-06-29", "2018-07-30", "07:30-24:00"), wib("2018-06-28")).days


def test_the_days_quota_bounds_what_is_lost() -> None:
    rich = Yield(per_hour=300, per_day=None, by="rate")
    poor = Yield(per_hour=300, per_day=200, by="rate")
    one, now = word("2018-06-29T12:00", "2018-06-30"), wib("2018-06-28")
    assert effect(CENTRE, one, now, rich).approvals == -3600
    assert effect(CENTRE, one, now, poor).approvals == 0


def test_an_endless_word_is_counted_as_far_as_a_calendar_looks() -> None:
    found = effect(CENTRE, word("2018-06-29", "2038-06-29"), wib("2018-06-28"))
    assert found.counted_until - found.at == HORIZON
    assert len(found.days) == HORIZON // timedelta(days=1)
    assert found.days[0].day == date(2018, 6, 29)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (word("2018-06-29T12:00", "2018-06-30", prefix="21.02", name="2"), True),
        (word("2018-06-29T12:00", "2018-06-30", prefix="33", name="2"), False),
        (word("2018-06-30", "2018-07-01", prefix="21.02", name="2"), False),
        (word("2018-06-28", "2018-06-29", prefix="21.02", name="2"), False),
        (word("2018-06-29", "2018-06-30", name="0", prefix=""), False),
    ],
)
def test_stronger_words_of_the_same_time_and_region_are_named(other: Override, named: bool) -> None:
    known = Calendar(name="centre", tz="Asia/Jakarta", weekly=(DAILY,) * 7, overrides=(other,))
    assert bool(stronger(known, word("2018-06-29", "2018-06-30", prefix="21"))) is named

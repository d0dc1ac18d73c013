"""Dates and moments: the forms that are read, and why others are not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.dates import parse_date, parse_moment

WIB = ZoneInfo("Asia/Jakarta")
TWO_IN_THE_MORNING = datetime(2018, 3, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("text", ["1990-01-05", "05/01/1990"])
def test_a_date_is_iso_or_day_month_year(text: str) -> None:
    assert parse_date(text) == date(1990, 1, 5)


@pytest.mark.parametrize("text", ["05/01/90", "5/1/90", "05-01-90", "90-01-05"])
def test_a_year_of_two_digits_is_its_own_cause(text: str) -> None:
    assert parse_date(text) == "two_digit_year"


@pytest.mark.parametrize(
    "text", ["", "yesterday", "19900105", "1990-W01-5", "5/1/1990", "1990-01-05T00:00", "199\u0660-01-05"]
)
def test_another_form_of_a_date_is_not_guessed(text: str) -> None:
    assert parse_date(text) == "format"


@pytest.mark.parametrize("text", ["2001-02-29", "29/02/2001", "1990-13-01", "0000-01-01"])
def test_a_date_that_does_not_exist_is_its_own_cause(text: str) -> None:
    assert parse_date(text) == "impossible_date"


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-01T09:00:00",
        "2018-03-01T09:00",
        "2018-03-01 09:00:00",
        "2018-03-01T09:00:00.000",
        "2018-03-01T02:00:00Z",
        "2018-03-01T11:00:00+09:00",
        "2018-03-01T11:00:00+0900",
        "2018-02-28T21:30:00-04:30",
        "01/03/2018 09:00",
        "01/03/2018 9:00",
        "01/03/2018 09.00",
        "01/03/2018 09:00:00",
    ],
)
def test_a_moment_without_offset_is_the_offices(text: str) -> None:
    assert parse_moment(text, WIB) == TWO_IN_THE_MORNING


@pytest.mark.parametrize("text", ["2018-03-01", "01/03/2018"])
def test_a_date_alone_is_its_first_minute_in_the_office(text: str) -> None:
    assert parse_moment(text, WIB) == datetime(2018, 2, 28, 17, tzinfo=UTC)


def test_a_moment_is_told_in_utc() -> None:
    moment = parse_moment("2018-03-01T09:00:00", WIB)

    assert isinstance(moment, datetime)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "20180301T0900", "2018-03-01T24:00", "2018-03-01T9", "01/03/2018T09:00"]
)
def test_another_form_of_a_moment_is_not_guessed(text: str) -> None:
    assert parse_moment(text, WIB) == "format"


def test_a_moments_year_has_four_digits() -> None:
    assert parse_moment("01/03/18 09:00", WIB) == "two_digit_year"


@pytest.mark.parametrize(
    "text",
    [
        "2018-02-29T09:00",
        "2018-03-01T09:60",
        "2018-03-01T09:00:00+99:00",
        "29/02/2018 09:00",
        "0001-01-01T00:00",
        "0001-02-01T00:00Z",
        "9999-12-31T23:00-05:00",
        "9999-12-31T23:00",
    ],
)
def test_a_moment_outside_the_calendar_is_its_own_cause(text: str) -> None:
    assert parse_moment(text, WIB) == "impossible_date"


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - office time
def test_every_moment_written_in_iso_reads_back(moment: datetime) -> None:
    local = moment.replace(tzinfo=WIB)

    assert parse_moment(moment.isoformat(), WIB) == local
    assert parse_moment(local.isoformat(), WIB) == local

"""Moments on the command line, by the office's clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from onebox.console import USAGE, Failed
from onebox.moments import local, moment

ZONE = ZoneInfo("Asia/Jakarta")
NOW = datetime.fromisoformat("2018-06-29T23:30:00+00:00")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("14:00", "2018-06-30T14:00:00+07:00"),
        ("24:00", "2018-07-01T00:00:00+07:00"),
        ("2018-07-06T24:00", "2018-07-07T00:00:00+07:00"),
        ("2020-02-28T24:00", "2020-02-29T00:00:00+07:00"),
        ("2018-12-31T24:00", "2019-01-01T00:00:00+07:00"),
        ("2018-07-06", "2018-07-06T00:00:00+07:00"),
        ("2018-07-06T07:00", "2018-07-06T07:00:00+07:00"),
        ("2018-07-06 07:00", "2018-07-06T07:00:00+07:00"),
        ("06-07-2018 8.00", "2018-07-06T08:00:00+07:00"),
        ("6/7/2018", "2018-07-06T00:00:00+07:00"),
        ("8:05", "2018-06-30T08:05:00+07:00"),
        ("2018-07-06T07:00+09:00", "2018-07-06T07:00:00+09:00"),
    ],
)
def test_times_are_read_as_an_office_writes_them(text: str, found: str) -> None:
    assert moment(text, ZONE, NOW) == datetime.fromisoformat(found)


@pytest.mark.parametrize(
    "text", ["besok", "", " ", "9999-12-31T24:00", "25:00", "24:00:01", "2018-02-29T24:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Failed, match="bukan waktu") as failed:
        moment(text, ZONE, NOW)
    assert failed.value.code == USAGE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2018-06-29T00:30:00Z", "2018-06-29 07:30"),
        ("2018-06-29T08:00:00.250+07:00", "2018-06-29 08:00"),
        ("2018-06-29T17:00:01Z", "2018-06-30 00:00:01"),
        (None, "-"),
    ],
)
def test_a_moment_is_told_by_the_offices_clock(text: str | None, shown: str) -> None:
    assert local(text, ZONE) == shown

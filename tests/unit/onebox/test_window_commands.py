"""cetak window: shown, tried first, closed for the rest of a day, ended."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from onebox.commands.window import _moment

ZONE = ZoneInfo("Asia/Jakarta")
NOW = datetime.fromisoformat("2018-06-29T23:30:00+00:00")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("14:00", "2018-06-30T14:00:00+07:00"),
        ("24:00", "2018-07-01T00:00:00+07:00"),
        ("2018-07-06T24:00", "2018-07-07T00:00:00+07:00"),
        ("2020-02-28T24:00", "2020-02-29T00:00:00+07:00"),
        ("2018-12-31T24:00", "2019-01-01T00:00:00+07:00"),
        ("2018-07-06", "2018-07-06T00:00:00+07:00"),
        ("2018-07-06T07:00", "2018-07-06T07:00:00+07:00"),
        ("2018-07-06T07:00+09:00", "2018-07-06T07:00:00+09:00"),
    ],
)
def test_times_are_read_as_an_office_writes_them(text: str, moment: str) -> None:
    assert _moment(text, ZONE, NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["besok", "25:00", "24:00:01", "2018-02-29T24:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        _moment(text, ZONE, NOW)


def test_a_close_is_tried_set_and_ended_in_one_command_each(cetak: Any) -> None:
    period = ("--from", "2031-03-01T14:00", "--reason", "pusat tutup sore", "--calendar", "printing")
    tried = cetak("window", "close", *period, "--preview", "--json").json
    assert (tried["minutes"], tried["days"][0]["hours_after"]) == (-600, "00:00-14:00")
    assert "2031-03-01" in cetak("window", "close", *period, "--preview").out
    assert cetak("window", "close", *period).code == 0
    listed = cetak("window", "overrides", "--calendar", "printing", "--json").json
    (one,) = [found for found in listed if found["reason"] == "pusat tutup sore"]
    assert one["id"] in cetak("window", "overrides", "--calendar", "printing").out
    ended = cetak("window", "end", one["id"], "--reason", "batal", "--calendar", "printing", "--json")
    assert one["id"] not in [found["id"] for found in ended.json]


def test_a_close_without_a_reason_is_wrong_usage(cetak: Any) -> None:
    assert cetak("window", "close", "--from", "14:00").code == 2


def test_ending_what_is_not_there_fails(cetak: Any) -> None:
    told = cetak("window", "end", "00000000-0000-7000-8000-000000000000", "--reason", "batal")
    assert told.code == 1


def test_the_days_reports_are_listed(cetak: Any) -> None:
    assert isinstance(cetak("window", "days", "--json").json, list)
    assert cetak("window", "days").code == 0

"""cetak window: shown, tried first, closed for the rest of a day, ended."""

from typing import Any


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

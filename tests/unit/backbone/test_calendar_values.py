"""Calendars and overrides as values: what is refused, and their JSON form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from backbone.calendar import CLOSED, Calendar, Hours, Override, is_open

SHUT = Override(
    id="1",
    from_=datetime.fromisoformat("2018-06-29T15:00+07:00"),
    until=datetime.fromisoformat("2018-06-30T00:00+07:00"),
    hours=CLOSED,
    prefix="21.02",
    reason="pusat data tutup",
    author="kabid",
    set_at=datetime(2018, 6, 20, 3, tzinfo=UTC),
)
CENTRE = Calendar(
    name="centre",
    tz="Asia/Jakarta",
    weekly=(*(Hours.parse("07:30-24:00"),) * 5, CLOSED, CLOSED),
    closed_on=frozenset({date(2018, 6, 27)}),
    overrides=(SHUT,),
)


def test_an_override_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="end after it begins"):
        replace(SHUT, until=SHUT.from_)


@pytest.mark.parametrize("prefix", ["2", "21.", "21.02.03", "2102", "21.02\n"])
def test_an_override_belongs_to_a_region(prefix: str) -> None:
    with pytest.raises(ValueError, match="no region code prefix"):
        replace(SHUT, prefix=prefix)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"name": "kantor"}, "no calendar: counter, printing, centre"),
        ({"weekly": (CLOSED,) * 6}, "7 days, not 6"),
        ({"tz": "Asia/Karimun"}, "no time zone"),
        ({"tz": "Asia"}, "no time zone"),
        ({"tz": "../etc"}, "no time zone"),
    ],
)
def test_a_calendar_that_cannot_be_says_why(change: Mapping[str, object], cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        replace(CENTRE, **change)  # type: ignore[arg-type]  # wrong on purpose


def test_the_json_form_is_plain_text() -> None:
    assert CENTRE.to_json() == {
        "name": "centre",
        "tz": "Asia/Jakarta",
        "weekly": ["07:30-24:00"] * 5 + ["closed"] * 2,
        "closed_on": ["2018-06-27"],
        "overrides": [
            {
                "id": "1",
                "from": "2018-06-29T08:00:00+00:00",
                "until": "2018-06-29T17:00:00+00:00",
                "hours": "closed",
                "prefix": "21.02",
                "reason": "pusat data tutup",
                "author": "kabid",
                "set_at": "2018-06-20T03:00:00+00:00",
            }
        ],
        "local": False,
    }


def test_json_comes_back_as_it_was() -> None:
    assert Calendar.from_json(CENTRE.to_json()) == CENTRE


def test_what_a_calendar_has_worked_out_is_no_part_of_its_value() -> None:
    asked = replace(CENTRE)
    assert is_open(asked, SHUT.set_at)
    assert (asked, hash(asked)) == (CENTRE, hash(CENTRE))


def test_a_changed_copy_is_worked_out_anew() -> None:
    assert is_open(CENTRE, SHUT.set_at)
    assert not is_open(replace(CENTRE, weekly=(CLOSED,) * 7), SHUT.set_at)

"""The three time zones of Indonesia, and the calendars that follow them."""

from datetime import UTC, datetime, timedelta

import pytest

from backbone.calendar import Calendar, Hours, is_open
from backbone.zones import PROVINCES, zone_of

SECOND = timedelta(seconds=1)
WEEK = (Hours.parse("07:30-16:00"),) * 7
OFFICES = {"21.02": 7, "61": 7, "64.72": 8, "51.71": 8, "73.71": 8, "81.71": 9, "94.01": 9}


def test_thirty_eight_provinces_have_a_zone() -> None:
    assert len(PROVINCES) == 38


@pytest.mark.parametrize("region", ["", "99", "00.01"])
def test_a_region_nobody_listed_has_the_zone_it_is_given(region: str) -> None:
    assert zone_of(region, "Asia/Makassar") == "Asia/Makassar"


@pytest.mark.parametrize(("office", "ahead"), list(OFFICES.items()))
def test_local_hours_open_by_each_offices_own_clock(office: str, ahead: int) -> None:
    counter = Calendar(name="counter", tz="Asia/Jakarta", weekly=WEEK, local=True).for_office(office)
    opening = datetime(2020, 2, 29, 7, 30, tzinfo=UTC) - timedelta(hours=ahead)
    closing = datetime(2020, 2, 29, 16, 0, tzinfo=UTC) - timedelta(hours=ahead)
    moments = (opening - SECOND, opening, closing - SECOND, closing)
    assert [is_open(counter, moment) for moment in moments] == [False, True, True, False]


def test_hours_that_are_not_local_are_of_one_zone_for_all() -> None:
    centre = Calendar(name="centre", tz="Asia/Jakarta", weekly=WEEK)
    assert {centre.for_office(office).tz for office in OFFICES} == {"Asia/Jakarta"}


def test_local_hours_come_back_from_json() -> None:
    counter = Calendar(name="counter", tz="Asia/Jakarta", weekly=WEEK, local=True)
    assert Calendar.from_json(counter.to_json()) == counter

"""Indonesia's days off."""

from datetime import date

import pytest

from backbone.public_holidays import holidays_between


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2018, 8, 17), "Hari Kemerdekaan Republik Indonesia"),
        (date(2018, 6, 27), "Hari Pemilihan Kepala Daerah"),
        (date(2018, 6, 14), "Cuti Bersama Hari Raya Idul Fitri"),
        (date(2026, 12, 24), "Cuti Bersama Hari Raya Natal"),
    ],
)
def test_days_off_are_named_in_indonesian(day: date, name: str) -> None:
    assert holidays_between(day, day) == {day: name}


def test_both_ends_count_and_days_stand_in_order() -> None:
    days = holidays_between(date(2018, 12, 24), date(2019, 1, 1))
    assert list(days) == [date(2018, 12, 24), date(2018, 12, 25), date(2019, 1, 1)]


def test_a_working_day_is_not_listed() -> None:
    assert holidays_between(date(2018, 6, 28), date(2018, 6, 30)) == {}


def test_an_end_before_the_start_has_no_days() -> None:
    assert holidays_between(date(2019, 1, 1), date(2018, 1, 1)) == {}


def test_joint_leave_is_unknown_from_2028_on() -> None:
    names = holidays_between(date(2028, 1, 1), date(2030, 12, 31)).values()
    assert not any("Cuti Bersama" in name for name in names)


def test_joint_leave_of_the_last_known_year_is_listed() -> None:
    names = holidays_between(date(2027, 1, 1), date(2027, 12, 31)).values()
    assert sum("Cuti Bersama" in name for name in names) == 8

"""The NIK: what refutes it, what only warns, and that every number that may exist is read."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.finding import Findings
from intake.domain.nik import Nik, Sex, compare, read_nik
from intake.domain.regions import District, Regions

REGIONS = Regions([District(code="21.02.03", name="Karimun", regency="Kabupaten Karimun", province="Kepri")])
BORN = date(1990, 1, 5)


def causes(raw: str) -> list[str]:
    found = Findings()
    assert read_nik(raw, found) is None
    assert {finding.field for finding in found.errors} == {"nik"}
    return [finding.code for finding in found.errors]


def parsed(raw: str) -> Nik:
    found = Findings()
    nik = read_nik(raw, found)
    assert nik is not None, found.errors
    return nik


def warnings(raw: str, *, birth_date: date | None = None, sex: Sex | None = None) -> list[tuple[str, str]]:
    found = Findings()
    compare(parsed(raw), birth_date=birth_date, sex=sex, regions=REGIONS, found=found)
    return [(finding.field, finding.code) for finding in found.warnings]


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("210203050190901", "length"),
        ("21020305019090170", "length"),
        ("21020305O1909018", "digits"),
        ("2102 03050190901", "digits"),
        ("210203050190900\u0661", "digits"),
        ("2.10203E+15", "scientific_notation"),
        ("2,10203E+15", "scientific_notation"),
        ("2e15", "scientific_notation"),
        ("2102030001909021", "day"),
        ("2102033201909021", "day"),
        ("2102034001909021", "day"),
        ("2102037201909021", "day"),
        ("2102038101909021", "day"),
        ("2102039901909021", "day"),
        ("2102030500909023", "month"),
        ("2102030513909023", "month"),
        ("2102033104909023", "impossible_date"),
        ("2102033002009023", "impossible_date"),
        ("2102032902019043", "impossible_date"),
        ("2102036902019043", "impossible_date"),
        ("2102030501900000", "serial"),
    ],
)
def test_what_cannot_exist_is_refused_with_its_cause(raw: str, cause: str) -> None:
    assert causes(raw) == [cause]


def test_every_cause_is_named_at_once() -> None:
    assert causes("2102030013900000") == ["day", "month", "serial"]


def test_white_space_around_the_number_does_not_matter() -> None:
    assert parsed(" 2102030501909001\t").number == "2102030501909001"


@pytest.mark.parametrize("raw", ["2102032902009042", "2102036902049042", "2102032902969042"])
def test_29_february_exists_in_the_leap_years_of_either_century(raw: str) -> None:
    assert parsed(raw).day == 29


def test_the_year_00_is_a_leap_year_because_2000_was_one() -> None:
    assert parsed("2102032902009042").born_on(date(2000, 2, 29))


def test_the_century_comes_from_the_declared_date() -> None:
    nik = parsed("2102030501259001")

    assert nik.born_on(date(1925, 1, 5))
    assert nik.born_on(date(2025, 1, 5))


@given(
    born=st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)),
    sex=st.sampled_from(["M", "F"]),
    prefix=st.integers(min_value=0, max_value=999_999),
    serial=st.integers(min_value=1, max_value=9999),
)
def test_every_number_built_by_the_rules_reads_back(born: date, sex: Sex, prefix: int, serial: int) -> None:
    day = born.day + (40 if sex == "F" else 0)
    number = f"{prefix:06}{day:02}{born:%m%y}{serial:04}"

    nik = parsed(number)

    assert nik.born_on(born)
    assert (nik.sex, nik.prefix, nik.serial) == (sex, f"{prefix:06}", f"{serial:04}")


@pytest.mark.parametrize("day", range(1, 10))
def test_women_born_in_the_first_nine_days_of_a_month_are_read(day: int) -> None:
    nik = parsed(f"210203{day + 40}01909001")

    assert (nik.day, nik.sex) == (day, "F")


@given(st.text(max_size=20))
def test_no_text_whatever_breaks_the_parser(raw: str) -> None:
    found = Findings()
    assert (read_nik(raw, found) is None) == bool(found.errors)


def test_a_number_that_agrees_with_everything_warns_of_nothing() -> None:
    assert warnings("2102030501909001", birth_date=BORN, sex="M") == []


def test_nothing_declared_is_nothing_to_differ_from() -> None:
    assert warnings("2102030501909001") == []


def test_another_birth_date_only_warns() -> None:
    later = BORN + timedelta(days=1)

    assert warnings("2102030501909001", birth_date=later) == [("birth_date", "differs_from_nik")]


def test_another_sex_only_warns() -> None:
    assert warnings("2102034501909001", birth_date=BORN, sex="M") == [("sex", "differs_from_nik")]


def test_an_unknown_region_only_warns() -> None:
    assert warnings("9999030501909001") == [("region", "unknown")]


def test_a_region_of_papua_before_the_split_only_warns() -> None:
    assert warnings("9101030501909001") == [("region", "retired")]


def test_a_number_never_shows_itself() -> None:
    assert "2102030501909001" not in repr(parsed("2102030501909001"))

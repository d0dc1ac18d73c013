"""Serials of blanks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.serials import NoSerial, Serial, parse, parse_range

prefixes = st.sampled_from(["", "B-", "21.02/A", "KTP"])
numbers = st.integers(0, 10**9)


@given(prefixes, numbers)
def test_a_serial_is_a_prefix_and_a_number_of_fixed_width(prefix: str, number: int) -> None:
    read = parse(f"{prefix}{number:012}")

    assert f"{read.prefix}{read.number:0{read.width}}" == f"{prefix}{number:012}"


def test_case_and_outer_spaces_do_not_make_another_serial() -> None:
    assert parse(" b-0042 ") == Serial(prefix="B-", number=42, width=4)


@pytest.mark.parametrize("text", ["", "B-", "B 12", "12-B", "é1"])
def test_what_does_not_end_in_a_number_is_no_serial(text: str) -> None:
    with pytest.raises(NoSerial):
        parse(text)


def test_a_range_holds_both_its_ends() -> None:
    assert len(parse_range("B-0101", "B-0200")) == 100


@pytest.mark.parametrize(
    ("first", "last"), [("B-0101", "C-0200"), ("B-101", "B-0200"), ("B-0200", "B-0101"), ("B-0101", "")]
)
def test_two_serials_that_make_no_range_are_refused(first: str, last: str) -> None:
    with pytest.raises(NoSerial):
        parse_range(first, last)

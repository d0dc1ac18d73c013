"""Telephone numbers: one form for the good ones, a warning for the others."""

import pytest

from intake.domain.finding import Findings
from intake.domain.phones import read_phone


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("081100000001", "+6281100000001"),
        ("+6281100000047", "+6281100000047"),
        ("6281100000047", "+6281100000047"),
        ("0811-0000-0001", "+6281100000001"),
        ("+62 (811) 0000.0001", "+6281100000001"),
        ("81100000001", "+6281100000001"),
        ("0777 123456", "+62777123456"),
        ("+6591234567", "+6591234567"),
    ],
)
def test_a_good_number_gets_one_form(raw: str, number: str) -> None:
    found = Findings()

    assert read_phone(raw, found) == number
    assert not found.warnings


@pytest.mark.parametrize("raw", ["", "  ", " - "])
def test_no_number_is_no_trouble(raw: str) -> None:
    found = Findings()

    assert read_phone(raw, found) is None
    assert not found.warnings


@pytest.mark.parametrize(
    "raw", ["not a phone", "8,11E+10", "0811", "+62081100000001", "0811\x000000001", "\u00b211100000001"]
)
def test_a_bad_number_warns_and_is_not_kept(raw: str) -> None:
    found = Findings()

    assert read_phone(raw, found) is None
    assert [(finding.field, finding.code) for finding in found.warnings] == [("phone", "unusable")]
    assert not found.errors

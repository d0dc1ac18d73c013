"""Which elements match, and with which words the centre says so."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.asking import VerifyAsking
from simulator.domain.inventing import invent
from simulator.domain.matching import match, score

SITI = invent(
    "2102034501909001", full_name="SITI AMINAH LUBIS", birth_date=date(1990, 1, 5), district_code="21.02.03"
)

TEXTS = st.text("ABCDEFGH abcdefgh", max_size=20)


def asking(threshold: str = "90", **elements: Any) -> VerifyAsking:
    return VerifyAsking(NIK=SITI.nik, TRESHOLD=threshold, **elements)


def test_an_equal_name_scores_100() -> None:
    assert match(asking(NAMA_LGKP="SITI AMINAH LUBIS"), SITI) == {
        "NIK": "Sesuai",
        "NAMA_LGKP": "Sesuai (100)",
    }


def test_case_and_spaces_are_folded() -> None:
    assert score("  siti  aminah lubis", "SITI AMINAH LUBIS") == 100


def test_another_name_comes_back_with_its_score() -> None:
    assert match(asking(NAMA_LGKP="BUDI SANTOSO"), SITI)["NAMA_LGKP"] == "Tidak Sesuai (21)"


@pytest.mark.parametrize(("threshold", "answer"), [("94", "Sesuai (94)"), ("95", "Tidak Sesuai (94)")])
def test_the_threshold_is_the_first_matching_score(threshold: str, answer: str) -> None:
    assert match(asking(threshold, NAMA_LGKP="SITI AMINA LUBI"), SITI)["NAMA_LGKP"] == answer


@given(TEXTS, TEXTS)
def test_only_equal_texts_score_100(one: str, other: str) -> None:
    equal = one.upper().split() == other.upper().split()

    assert (score(one, other) == 100) is equal
    assert 0 <= score(one, other) <= 100


@pytest.mark.parametrize(
    ("element", "right", "wrong"),
    [
        ("TGL_LHR", "05-01-1990", "06-01-1990"),
        ("JENIS_KLMIN", "Perempuan", "Laki-laki"),
        ("STATUS_KAWIN", SITI.marital_status, "TIDAK TAHU"),
        ("NO_KEC", 3, 4),
        ("NO_KEC", "03", "04"),
        ("NO_KK", SITI.family_number, "2102030101909001"),
    ],
)
def test_what_is_no_free_text_matches_exactly_or_not(element: str, right: Any, wrong: Any) -> None:
    assert match(asking(**{element: right}), SITI)[element] == "Sesuai"
    assert match(asking(**{element: wrong}), SITI)[element] == "Tidak Sesuai"


def test_only_what_is_asked_about_comes_back_in_the_protocols_order() -> None:
    row = match(asking(ALAMAT="X", TGL_LHR="05-01-1990", NAMA_LGKP="X"), SITI)

    assert list(row) == ["NIK", "NAMA_LGKP", "TGL_LHR", "ALAMAT"]


@pytest.mark.parametrize(
    ("threshold", "answer"),
    [("90", "Tidak Sesuai (89)"), ("1", "Tidak Sesuai (0)"), ("0", "Tidak Sesuai (0)")],
)
def test_a_text_that_is_to_mismatch_scores_below_the_threshold(threshold: str, answer: str) -> None:
    odd = replace(SITI, mismatches=frozenset({"NAMA_LGKP"}))

    assert match(asking(threshold, NAMA_LGKP=SITI.full_name), odd)["NAMA_LGKP"] == answer


def test_a_date_that_is_to_mismatch_does() -> None:
    odd = replace(SITI, mismatches=frozenset({"TGL_LHR"}))

    assert match(asking(TGL_LHR="05-01-1990"), odd)["TGL_LHR"] == "Tidak Sesuai"

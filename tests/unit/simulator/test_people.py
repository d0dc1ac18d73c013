"""Specimen people, the same for the same NIK, and their records on the wire."""

from dataclasses import replace
from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.inventing import born_by, invent, seeded
from simulator.domain.person import Refusal
from simulator.domain.places import BUSY, district
from simulator.domain.records import as_sent, record

NIK = "2102034501909001"


def test_the_same_nik_is_the_same_person() -> None:
    assert invent(NIK) == invent(NIK)


def test_what_the_nik_says_is_taken_from_it() -> None:
    who = invent(NIK)

    assert (who.sex, who.birth_date, who.district_code) == ("F", date(1990, 1, 5), "21.02.03")


def test_what_is_given_is_kept() -> None:
    who = invent(NIK, full_name="BUDI", birth_date=date(1991, 2, 3), sex="M", district_code="21.71.01")

    assert (who.full_name, who.birth_date, who.sex, who.district) == (
        "BUDI",
        date(1991, 2, 3),
        "M",
        "BELAKANG PADANG",
    )


@pytest.mark.parametrize(("first_issue", "status"), [(True, "PRINT_READY_RECORD"), (False, "CARD_ISSUED")])
def test_a_first_card_is_ready_and_others_were_issued(first_issue: bool, status: str) -> None:
    assert invent(NIK, first_issue=first_issue).ektp_status == status


def test_the_young_are_unmarried_students() -> None:
    who = invent("2102030501019001")

    assert (who.marital_status, who.occupation) == ("BELUM KAWIN", "PELAJAR/MAHASISWA")


@pytest.mark.parametrize(
    ("nik", "born"), [("2102030501259001", date(2025, 1, 5)), ("2102030501269001", date(1926, 1, 5))]
)
def test_two_digits_of_a_year_are_the_last_hundred_years(nik: str, born: date) -> None:
    assert born_by(nik) == born


def test_a_nik_without_a_possible_date_needs_one() -> None:
    with pytest.raises(ValueError, match="day"):
        invent("2102033502909001")


@given(st.integers(0, 50))
def test_seeded_people_are_specimens_of_the_busy_districts_whose_niks_fit(seed: int) -> None:
    people = list(seeded(seed, 40))

    assert len({who.nik for who in people}) == 40
    for who in people:
        assert who.district_code in BUSY
        assert who.nik[12:] >= "9001"
        assert replace(invent(who.nik), ektp_status=who.ektp_status) == who


def test_a_longer_list_begins_with_the_shorter_one() -> None:
    assert list(islice(seeded(7, 100), 10)) == list(seeded(7, 10))


def test_some_seeded_people_wait_for_their_first_card() -> None:
    statuses = [who.ektp_status for who in seeded(1, 200)]

    assert 5 <= statuses.count("PRINT_READY_RECORD") <= 40


@pytest.mark.parametrize(
    ("code", "name", "regency", "province"),
    [
        ("21.02.10", "MERAL BARAT", "KARIMUN", "KEPULAUAN RIAU"),
        ("21.71.12", "BATU AJI", "KOTA BATAM", "KEPULAUAN RIAU"),
        ("21.02.99", "KECAMATAN 21.02.99", "KARIMUN", "KEPULAUAN RIAU"),
        ("14.04.08", "KECAMATAN 14.04.08", "KABUPATEN 14.04", "PROVINSI 14"),
    ],
)
def test_districts_have_names(code: str, name: str, regency: str, province: str) -> None:
    found = district(code)

    assert (found.name, found.regency, found.province) == (name, regency, province)


def test_a_record_has_the_protocols_fields() -> None:
    assert list(record(invent(NIK))) == [
        "NIK", "NO_KK", "NAMA_LGKP", "TMPT_LHR", "TGL_LHR", "JENIS_KLMIN", "GOL_DARAH", "ALAMAT", "NO_RT", "NO_RW", "NO_KEL",
        "KEL_NAME", "NO_KEC", "KEC_NAME", "NO_KAB", "KAB_NAME", "NO_PROP", "PROP_NAME", "AGAMA", "STATUS_KAWIN",
        "JENIS_PKRJN", "EKTP_STATUS",
    ]  # fmt: skip


def test_a_record_comes_with_dashes_and_small_numbers() -> None:
    sent = as_sent(invent(NIK))

    assert (sent["NIK"], sent["TGL_LHR"], sent["NO_KEC"]) == (NIK, "05-01-1990", 3)


def test_a_loose_record_comes_with_dots_and_the_other_types() -> None:
    sent = as_sent(replace(invent(NIK), loose=True))

    assert (sent["NIK"], sent["TGL_LHR"], sent["NO_KEC"]) == (int(NIK), "05.01.1990", "3")


@pytest.mark.parametrize(
    ("refusal", "row", "name"),
    [
        (
            Refusal(code="11"),
            {"RESPONSE_CODE": "11", "RESPON": "Data Ditemukan, Meninggal Dunia"},
            "refused:11",
        ),
        (
            Refusal(code="08", text="x", key="RESPONSE"),
            {"RESPONSE_CODE": "08", "RESPONSE": "x"},
            "refused:08",
        ),
        (Refusal(text="Data Tidak Ditemukan"), {"RESPON": "Data Tidak Ditemukan"}, "refused:text"),
        (Refusal(code="99"), {"RESPONSE_CODE": "99", "RESPON": ""}, "refused:99"),
    ],
)
def test_a_refusal_is_a_code_with_its_text_or_a_text(
    refusal: Refusal, row: dict[str, str], name: str
) -> None:
    assert (refusal.row(), refusal.name) == (row, name)

"""The wire's replies, read: bodies, refusals, matches, records."""

import base64
import json
from datetime import date
from typing import Any

import pytest

from datacenter_gateway import centre
from datacenter_gateway.centre import BadCredentials, CentreClosed, CentreDown, QuotaUsedUp, Unreadable
from datacenter_gateway.domain.record import Found, Match, Refusal

NIK = "2102014201909001"
RECORD = {
    "NIK": NIK,
    "NAMA_LGKP": "SITI  SPESIMEN",
    "TGL_LHR": "02-01-1990",
    "JENIS_KLMIN": "Perempuan",
    "EKTP_STATUS": "print_ready_record",
}


def _body(row: Any, **more: Any) -> dict[str, Any]:
    return {"content": [row], **more}


def _read(status: int, body: Any, **headers: str) -> dict[str, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return centre.read_body(status, headers, content)


@pytest.mark.parametrize("status", [201, 301, 400, 401, 403, 404, 429, 500, 502, 504])
def test_any_status_but_200_says_nothing_about_a_citizen(status: int) -> None:
    with pytest.raises(CentreDown, match=f"http_{status}"):
        _read(status, _body(RECORD))


@pytest.mark.parametrize(("header", "seconds"), [("90", 90.0), ("", None), ("Fri, 29 Jun 2018", None)])
def test_503_is_a_closed_centre(header: str, seconds: float | None) -> None:
    with pytest.raises(CentreClosed) as caught:
        _read(503, {}, **{"retry-after": header})
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xfe", [], "text", {}, {"content": []}, {"content": [1]}, {"content": [{}, {}]}],
)
def test_a_body_of_another_shape_says_nothing_about_a_citizen(body: Any) -> None:
    with pytest.raises(CentreDown):
        _read(200, body)


def test_a_body_without_end_is_not_read() -> None:
    with pytest.raises(CentreDown):
        _read(200, b" " * (centre.LARGEST_REPLY + 1))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Login Gagal", "login"),
        ("login gagal, hubungi admin", "login"),
        ("User ID atau Password Salah", "login"),
        ("IP Address Tidak Sesuai", "address"),
    ],
)
@pytest.mark.parametrize("key", ["RESPON", "RESPONSE"])
def test_refused_credentials_are_ours_to_mend(text: str, cause: str, key: str) -> None:
    with pytest.raises(BadCredentials) as caught:
        _read(200, _body({key: text}))
    assert caught.value.cause == cause


def test_a_refusal_of_the_caller_may_stand_without_an_envelope() -> None:
    with pytest.raises(BadCredentials):
        _read(200, {"RESPON": "Login Gagal"})


def test_a_used_up_quota_is_told_by_its_text() -> None:
    with pytest.raises(QuotaUsedUp):
        _read(200, _body({"RESPON": "Kuota Akses Hari ini telah Habis"}))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Data Ditemukan, Meninggal Dunia", "11"),
        ("Data Ditemukan, Data Ganda", "12"),
        ("Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan", "13"),
        ("Data Tidak Ditemukan", "13"),
        ("DATA DITEMUKAN, Status Non Aktif silahkan hubungi Dinas Dukcapil", "14"),
        ("Data Tidak Ditemukan, NIK tidak sesuai format Dukcapil", "15"),
        ("Data sedang diperiksa", "unknown"),
    ],
)
def test_a_text_without_code_is_known_by_its_beginning(text: str, code: str) -> None:
    assert centre.read_match(_body({"RESPON": text}), ["NAMA_LGKP"]) == Refusal(code=code)
    assert centre.read_record(_body({"RESPONSE": text}), NIK) == Refusal(code=code)


def test_a_text_that_speaks_of_no_data_says_nothing_about_a_citizen() -> None:
    with pytest.raises(CentreDown):
        centre.read_match(_body({"RESPON": "Sistem dalam perbaikan"}), ["NAMA_LGKP"])


@pytest.mark.parametrize(
    ("sent", "code"), [("11", "11"), (8, "08"), ("015", "015"), (NIK, "unknown"), ("x", "unknown")]
)
def test_a_code_goes_before_its_text(sent: object, code: str) -> None:
    row = {"RESPONSE_CODE": sent, "RESPON": "Data Ditemukan, Data Ganda"}
    assert centre.read_match(_body(row), ["NAMA_LGKP"]) == Refusal(code=code)


def test_matches_come_back_under_intakes_names() -> None:
    row = {"NAMA_LGKP": "Sesuai (92)", "TGL_LHR": "tidak sesuai", "JENIS_KLMIN": "SESUAI"}
    assert centre.read_match(_body(row), list(row)) == Match(
        elements={"full_name": True, "birth_date": False, "sex": True}
    )


@pytest.mark.parametrize("value", [None, "", "Ya", "100", 7])
def test_an_element_that_is_neither_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable):
        centre.read_match(_body({"NAMA_LGKP": "Sesuai", "TGL_LHR": value}), ["NAMA_LGKP", "TGL_LHR"])


def test_a_row_without_any_asked_element_says_nothing_about_a_citizen() -> None:
    with pytest.raises(CentreDown) as caught:
        centre.read_match(_body({"hello": 1}), ["NAMA_LGKP"])
    assert not isinstance(caught.value, Unreadable)


def _record(**changes: Any) -> Found:
    found = centre.read_record(_body({**RECORD, **changes}), NIK)
    assert isinstance(found, Found)
    return found


def test_a_record_is_read_under_our_names() -> None:
    found = _record(NO_RT=7, NO_RW="012", KEL_NAME="TEBING", GOL_DARAH=None)
    assert found.status == "PRINT_READY_RECORD"
    assert found.record["full_name"] == "SITI SPESIMEN"
    assert (found.record["rt"], found.record["rw"], found.record["village"]) == ("007", "012", "TEBING")
    assert (found.record["blood_type"], found.record["religion"]) == ("-", "-")


@pytest.mark.parametrize("text", ["02-01-1990", "02.01.1990", "2.1.1990"])
def test_dates_come_with_hyphens_or_dots(text: str) -> None:
    assert _record(TGL_LHR=text).record["birth_date"] == date(1990, 1, 2)


@pytest.mark.parametrize(("text", "sex"), [("Laki-laki", "M"), ("LAKI-LAKI", "M"), ("perempuan", "F")])
def test_sex_is_read_in_any_case(text: str, sex: str) -> None:
    assert _record(JENIS_KLMIN=text).record["sex"] == sex


def test_a_nik_may_come_as_a_number() -> None:
    assert _record(NIK=int(NIK)).record["nik"] == NIK


def test_images_come_as_base64_even_in_lines() -> None:
    text = base64.b64encode(b"jpeg" * 30).decode()
    assert _record(FOTO=text[:40] + "\n" + text[40:], TTD="").record["photo"] == b"jpeg" * 30
    assert _record(TTD="").record["signature"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"NIK": "2102014201909002"},
        {"NIK": None},
        {"NAMA_LGKP": None},
        {"TGL_LHR": "1990-13-45"},
        {"TGL_LHR": "yesterday"},
        {"TGL_LHR": None},
        {"JENIS_KLMIN": "?"},
        {"FOTO": "not base64!"},
    ],
)
def test_a_record_that_cannot_be_right_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        _record(**changes)


def test_a_row_that_is_no_record_says_nothing_about_a_citizen() -> None:
    with pytest.raises(CentreDown):
        centre.read_record(_body({"hello": 1}), NIK)


def test_a_record_shows_no_data_in_its_text() -> None:
    assert "SITI" not in repr(_record())
    assert NIK not in repr(_record())

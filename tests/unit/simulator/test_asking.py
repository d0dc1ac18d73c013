"""The request is exactly the protocol's, or it is no request."""

import json
from typing import Any

import pytest

from simulator.domain.asking import ELEMENTS, NotTheProtocol, VerifyAsking, read_asking

CREDENTIALS = {"USER_ID": "cetak", "PASSWORD": "rahasia", "IP_USER": "10.0.0.1"}
NIK = "2102034501909001"


def body(**fields: Any) -> bytes:
    return json.dumps({**CREDENTIALS, "NIK": NIK, **fields}).encode()


def refused(method: str, sent: bytes) -> NotTheProtocol:
    with pytest.raises(NotTheProtocol) as caught:
        read_asking(method, sent)
    return caught.value


def test_the_elements_are_the_protocols() -> None:
    assert ELEMENTS == (
        "NO_KK", "NAMA_LGKP", "TMPT_LHR", "TGL_LHR", "JENIS_KLMIN", "ALAMAT", "NO_RT", "NO_RW", "NO_PROP", "PROP_NAME",
        "NO_KAB", "KAB_NAME", "NO_KEC", "KEC_NAME", "NO_KEL", "KEL_NAME", "JENIS_PKRJN", "STATUS_KAWIN",
    )  # fmt: skip


def test_only_elements_that_were_sent_are_asked_about() -> None:
    asking = read_asking("CALL_VERIFY_BY_ELEMEN", body(TRESHOLD="90", NAMA_LGKP="BUDI", NO_RT=3))

    assert isinstance(asking, VerifyAsking)
    assert asking.elements() == {"NAMA_LGKP": "BUDI", "NO_RT": 3}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "TRESHOLD"),
        ({"TRESHOLD": 90}, "TRESHOLD"),
        ({"TRESHOLD": "101"}, "TRESHOLD"),
        ({"TRESHOLD": "90", "THRESHOLD": "90"}, "THRESHOLD"),
        ({"TRESHOLD": "90", "TGL_LHR": "1990-01-05"}, "TGL_LHR"),
        ({"TRESHOLD": "90", "JENIS_KLMIN": "P"}, "JENIS_KLMIN"),
        ({"TRESHOLD": "90", "NAMA_LGKP": None}, "NAMA_LGKP"),
        ({"TRESHOLD": "90", "NIK": 2102034501909001}, "NIK"),
    ],
)
def test_a_field_that_is_not_the_protocols_is_named(fields: dict[str, Any], named: str) -> None:
    error = refused("CALL_VERIFY_BY_ELEMEN", body(**fields))

    assert (error.status, str(error)) == (400, f"Tidak sesuai protokol: {named}")


def test_a_record_is_asked_for_by_nik_alone() -> None:
    assert str(refused("CALL_NIK", body(TRESHOLD="90"))) == "Tidak sesuai protokol: TRESHOLD"


def test_a_body_that_is_no_json_is_named() -> None:
    assert str(refused("CALL_NIK", b"NIK=1")) == "Tidak sesuai protokol: body"


def test_an_unknown_method_is_not_found() -> None:
    assert refused("CALL_NKI", body()).status == 404


def test_missing_credentials_are_left_to_the_desk() -> None:
    assert read_asking("CALL_NIK", json.dumps({"NIK": NIK}).encode()).USER_ID == ""


def test_neither_password_nor_nik_is_shown() -> None:
    shown = repr(read_asking("CALL_NIK", body()))

    assert "rahasia" not in shown
    assert NIK not in shown

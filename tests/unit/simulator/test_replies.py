"""The protocol's envelope, and replies that are broken on purpose."""

import json

import pytest

from simulator.domain.faults import Fault
from simulator.domain.person import Refusal
from simulator.domain.replies import broken, content, refusal

ROW = {"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai", "ALAMAT": "Tidak Sesuai (59)"}
TRUTH = content(ROW, "ok", 7)


def test_the_envelope_is_the_protocols_example() -> None:
    example = """{"content": [{"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai", "ALAMAT": "Tidak Sesuai (59)"}],
     "lastPage": true, "numberOfElements": 1, "sort": null, "totalElements": 1, "firstPage": true, "number": 0, "size": 1,
     "quotaLimiter": 56616}"""

    assert list(json.loads(content(ROW, "ok", 56616).body).items()) == list(json.loads(example).items())


def test_without_a_quota_there_is_no_limiter() -> None:
    assert "quotaLimiter" not in json.loads(content(ROW, "ok", None).body)


def test_a_refusal_is_one_row_with_http_200() -> None:
    reply = refusal(Refusal(code="12"), 5)

    assert (reply.status, reply.answered) == (200, "refused:12")
    assert json.loads(reply.body)["content"] == [
        {"RESPONSE_CODE": "12", "RESPON": "Data Ditemukan, Data Ganda"}
    ]


def test_a_time_out_is_silence_and_then_504() -> None:
    reply = broken(Fault(kind="timeout", seconds=30), TRUTH)

    assert (reply.status, reply.seconds, reply.answered) == (504, 30, "fault:timeout")


def test_a_reset_cuts_the_true_answer() -> None:
    reply = broken(Fault(kind="reset"), TRUTH)

    assert (reply.cut, reply.body, reply.answered) == (True, TRUTH.body, "fault:reset")


def test_a_malformed_body_is_no_json() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken(Fault(kind="malformed"), TRUTH).body)


def test_a_page_comes_with_http_200() -> None:
    reply = broken(Fault(kind="html"), TRUTH)

    assert (reply.status, reply.media_type) == (200, "text/html")


def test_wrong_json_has_no_content() -> None:
    assert "content" not in json.loads(broken(Fault(kind="wrong_json"), TRUTH).body)


def test_a_status_comes_with_its_retry_after() -> None:
    reply = broken(Fault(status=502, retry_after=9), TRUTH)

    assert (reply.status, reply.retry_after, reply.answered) == (502, 9, "fault:502")

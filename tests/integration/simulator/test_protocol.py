"""The protocol over HTTP, as its page says."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from backbone.clock import VirtualClock
from simulator.domain.person import Refusal
from simulator.domain.window import OtherHours, window

JAKARTA = ZoneInfo("Asia/Jakarta")
METHODS = ("CALL_VERIFY_BY_ELEMEN", "CALL_NIK")
ENVELOPE = {
    "lastPage": True,
    "numberOfElements": 1,
    "sort": None,
    "totalElements": 1,
    "firstPage": True,
    "number": 0,
    "size": 1,
}
TEXTS = {
    "11": "Data Ditemukan, Meninggal Dunia",
    "12": "Data Ditemukan, Data Ganda",
    "13": "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan",
    "14": "Data Ditemukan, Status Non Aktif silahkan hubungi Dinas Dukcapil",
    "15": "Data Tidak Ditemukan, NIK tidak sesuai format Dukcapil",
}


async def test_elements_that_match_are_said_to(caller: Any) -> None:
    who = caller.somebody
    answer = await caller.verify(NAMA_LGKP=who.full_name.lower(), TGL_LHR=f"{who.birth_date:%d-%m-%Y}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "content": [{"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai"}],
        **ENVELOPE,
    }


async def test_a_record_comes_with_photo_and_signature(caller: Any) -> None:
    caller.centre.population.add(who := replace(caller.somebody, loose=False, photo=True))
    body = (await caller.record()).json()
    (row,) = body.pop("content")
    sizes = [Image.open(BytesIO(base64.b64decode(row[name]))).size for name in ("FOTO", "TTD")]

    assert body == ENVELOPE
    assert (row["NIK"], row["NAMA_LGKP"], row["EKTP_STATUS"]) == (who.nik, who.full_name, who.ektp_status)
    assert sizes == [(300, 400), (300, 120)]
    assert len(base64.b64decode(row["FOTO"])) < 12 * 1024


async def test_a_person_without_photo_has_no_such_field(caller: Any) -> None:
    caller.centre.population.add(replace(caller.somebody, photo=False))
    (row,) = (await caller.record()).json()["content"]

    assert row.keys().isdisjoint({"FOTO", "TTD"})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("code", TEXTS)
async def test_a_refusal_code_comes_with_its_text(caller: Any, method: str, code: str) -> None:
    caller.centre.population.add(replace(caller.somebody, refusal=Refusal(code=code)))
    threshold = {"TRESHOLD": "90"} if method == METHODS[0] else {}
    answer = await caller.call(method, **threshold)

    assert answer.status_code == 200
    assert answer.json() == {"content": [{"RESPONSE_CODE": code, "RESPON": TEXTS[code]}], **ENVELOPE}
    assert caller.answered == [f"refused:{code}"]


@pytest.mark.parametrize(
    ("nik", "code"),
    [
        ("2102030101909999", "13"),
        ("210203010190999", "15"),
        ("21020301019099990", "15"),
        ("21020301O1909999", "15"),
    ],
)
async def test_an_unknown_nik_is_13_and_no_nik_is_15(caller: Any, nik: str, code: str) -> None:
    answer = await caller.verify(nik)

    assert answer.json()["content"] == [{"RESPONSE_CODE": code, "RESPON": TEXTS[code]}]


async def test_a_refusal_may_be_a_text_without_a_code(caller: Any) -> None:
    caller.centre.population.add(replace(caller.somebody, refusal=Refusal(text="Data Tidak Ditemukan")))
    answer = await caller.verify()

    assert answer.json()["content"] == [{"RESPON": "Data Tidak Ditemukan"}]
    assert caller.answered == ["refused:text"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("USER_ID", "Login Gagal"),
        ("PASSWORD", "User ID atau Password Salah"),
        ("IP_USER", "IP Address Tidak Sesuai"),
    ],
)
async def test_wrong_credentials_are_a_text_with_http_200_and_cost_no_quota(
    make_caller: Any, field: str, text: str
) -> None:
    caller = make_caller(daily_quota=5)
    answer = await caller.record(**{field: "salah"})

    assert answer.status_code == 200
    assert answer.json() == {"content": [{"RESPON": text}], **ENVELOPE}
    assert caller.answered == ["credentials"]
    assert (await caller.record()).json()["quotaLimiter"] == 4


async def test_the_quota_counts_refusals_too_and_ends_in_the_centres_words(make_caller: Any) -> None:
    caller = make_caller(daily_quota=2)
    first, second, third = [(await caller.record("2102030101909999")).json() for _ in range(3)]

    assert (first["quotaLimiter"], second["quotaLimiter"]) == (1, 0)
    assert third["content"] == [{"RESPON": "Kuota Akses Hari ini telah Habis"}]
    assert caller.answered == ["refused:13", "refused:13", "quota"]


async def test_a_used_up_quota_is_back_at_the_centres_midnight(
    make_caller: Any, virtual: VirtualClock
) -> None:
    caller = make_caller(daily_quota=1)
    await caller.record()
    await virtual.sleep_until(datetime(2018, 6, 29, 23, 59, 59, tzinfo=JAKARTA))
    await caller.record()
    await virtual.sleep(1)
    await caller.record()

    assert caller.answered == ["ok", "quota", "ok"]


async def test_a_rate_is_enforced_on_demand_only(make_caller: Any) -> None:
    lenient, strict = make_caller(calls_per_hour=1), make_caller(calls_per_hour=1, enforce_rate=True)
    statuses = [(await one.record()).status_code for one in (lenient, lenient, strict, strict)]

    assert statuses == [200, 200, 200, 429]
    assert lenient.centre.account.busiest_hour == 2
    assert strict.answered == ["ok", "rate"]


@pytest.mark.parametrize(
    ("hour", "second", "status"), [(14, 59, 200), (15, 0, 503), (15, 1, 503)], ids=["before", "at", "after"]
)
async def test_the_window_shuts_to_the_second(
    make_caller: Any, virtual: VirtualClock, hour: int, second: int, status: int
) -> None:
    caller = make_caller(weekly=("07:30-15:00",) * 7)
    minute = 59 if hour == 14 else 0
    await virtual.sleep_until(datetime(2018, 6, 29, hour, minute, second, tzinfo=JAKARTA))

    assert (await caller.verify()).status_code == status


async def test_outside_its_window_the_centre_says_when_it_opens(
    make_caller: Any, virtual: VirtualClock
) -> None:
    caller = make_caller(weekly=("07:30-15:00",) * 7, latency_low=3, latency_high=3)
    await virtual.sleep_until(datetime(2018, 6, 29, 15, 30, tzinfo=JAKARTA))
    asked_at = virtual.now()
    answer = await caller.verify()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, str(16 * 3600))
    assert virtual.now() == asked_at
    assert caller.answered == ["closed"]


async def test_a_centre_that_never_opens_says_to_come_back_in_an_hour(make_caller: Any) -> None:
    caller = make_caller(weekly=("closed",) * 7)

    assert (await caller.verify()).headers["retry-after"] == "3600"


async def test_an_override_shuts_an_open_centre_while_it_lasts(caller: Any, virtual: VirtualClock) -> None:
    now = virtual.now()
    shut = OtherHours(from_=now, until=now + timedelta(minutes=5), hours="closed")
    caller.centre.calendar = window(("00:00-24:00",) * 7, [shut])
    before = await caller.verify()
    await virtual.sleep(300)

    assert (before.status_code, before.headers["retry-after"]) == (503, "300")
    assert (await caller.verify()).status_code == 200


async def test_what_is_not_the_protocol_is_400_and_an_unknown_method_404(caller: Any) -> None:
    misspelt = await caller.call("CALL_VERIFY_BY_ELEMEN", THRESHOLD="90")
    unknown = await caller.call("CALL_NAMA")

    assert (misspelt.status_code, unknown.status_code) == (400, 404)
    assert caller.answered == ["invalid", "invalid"]

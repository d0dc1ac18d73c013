"""Tests and demos make the centre behave, over HTTP."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from backbone.clock import VirtualClock

NIK = "2102034501909777"


async def put(caller: Any, path: str, body: Any, status: int = 204) -> None:
    verb = "PUT" if path in {"window", "credentials", "quota", "rate"} else "POST"
    answer = await caller.client.request(verb, f"/_control/{path}", json=body)
    assert answer.status_code == status, answer.text


async def test_control_is_off_unless_it_is_opened(make_caller: Any) -> None:
    caller = make_caller(control=False)

    assert (await caller.client.get("/_control/calls")).status_code == 404


async def test_a_person_is_added_while_running(caller: Any) -> None:
    await put(caller, "people", [{"nik": NIK, "full_name": "SITI AMINAH", "first_issue": True}])
    (row,) = (await caller.record(NIK)).json()["content"]

    assert (row["NAMA_LGKP"], row["TGL_LHR"], row["EKTP_STATUS"]) == (
        "SITI AMINAH",
        "05-01-1990",
        "PRINT_READY_RECORD",
    )


async def test_a_person_is_added_with_their_behaviour(caller: Any) -> None:
    await put(caller, "people", [{"nik": NIK, "ektp_status": "PROCESSING", "mismatches": ["TGL_LHR"]}])
    (verified,) = (await caller.verify(NIK, TGL_LHR="05-01-1990")).json()["content"]
    (row,) = (await caller.record(NIK)).json()["content"]

    assert (verified["TGL_LHR"], row["EKTP_STATUS"]) == ("Tidak Sesuai", "PROCESSING")


async def test_a_person_is_added_with_a_refusal(caller: Any) -> None:
    await put(caller, "people", [{"nik": NIK, "refusal": {"code": "08", "text": "Lain", "key": "RESPONSE"}}])

    assert (await caller.verify(NIK)).json()["content"] == [{"RESPONSE_CODE": "08", "RESPONSE": "Lain"}]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("people", [{"nik": "2102033502909001"}]),
        ("people", [{"nik": NIK, "refusal": {"kode": "11"}}]),
        ("faults", [{"fault": {"kind": "html", "second": 3}}]),
        ("window", {"weekly": ["closed"]}),
    ],
    ids=["no such date", "misspelt refusal", "misspelt fault", "short week"],
)
async def test_an_order_that_cannot_be_meant_is_refused(caller: Any, path: str, body: Any) -> None:
    await put(caller, path, body, status=422)


async def test_the_window_is_set(caller: Any, virtual: VirtualClock) -> None:
    now = virtual.now()
    noon = {
        "from": now.isoformat(),
        "until": (now + timedelta(minutes=1)).isoformat(),
        "hours": "00:00-24:00",
    }
    await put(caller, "window", {"weekly": ["closed"] * 7, "overrides": [noon], "retry_after": 7})
    opened = await caller.verify()
    await virtual.sleep(60)
    shut = await caller.verify()

    assert (opened.status_code, shut.status_code, shut.headers["retry-after"]) == (200, 503, "7")


async def test_credentials_quota_and_rate_are_set(caller: Any) -> None:
    await put(caller, "credentials", {"user_id": "a", "password": "b", "ip_user": "c"})
    await caller.record()
    caller.credentials = {"USER_ID": "a", "PASSWORD": "b", "IP_USER": "c"}
    await put(caller, "quota", {"daily": 2})
    await caller.record()
    await put(caller, "rate", {"per_hour": 1, "enforced": True})
    await caller.record()
    await caller.record()

    assert caller.answered == ["credentials", "ok", "rate", "quota"]


async def test_an_outage_begins_and_ends_by_itself(caller: Any, virtual: VirtualClock) -> None:
    soon = virtual.now() + timedelta(seconds=10)
    outage = {"from": soon.isoformat(), "until": (soon + timedelta(seconds=10)).isoformat()}
    await put(caller, "outages", [outage])
    statuses = []
    for _ in range(3):
        statuses.append((await caller.verify()).status_code)
        await virtual.sleep(10)

    assert statuses == [200, 503, 200]
    assert caller.answered == ["ok", "fault:503", "ok"]


async def test_an_outage_says_nothing_of_credentials(caller: Any, virtual: VirtualClock) -> None:
    now = virtual.now()
    outage = {"from": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    await put(caller, "outages", [{**outage, "fault": {"kind": "html"}}])
    answer = await caller.record(PASSWORD="salah")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_healing_ends_outages_and_orders(caller: Any, virtual: VirtualClock) -> None:
    now = virtual.now()
    await put(caller, "outages", [{"from": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}])
    await put(caller, "faults", [{"fault": {}}])
    await put(caller, "heal", None)

    assert (await caller.verify()).status_code == 200


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503, 504])
async def test_the_next_call_answers_a_status(caller: Any, status: int) -> None:
    await put(caller, "faults", [{"fault": {"status": status, "retry_after": 30}}])
    answer = await caller.verify()

    assert (answer.status_code, answer.headers["retry-after"]) == (status, "30")
    assert (await caller.verify()).status_code == 200


async def test_the_next_call_of_a_method_for_a_nik_answers_a_refusal(caller: Any) -> None:
    refusal = {"fault": {"kind": "refusal", "refusal": {"text": "IP Address Tidak Sesuai"}}}
    await put(caller, "faults", [{**refusal, "method": "CALL_NIK", "nik": caller.somebody.nik}])
    await caller.verify()
    answer = await caller.record()

    assert answer.json()["content"] == [{"RESPON": "IP Address Tidak Sesuai"}]
    assert caller.answered == ["ok", "refused:text"]


@pytest.mark.parametrize("given", [True, False], ids=["named", "anybody"])
async def test_the_next_call_answers_about_somebody_else(caller: Any, given: bool) -> None:
    *_, last = caller.centre.population
    fault = {"kind": "other_nik", **({"nik": last.nik} if given else {})}
    await put(caller, "faults", [{"fault": fault}])
    (row,) = (await caller.record()).json()["content"]

    assert (str(row["NIK"]) == last.nik) is given
    assert str(row["NIK"]) != caller.somebody.nik
    assert caller.answered == ["fault:other_nik"]


@pytest.mark.parametrize("kind", ["malformed", "html", "wrong_json"])
async def test_the_next_call_answers_what_is_no_protocol(caller: Any, kind: str) -> None:
    await put(caller, "faults", [{"fault": {"kind": kind}}])
    answer = await caller.verify()

    assert answer.status_code == 200
    assert '"content":[{' not in answer.text or answer.text[-1] != "}"
    assert caller.answered == [f"fault:{kind}"]


async def test_the_next_connection_is_cut(caller: Any) -> None:
    await put(caller, "faults", [{"fault": {"kind": "reset"}}])

    with pytest.raises(httpx2.TransportError):
        await caller.verify()
    assert caller.answered == ["fault:reset"]


async def test_calls_met_by_a_fault_count_against_the_quota(make_caller: Any) -> None:
    caller = make_caller(daily_quota=9)
    await put(caller, "faults", [{"fault": {}, "calls": 2}])
    for _ in range(2):
        await caller.verify()

    assert (await caller.verify()).json()["quotaLimiter"] == 6


async def test_the_calls_are_told_without_niks(caller: Any) -> None:
    await caller.verify()
    await caller.record()
    answer = await caller.client.get("/_control/calls", params={"after": 1})
    (call,) = answer.json()["calls"]

    assert caller.somebody.nik not in answer.text
    assert call == {
        "seq": 2,
        "started_at": "2018-06-29T02:00:00+00:00",
        "ended_at": "2018-06-29T02:00:00+00:00",
        "method": "CALL_NIK",
        "nik_sha256": hashlib.sha256(caller.somebody.nik.encode()).hexdigest(),
        "institution": "karimun",
        "user": "cetak",
        "answered": "ok",
    }
    assert answer.json()["busiest_hour"] == 2

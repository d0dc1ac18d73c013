"""Who may call what: every role at every endpoint, and the borders between offices."""

from typing import Any

import pytest

ROLES = ("kiosk", "counter", "station", "operator", "supervisor", "auditor", "district")
READERS = {"counter", "operator", "supervisor", "auditor", "district"}
OFFICERS = {"operator", "supervisor"}
CARD, WHY = "00000000-0000-7000-8000-000000000001", {"reason": "sebab"}
SETTLE = {"verdict": "printed", "note": "dilihat", "person": "Budi"}
TWO = {**WHY, "person": "Budi", "second_person": "Siti"}
CALLS: list[tuple[str, str, dict[str, Any] | None, set[str]]] = [
    ("GET", "summary", None, READERS),
    ("GET", "applications", None, READERS),
    ("GET", "applications/{card}/explain", None, READERS),
    ("GET", "explain", None, READERS),
    ("GET", "stations/2102-1/explain", None, OFFICERS | {"auditor", "station"}),
    ("GET", "targets", None, READERS),
    ("PUT", "targets", {**WHY, "office": "21.02", "hours": {}}, {"supervisor"}),
    ("GET", "at-risk", None, READERS),
    ("GET", "applications/{card}/events", None, READERS),
    ("POST", "applications/{card}/urgent", WHY, {"supervisor"}),
    ("POST", "applications/{card}/decide", {**WHY, "to": "refused"}, OFFICERS),
    ("POST", "applications/{card}/hold", {**WHY, "until": "2030-01-01T00:00:00Z"}, OFFICERS),
    ("GET", "attempts", None, OFFICERS | {"auditor"}),
    ("GET", "incidents", None, OFFICERS | {"auditor"}),
    ("POST", "incidents/1/close", {"resolution": "sudah"}, {"supervisor"}),
    ("POST", "attempts/{attempt}/reconcile", SETTLE, OFFICERS | {"station"}),
    ("POST", "attempts/{attempt}/spoil", {**TWO, "note": "buruk"}, OFFICERS | {"station"}),
    ("GET", "policy", None, OFFICERS | {"auditor"}),
    ("PUT", "policy", {**WHY, "office": "21.02", "rules": {}}, {"supervisor"}),
    ("GET", "policy/proof?office=21.02", None, OFFICERS | {"auditor"}),
    ("POST", "policy/rehearse", {"office": "21.02", "rules": {}}, {"supervisor"}),
    ("GET", "stations", None, READERS),
    ("POST", "stations", {"id": "2102-1", "office": "21.02"}, {"supervisor"}),
    ("POST", "stations/2102-1/pause", WHY, OFFICERS | {"station"}),
    ("POST", "stations/2102-1/resume", WHY, OFFICERS | {"station"}),
    ("POST", "stations/2102-1/lost", WHY, {"supervisor"}),
    ("POST", "stations/2102-1/retire", WHY, {"supervisor"}),
    ("GET", "stations/2102-1/stock", None, OFFICERS | {"auditor", "station"}),
    ("POST", "stations/2102-1/stock", {**TWO, "note_number": "SJ-9", "blanks": 1}, OFFICERS | {"station"}),
    ("POST", "stations/2102-1/count", {**TWO, "blanks": 1}, OFFICERS | {"station"}),
    ("POST", "stations/2102-1/test-cards", TWO, OFFICERS | {"station"}),
    ("POST", "stations/2102-1/supplies", {**TWO, "item": "film"}, OFFICERS | {"station"}),
    ("GET", "offices/21.02/stock", None, OFFICERS | {"auditor"}),
    ("POST", "offices/21.02/stock", {"note_number": "SJ-8", "blanks": 1}, OFFICERS),
    ("POST", "offices/21.02/count", {**TWO, "blanks": 1}, OFFICERS),
    (
        "POST",
        "offices/21.02/transfers",
        {**TWO, "number": "1", "source": "", "target": "2102-1", "blanks": 1},
        OFFICERS,
    ),
    ("POST", "offices/21.02/returns", {**TWO, "number": "2", "place": "", "blanks": 1}, OFFICERS),
    ("POST", "offices/21.02/destructions", {**TWO, "number": "3", "place": "", "blanks": 1}, OFFICERS),
    ("GET", "destructions", None, OFFICERS | {"auditor"}),
    ("GET", "papers", None, OFFICERS | {"auditor"}),
    ("POST", "stations/2102-1/hello", {"run": 1}, {"station"}),
    ("GET", "stations/2102-1/jobs", None, {"station"}),
]


async def test_every_role_may_call_what_its_scope_says_and_nothing_else(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()

    wrong = []
    for method, path, body, allowed in CALLS:
        url = "/v1/" + path.format(card=job["application_id"], attempt=job["attempt_id"])
        for role in ROLES:
            headers = office.token(role, station="2102-1" if role == "station" else None)
            answer = await office.client.request(method, url, json=body, headers=headers)
            if (answer.status_code != 403) != (role in allowed) or answer.status_code >= 500:
                wrong.append((role, method, path, answer.status_code))

    assert wrong == []


async def test_no_call_is_answered_without_a_token(office: Any) -> None:
    await office.enrol()

    codes = {
        (
            await office.client.request(method, "/v1/" + path.format(card=CARD, attempt=CARD), json=body)
        ).status_code
        for method, path, body, _ in CALLS
    }

    assert codes == {401}


async def test_another_office_s_token_reaches_nothing_here(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()
    stranger = office.token("operator", "supervisor", prefix="21.03")
    named = [call for call in CALLS if "{" in call[1] or "2102-1" in call[1] or "21.02" in call[1]]

    for method, path, body, allowed in named:
        url = "/v1/" + path.format(card=job["application_id"], attempt=job["attempt_id"])
        answer = await office.client.request(method, url, json=body, headers=stranger)
        assert answer.status_code in (403, 404) or not allowed & {"operator", "supervisor"}, path


@pytest.mark.parametrize("path", ["applications", "attempts", "stations", "incidents"])
async def test_another_office_s_lists_are_empty_of_ours(office: Any, path: str) -> None:
    await office.open_centre()
    await office.enrol()
    await office.armed()

    answer = await office.client.get(f"/v1/{path}", headers=office.token("supervisor", prefix="21.0"))

    found = answer.json()
    assert (found["items"] if isinstance(found, dict) else found) == []


async def test_a_province_s_token_sees_its_offices(office: Any) -> None:
    await office.apply()

    answer = await office.client.get("/v1/applications", headers=office.token("auditor", prefix="21"))

    assert len(answer.json()["items"]) == 1

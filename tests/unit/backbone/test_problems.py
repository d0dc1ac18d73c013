"""Errors on HTTP: stable types, two languages, every field at fault, and no value quoted."""

import re
from typing import Any

import pytest

from backbone.problems import NotFound


@pytest.mark.parametrize(
    ("kind", "status", "slug"),
    [
        ("conflict", 409, "conflict"),
        ("forbidden", 403, "forbidden"),
        ("fields", 422, "invalid"),
        ("busy", 503, "unavailable"),
        ("teapot", 418, "http"),
        ("gone", 404, "not-found"),
        ("broken", 500, "internal"),
        ("down", 503, "unavailable"),
        ("locked", 503, "unavailable"),
    ],
)
async def test_an_error_is_a_problem_of_a_stable_type(world: Any, kind: str, status: int, slug: str) -> None:
    answer = await world.client.get(f"/fail/{kind}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (answer.json()["status"], answer.json()["type"]) == (status, f"urn:cetak:{slug}")


@pytest.mark.parametrize("kind", ["broken", "down", "locked"])
async def test_an_unexpected_errors_text_stays_inside(world: Any, kind: str) -> None:
    assert "2102012906909001" not in (await world.client.get(f"/fail/{kind}")).text


async def test_a_problem_speaks_indonesian_and_english(world: Any) -> None:
    body = (await world.client.get("/fail/gone")).json()
    assert (body["title"], body["title_en"]) == (NotFound.message_id, NotFound.message_en)


async def test_a_problem_carries_its_detail_and_extra_members(world: Any) -> None:
    body = (await world.client.get("/fail/conflict")).json()
    assert (body["detail"], body["epoch"]) == ("too late", 3)


async def test_a_problem_lists_the_fields_at_fault(world: Any) -> None:
    (error,) = (await world.client.get("/fail/fields")).json()["errors"]
    assert error == {"field": "nik", "code": "nik.date", "message_id": "Salah.", "message_en": "Wrong."}


@pytest.mark.parametrize(("kind", "seconds"), [("busy", "7"), ("down", "5")])
async def test_an_outage_says_when_to_come_again(world: Any, kind: str, seconds: str) -> None:
    assert (await world.client.get(f"/fail/{kind}")).headers["retry-after"] == seconds


async def test_a_problem_names_its_request(world: Any) -> None:
    answer = await world.client.get("/fail/gone", headers={"x-correlation-id": "abc"})
    assert answer.json()["instance"] == "urn:cetak:request:abc"


async def test_a_route_that_is_not_there_is_a_problem_too(world: Any) -> None:
    assert (await world.client.get("/nowhere")).json()["type"] == "urn:cetak:not-found"


async def test_a_wrong_method_says_which_are_allowed(world: Any) -> None:
    answer = await world.client.delete("/me")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_a_request_without_a_token_is_told_what_is_asked_for(world: Any) -> None:
    answer = await world.client.get("/me")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def found(world: Any, body: str, query: str = "") -> dict[str, str]:
    answer = await world.client.post(
        f"/bodies{query}", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ('{"path": "x"}', {"path": "int_parsing", "name": "missing"}),
        ("{", {"body": "json_invalid"}),
        ("", {"body": "missing"}),
        ("[]", {"body": "model_attributes_type"}),
    ],
)
async def test_every_field_at_fault_is_named(world: Any, body: str, errors: dict[str, str]) -> None:
    assert await found(world, body) == errors


async def test_a_query_at_fault_is_named(world: Any) -> None:
    assert await found(world, '{"path": 1, "name": "x"}', "?limit=10") == {"limit": "less_than_equal"}


async def test_a_refused_value_is_not_quoted(world: Any) -> None:
    answer = await world.client.post("/bodies", json={"path": "SPESIMEN", "name": 2102012906909001})
    assert not re.search("SPESIMEN|2102012906909001", answer.text)

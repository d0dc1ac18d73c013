"""What every service's app does: health, metrics, correlation, documentation without internet."""

import re
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from backbone.auth import Authority
from backbone.http import Check, make_app


async def test_a_live_process_is_live_whatever_else_fails(world: Any) -> None:
    world.checks = ConnectionError()
    answer = await world.client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "pass"})


def check(status: Any) -> Check:
    return Check(name=status, status=status)


@pytest.mark.parametrize(
    ("checks", "code", "status"),
    [
        ((), 200, "pass"),
        ((check("pass"),), 200, "pass"),
        ((check("warn"), check("pass")), 200, "warn"),
        ((check("warn"), check("fail"), check("pass")), 503, "fail"),
        (ConnectionError(), 503, "fail"),
    ],
    ids=["nothing", "pass", "warn", "fail", "down"],
)
async def test_only_a_failure_makes_a_service_unready(
    world: Any, checks: Any, code: int, status: str
) -> None:
    world.checks = checks
    answer = await world.client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (code, status)
    assert answer.headers["content-type"] == "application/health+json"


async def test_ops_see_the_queue_in_one_shape(world: Any) -> None:
    assert (await world.client.get("/queue")).json() == {
        "depth": 1,
        "in_flight": 2,
        "oldest_seconds": 3,
        "dead_letters": 4,
        "blocked_by": ["window"],
    }


async def metrics(world: Any) -> str:
    return str((await world.client.get("/metrics")).text)


async def test_metrics_are_fresh_when_they_are_read(world: Any) -> None:
    assert "cetak_test 42.0" in await metrics(world)


async def test_requests_are_counted_by_route_not_by_url(world: Any) -> None:
    await world.client.get("/fail/gone")
    text = await metrics(world)
    assert 'cetak_http_requests_total{method="GET",route="/fail/{kind}",status="404"} 1.0' in text
    assert 'cetak_http_request_seconds_count{route="/fail/{kind}"} 1.0' in text


async def test_a_crash_is_counted_as_500(world: Any) -> None:
    await world.client.get("/fail/broken")
    assert 'route="/fail/{kind}",status="500"} 1.0' in await metrics(world)


async def test_what_a_caller_invents_makes_no_series_of_its_own(world: Any) -> None:
    await world.client.request("BREW", "/2102012906909001")
    assert 'cetak_http_requests_total{method="other",route="other",status="404"} 1.0' in await metrics(world)


@pytest.mark.parametrize(
    "given", ["abc", "3f2c8e90a1b2c3d4", "0197b0d0-7c1e-7b11-8000-0000c0ffee00", "a" * 64]
)
async def test_a_callers_plain_correlation_id_is_kept(world: Any, given: str) -> None:
    answer = await world.client.get("/bound", headers={"x-correlation-id": given})
    assert (answer.json(), answer.headers["x-correlation-id"]) == (given, given)


@pytest.mark.parametrize("given", ["", "a b", "a" * 65, 'x","level":"', "\u00e9"])
async def test_any_other_correlation_id_is_replaced(world: Any, given: str) -> None:
    answer = await world.client.get("/bound", headers=[(b"x-correlation-id", given.encode("latin-1"))])
    assert re.fullmatch("[0-9a-f]{16}", answer.json())
    assert answer.headers["x-correlation-id"] == answer.json()


async def test_documentation_names_no_foreign_host(world: Any) -> None:
    page = (await world.client.get("/docs")).text
    assert not re.search(r"https?:|[\"']//", page)


async def test_every_file_that_the_documentation_names_is_here(world: Any) -> None:
    page = (await world.client.get("/docs")).text
    named = re.findall(r"/test/[^\"'\s>]+", page)
    answers = [await world.client.get(f"http://cetak{path}") for path in named]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert len(named) >= 4


async def test_the_schema_names_the_services_calls(world: Any) -> None:
    assert "/bodies" in (await world.client.get("/openapi.json")).json()["paths"]


async def test_what_is_not_http_passes_untouched(world: Any) -> None:
    asked = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": next(asked)}

    await world.app({"type": "lifespan", "state": {}}, receive, send)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_an_app_needs_neither_queue_nor_gauges(authority: Authority) -> None:
    async def nothing() -> Sequence[Check]:
        return ()

    app = make_app("small", authority=authority, checks=nothing)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://small") as client:
        assert (await client.get("/queue")).status_code == 404
        assert "cetak_http_requests" in (await client.get("/metrics")).text

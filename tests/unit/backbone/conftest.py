"""A service's app, mounted as in one process, whose checks a test sets and whose routes fail as asked."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import asyncpg
import httpx2
import pytest
import structlog
from fastapi import FastAPI, Query
from prometheus_client import CollectorRegistry, Gauge
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from backbone.auth import ActorDep, Authority
from backbone.contracts.message import Wire
from backbone.http import Check, QueueView, make_app
from backbone.problems import Conflict, FieldError, Forbidden, Invalid, Unavailable

ERRORS: dict[str, Exception] = {
    "conflict": Conflict("too late", epoch=3),
    "forbidden": Forbidden(),
    "fields": Invalid(
        errors=[FieldError(field="nik", code="nik.date", message_id="Salah.", message_en="Wrong.")]
    ),
    "busy": Unavailable(retry_after=7),
    "teapot": HTTPException(418, "short and stout"),
    "gone": HTTPException(404),
    "broken": ZeroDivisionError("2102012906909001"),
    "down": ConnectionError("2102012906909001"),
    "locked": asyncpg.LockNotAvailableError("2102012906909001"),
}


class Body(Wire):
    path: int
    name: str


def add_routes(app: FastAPI) -> None:
    @app.get("/fail/{kind}")
    async def fail(kind: str) -> None:
        raise ERRORS[kind]

    @app.post("/bodies")
    async def post(body: Body, limit: Annotated[int, Query(le=9)] = 1) -> Body:
        return body

    @app.get("/me")
    async def me(actor: ActorDep) -> str:
        return actor.subject

    @app.get("/bound")
    async def bound() -> Any:
        return structlog.contextvars.get_contextvars()["correlation_id"]


class World:
    """A mounted app whose checks a test sets."""

    def __init__(self, authority: Authority) -> None:
        self.checks: Sequence[Check] | Exception = ()
        self.registry = CollectorRegistry()
        self.gauge = Gauge("cetak_test", "set when asked", registry=self.registry)
        self.app = make_app(
            "test",
            authority=authority,
            checks=self._look,
            queue=self._queue,
            gauges=self._refresh,
            registry=self.registry,
        )
        add_routes(self.app)
        transport = httpx2.ASGITransport(
            Starlette(routes=[Mount("/test", self.app)]), raise_app_exceptions=False
        )
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://cetak/test")

    async def _look(self) -> Sequence[Check]:
        if isinstance(self.checks, Exception):
            raise self.checks
        return self.checks

    async def _queue(self) -> QueueView:
        return QueueView(depth=1, in_flight=2, oldest_seconds=3, dead_letters=4, blocked_by=("window",))

    async def _refresh(self) -> None:
        self.gauge.set(42)


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    found = World(authority)
    async with found.client:
        yield found

"""The HTTP app every service starts from: problems, health, metrics, correlation id, documentation without internet."""

import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backbone import asyncapi, problems
from backbone.auth import Authority
from backbone.broker import Broker
from backbone.contracts.message import Wire
from backbone.database import INFRASTRUCTURE


class QueueView(Wire):
    """Ops' one look, the same shape everywhere. `blocked_by` names what holds the queue now."""

    depth: int
    in_flight: int
    oldest_seconds: float
    dead_letters: int
    blocked_by: tuple[str, ...] = ()


class Check(Wire):
    """One thing that readiness looked at. Only `fail` makes the service unready."""

    name: str
    status: Literal["pass", "warn", "fail"]
    output: str = ""


def broker_check(broker: Broker) -> Check:
    """A lost broker makes nobody unready: the outbox keeps what is owed, and the tables are looked at all the same."""
    trouble = broker.trouble()
    return Check(name="broker", status="warn" if trouble else "pass", output=trouble)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNUSED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own telemetry: looking for its providers would cost every request more than the route's matching."""
Checks = Callable[[], Awaitable[Sequence[Check]]]
Gauges = Callable[[], Awaitable[None]]


class Correlation:
    """Gives every request an id (the caller's, where it is a plain one), and counts it by route."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._count = Counter(
            "cetak_http_requests", "requests", ["method", "route", "status"], registry=registry
        )
        self._time = Histogram(
            "cetak_http_request_seconds", "seconds to answer", ["route"], registry=registry
        )
        self._kept: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next(
            (value.decode("latin-1") for name, value in scope["headers"] if name == b"x-correlation-id"), ""
        )
        correlation = given if PLAIN_ID.fullmatch(given) else secrets.token_hex(8)
        scope["correlation_id"] = correlation
        scope.pop("route", None)  # of the app that this one is mounted in
        status = "500"

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                message["headers"] = [*message["headers"], (b"x-correlation-id", correlation.encode())]
            await send(message)

        began = perf_counter()
        bound = structlog.contextvars.bind_contextvars(correlation_id=correlation)
        try:
            await self._app(scope, receive, answer)
        finally:
            structlog.contextvars.reset_contextvars(**bound)
            route = getattr(scope.get("route"), "path", "other")
            # Callers choose the method's name: only the known ones make a series.
            method = scope["method"] if scope["method"] in METHODS else "other"
            count, time = self._series(method, route, status)
            count.inc()
            time.observe(perf_counter() - began)

    def _series(self, method: str, route: str, status: str) -> tuple[Counter, Histogram]:
        """The series of these labels; kept, since to find one costs more than to count in it."""
        key = (method, route, status)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = (self._count.labels(*key), self._time.labels(route))
        return found


def make_app(
    name: str,
    *,
    authority: Authority,
    checks: Checks,
    queue: Callable[[], Awaitable[QueueView]] | None = None,
    gauges: Gauges | None = None,
    registry: CollectorRegistry | None = None,
) -> FastAPI:
    """An app with health, metrics, docs and problems. It is mounted under `/<name>`, or served alone there."""
    registry = registry or CollectorRegistry()
    app = FastAPI(title=f"Cetak {name}", version="1", docs_url=None, redoc_url=None, telemetry=UNUSED)
    app.state.authority = authority
    problems.install(app)
    app.add_middleware(Correlation, registry=registry)
    _add_docs(app)

    @app.get("/health/live", tags=["ops"])
    async def live() -> Response:
        return JSONResponse({"status": "pass"}, media_type="application/health+json")

    @app.get("/health/ready", tags=["ops"])
    async def ready() -> Response:
        try:
            found = await checks()
        except INFRASTRUCTURE as error:
            found = (Check(name="database", status="fail", output=type(error).__name__),)
        worst = max((check.status for check in found), key=["pass", "warn", "fail"].index, default="pass")
        body: dict[str, Any] = {"status": worst, "checks": [check.model_dump() for check in found]}
        return JSONResponse(body, 503 if worst == "fail" else 200, media_type="application/health+json")

    @app.get("/metrics", tags=["ops"])
    async def metrics() -> Response:
        if gauges is not None:
            await gauges()
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    @app.get("/asyncapi.json", include_in_schema=False)
    async def messages() -> Response:
        return Response(asyncapi.text(), media_type="application/vnd.aai.asyncapi+json;version=3.0.0")

    if queue is not None:
        app.get("/queue", tags=["ops"])(queue)
    return app


def _add_docs(app: FastAPI) -> None:
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    app.mount("/docs/files", StaticFiles(directory=Path(spec.origin).parent / "static"))

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=app.title,
            swagger_js_url=f"{root}/docs/files/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs/files/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs/files/favicon.png",
        )

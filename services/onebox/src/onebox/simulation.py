"""The data centre's simulator, for offices without a real one: in this process, or in one of its own."""

from pathlib import Path

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from backbone.clock import Clock, SystemClock
from onebox.serving import serve_app, stop_signals
from onebox.settings import Deployment, Environment
from simulator.app import create_app
from simulator.settings import SimulatorSettings

BACKLOG = Path(__file__).parent / "demo" / "backlog-karimun.csv"


def centre(
    home: Path, deployment: Deployment, clock: Clock, *, backlog: Path = BACKLOG, story: bool = False
) -> FastAPI:
    """A centre that knows the people of a backlog file, and keeps its own log of calls under the home.

    `story`: in virtual time, whose machine never crashes, and whose every second of waiting costs a jump.
    """
    hasty = {"sync": False, "latency_low": 0.0, "latency_high": 0.0} if story else {}
    return create_app(_settings(home, deployment).model_copy(update={"backlog": backlog, **hasty}), clock)


def _settings(home: Path, deployment: Deployment) -> SimulatorSettings:
    configured = deployment.centre
    (home / "centre").mkdir(parents=True, exist_ok=True)
    return SimulatorSettings(
        user_id=configured.user_id,
        password=SecretStr(configured.password),
        ip_user=configured.ip_user,
        people=0,
        call_log=home / "centre" / "calls.jsonl",
    )


async def serve_centre(environment: Environment, deployment: Deployment) -> None:
    """Play the centre until a signal, under /simulator; `CETAK_SIMULATOR_...` says more of it (hours, latency, control)."""
    settings = _settings(environment.home, deployment)
    played = create_app(settings.model_copy(update={"backlog": settings.backlog or BACKLOG}), SystemClock())

    async def ready(request: Request) -> JSONResponse:
        return JSONResponse({"status": "pass", "checks": []}, media_type="application/health+json")

    async def stop() -> None:
        played.state.centre.calls.close()

    app = Starlette(routes=[Route("/simulator/health/ready", ready), Mount("/simulator", played)])
    asked = stop_signals()
    await serve_app(app, environment.host, environment.port, asked=asked, run=asked.wait, stop=stop)

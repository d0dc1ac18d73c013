"""The data centre's simulator in this process, for offices without a real one."""

from pathlib import Path

from fastapi import FastAPI
from pydantic import SecretStr

from backbone.clock import Clock
from onebox.settings import Deployment
from simulator.app import create_app
from simulator.settings import SimulatorSettings

BACKLOG = Path(__file__).parent / "demo" / "backlog-karimun.csv"


def centre(
    home: Path, deployment: Deployment, clock: Clock, *, backlog: Path = BACKLOG, story: bool = False
) -> FastAPI:
    """A centre that knows the people of a backlog file, and keeps its own log of calls under the home.

    `story`: in virtual time, whose machine never crashes, and whose every second of waiting costs a jump.
    """
    configured = deployment.centre
    (home / "centre").mkdir(parents=True, exist_ok=True)
    settings = SimulatorSettings(
        user_id=configured.user_id,
        password=SecretStr(configured.password),
        ip_user=configured.ip_user,
        backlog=backlog,
        people=0,
        sync=not story,
        latency_low=0 if story else 0.2,
        latency_high=0 if story else 2.0,
        call_log=home / "centre" / "calls.jsonl",
    )
    return create_app(settings, clock)

"""Puts the simulator together: the only place that knows all of its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from backbone.clock import Clock
from simulator import api, control
from simulator.call_log import CallLog
from simulator.centre import Centre, Latency
from simulator.domain.account import Account, Credentials, Rate
from simulator.domain.window import window
from simulator.population import Population
from simulator.settings import SimulatorSettings


def create_app(settings: SimulatorSettings, clock: Clock) -> FastAPI:
    """The centre as an ASGI application, and as an object under `app.state.centre`.

    Under virtual time it takes no token of its own: its sleep gives back that of the caller in whose task it runs.
    """
    centre = _centre(settings, clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        centre.calls.close()

    app = FastAPI(title="Cetak data-centre simulator", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.centre = centre
    app.include_router(api.router)
    if settings.control:
        app.include_router(control.router)
    return app


def _centre(settings: SimulatorSettings, clock: Clock) -> Centre:
    credentials = Credentials(
        user_id=settings.user_id, password=settings.password.get_secret_value(), ip_user=settings.ip_user
    )
    rate = Rate(per_hour=settings.calls_per_hour, enforced=settings.enforce_rate)
    return Centre(
        clock=clock,
        population=_population(settings),
        calendar=window(settings.weekly),
        account=Account(credentials, daily_quota=settings.daily_quota, rate=rate),
        latency=Latency(low=settings.latency_low, high=settings.latency_high, seed=settings.seed),
        calls=CallLog(settings.call_log, sync=settings.sync),
    )


def _population(settings: SimulatorSettings) -> Population:
    population = Population.seeded(settings.seed, settings.people)
    if settings.backlog is not None:
        population.add(*Population.from_backlog(settings.backlog))
    return population

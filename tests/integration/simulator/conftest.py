"""A simulated centre in process, asked as its clients ask it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from backbone.clock import Clock, VirtualClock
from simulator.app import create_app
from simulator.centre import Centre
from simulator.domain.person import Person
from simulator.settings import SimulatorSettings

START = datetime(2018, 6, 29, 2, tzinfo=UTC)
"""Friday 29 June 2018, 09:00 WIB."""


@dataclass
class Caller:
    """Someone who asks the centre over HTTP, with the right credentials unless told otherwise."""

    client: httpx2.AsyncClient
    app: FastAPI
    credentials: dict[str, str] = field(
        default_factory=lambda: {"USER_ID": "cetak", "PASSWORD": "rahasia-simulasi", "IP_USER": "127.0.0.1"}
    )

    @property
    def centre(self) -> Centre:
        centre: Centre = self.app.state.centre
        return centre

    @property
    def somebody(self) -> Person:
        return next(iter(self.centre.population))

    @property
    def answered(self) -> list[str | None]:
        return [call.answered for call in self.centre.calls]

    async def call(self, method: str, nik: str | None = None, **fields: Any) -> httpx2.Response:
        body = {**self.credentials, "NIK": nik or self.somebody.nik, **fields}
        return await self.client.post(f"/dukcapil/get_json/karimun/{method}", json=body)

    async def record(self, nik: str | None = None, **fields: Any) -> httpx2.Response:
        return await self.call("CALL_NIK", nik, **fields)

    async def verify(self, nik: str | None = None, **elements: Any) -> httpx2.Response:
        return await self.call("CALL_VERIFY_BY_ELEMEN", nik, TRESHOLD="90", **elements)


MakeCaller = Callable[..., Caller]


@pytest.fixture
async def virtual() -> AsyncIterator[VirtualClock]:
    """Virtual time from START; its driver runs while the test does."""
    clock = VirtualClock(START)
    with clock.at_work():
        driver = asyncio.create_task(clock.run())
        yield clock
    driver.cancel()
    await asyncio.gather(driver, return_exceptions=True)


@pytest.fixture
async def make_caller(virtual: VirtualClock) -> AsyncIterator[MakeCaller]:
    """Makes a centre with some people and without latency, by other settings where given, and its caller."""
    made: list[Caller] = []

    def make(clock: Clock = virtual, **settings: Any) -> Caller:
        given = {"people": 20, "latency_low": 0, "latency_high": 0, "control": True, **settings}
        app = create_app(SimulatorSettings(**given), clock)
        transport = httpx2.ASGITransport(app)
        made.append(Caller(httpx2.AsyncClient(transport=transport, base_url="http://centre.test"), app))
        return made[-1]

    yield make
    for caller in made:
        await caller.client.aclose()
        caller.centre.calls.close()


@pytest.fixture
def caller(make_caller: MakeCaller) -> Caller:
    return make_caller()

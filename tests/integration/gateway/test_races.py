"""Two gateways on one account, in real time: neither rate nor quota is passed, no request is asked twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2
import pytest

from backbone.broker import EmbeddedBroker
from backbone.clock import SystemClock
from backbone.contracts.scheduler import VerificationRequested
from backbone.database import Database
from backbone.ids import Ids
from backbone.seal import Sealer
from datacenter_gateway.app import build
from datacenter_gateway.settings import GatewaySettings

ALWAYS = ("00:00-24:00",) * 7
PERSON = {"nik": "2102014201909001", "full_name": "SITI SPESIMEN", "birth_date": "1990-01-02", "sex": "F"}
MATCH = {"NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai", "JENIS_KLMIN": "Sesuai"}
RECORD = {
    "NIK": PERSON["nik"],
    "NAMA_LGKP": "SITI SPESIMEN",
    "TGL_LHR": "02-01-1990",
    "JENIS_KLMIN": "Perempuan",
    "EKTP_STATUS": "PRINT_READY_RECORD",
}


async def _centre(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    row = RECORD if scope["path"].endswith("CALL_NIK") else MATCH
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps({"content": [row]}).encode()})


class TwoGateways:
    def __init__(self, databases: Any, authority: Any, tickets: Any, sealer: Sealer) -> None:
        self.clock = SystemClock()
        self._parts = databases, authority, tickets, sealer
        self.databases: list[Database] = []
        self.services: list[Any] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self, **settings: Any) -> None:
        databases, authority, tickets, sealer = self._parts
        for seed in (1, 2):
            database = Database(databases.login("gateway"), outbox_bell=self.clock.bell())
            service = build(
                GatewaySettings(centre_hours=ALWAYS, call_seconds=0.01, **settings),
                clock=self.clock,
                ids=Ids(self.clock, Random(seed)),
                database=database,
                broker=EmbeddedBroker(),
                authority=authority,
                tickets=tickets,
                seal=sealer,
                vault=sealer,
                client=httpx2.AsyncClient(transport=httpx2.ASGITransport(_centre)),
                poll=0.05,
            )
            await database.open()
            await service.on_start[0]()
            self.databases.append(database)
            self.services.append(service)
        await self._queue(40, sealer)
        loops = [loop for service in self.services for loop in service.loops if loop.name != "gateway.relay"]
        self.tasks = [asyncio.create_task(loop.run()) for loop in loops]

    async def _queue(self, count: int, sealer: Sealer) -> None:
        ids = Ids(self.clock, Random(3))
        desk = self.services[0].app.state.desk
        from datacenter_gateway.use_cases.requests import requested

        messages = []
        for _ in range(count):
            application_id = ids.new()
            sealed = sealer.seal(json.dumps(PERSON).encode(), bound_to=f"verification|{application_id}")
            messages.append(
                VerificationRequested(
                    application_id=application_id,
                    round=1,
                    office="21.02",
                    account="default",
                    reason="lost",
                    sealed=sealed,
                    requested_at=self.clock.now(),
                )
            )
        async with self.databases[0].transaction() as tx:
            await requested(desk, tx, messages)

    async def until(self, sql: str) -> None:
        for _ in range(200):
            async with self.databases[0].reading() as reader:
                if await reader.fetchval(sql):
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(f"never came true: {sql}")

    async def value(self, sql: str) -> Any:
        async with self.databases[0].reading() as reader:
            return await reader.fetchval(sql)

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for service, database in zip(self.services, self.databases, strict=True):
            await service.on_stop[0]()
            await database.close()


@pytest.fixture
async def two(databases: Any, authority: Any, tickets: Any, sealer: Sealer) -> AsyncIterator[TwoGateways]:
    found = TwoGateways(databases, authority, tickets, sealer)
    yield found
    await found.stop()


async def test_each_request_is_answered_once_by_two_calls(two: TwoGateways) -> None:
    await two.start()
    await two.until("SELECT count(*) = 0 FROM request")
    assert await two.value("SELECT count(*) FROM approval") == 40
    assert await two.value("SELECT count(*) FROM call_start") == 80
    assert await two.value("SELECT starts = 80 AND approvals = 40 FROM window_day") is True


async def test_two_gateways_keep_one_rate(two: TwoGateways) -> None:
    await two.start(calls_per_hour=72_000)
    await two.until("SELECT count(*) >= 30 FROM call_start")
    gap = "SELECT min(at - before) FROM (SELECT at, lag(at) OVER (ORDER BY at) AS before FROM call_start) s"
    assert (await two.value(gap)).total_seconds() >= 0.05


async def test_two_gateways_keep_one_quota(two: TwoGateways) -> None:
    await two.start(quota=21)
    await two.until("SELECT state = 'quota' FROM account")
    await two.until("SELECT count(*) = 0 FROM request")
    assert await two.value("SELECT count(*) FROM call_start") <= 21

"""A scheduler on real PostgreSQL, with the other services' queues recorded instead of served."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from backbone.auth import Authority, Tickets
from backbone.broker import Broker
from backbone.clock import Clock, SystemClock
from backbone.contracts.gateway import VerificationAnswered, WindowChanged
from backbone.contracts.intake import ApplicationReceived
from backbone.contracts.message import Message
from backbone.contracts.scheduler import VerificationRequested
from backbone.database import Database, Login
from backbone.embedded_postgres import OWNER
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.outbox import Relay
from backbone.rights import Actor
from backbone.service import Service
from backbone.topology import QUEUES, station_queue
from scheduler.app import build
from scheduler.settings import SchedulerSettings
from scheduler.tables import METADATA
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.release import release_once

OFFICE = "21.02"
EMPTY = "; ".join(f"DELETE FROM {table.name}" for table in reversed(METADATA.sorted_tables))
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
_, *PARTS = (Path(__file__).parent / "promises.sql").read_text().split("\n-- ")
PROMISES = dict(part.split("\n", 1) for part in PARTS)


@dataclass
class Office:
    """The scheduler under test and everything around it that a test plays."""

    service: Service
    desk: Desk
    database: Database
    clock: Clock
    ids: Ids
    intake: Any
    gateway: Any
    authority: Authority
    client: httpx2.AsyncClient
    relay: Relay
    broker: Broker

    def token(self, *scopes: str, station: str | None = None, prefix: str = OFFICE) -> dict[str, str]:
        actor = Actor(subject="tester", scopes=frozenset(scopes), prefix=prefix, station=station)
        return {"Authorization": "Bearer " + self.authority.issue(actor, timedelta(hours=1))}

    async def tell(self, *messages: Message) -> None:
        """Deliver messages as their publishers would."""
        named = [(m, {"type": m.TYPE, "key": m.routing_key(), "subject": m.subject()}) for m in messages]
        await self.broker.publish([Letter(body=m.model_dump_json(), **names) for m, names in named])

    async def open_centre(self, **values: Any) -> None:
        now = self.clock.now()
        known = {
            "account": "default",
            "version": 1,
            "state": "open",
            "cause": "",
            "opens_at": None,
            "at": now,
        }
        known |= {"closes_at": now + timedelta(hours=6), "calls_per_hour": None, "quota_left": None}
        known |= {"call_seconds": 0.2, "approval_hours": 24}
        await self.tell(WindowChanged(**{**known, **values}))

    async def enrol(self, station: str = "2102-1", *, blanks: int = 10, slots: int = 2) -> None:
        """A running station with blanks."""
        assert (await self.post("stations", id=station, office=OFFICE, slots=slots)).status_code == 201
        if blanks:
            await self.deliver(blanks, station=station, note=f"SJ-{station}")
        await self.hello(station)

    async def deliver(self, blanks: int, *, station: str = "2102-1", note: str = "SJ-1") -> None:
        response = await self.post(f"stations/{station}/stock", note_number=note, blanks=blanks)
        assert response.status_code == 200

    async def hello(self, station: str = "2102-1", run: int = 1, **values: Any) -> httpx2.Response:
        return await self.client.post(
            f"/v1/stations/{station}/hello",
            json={"run": run, **values},
            headers=self.token("station", station=station),
        )

    async def apply(
        self, reason: str = "data_change", *, district: str = "21.02.03", ago: timedelta = timedelta()
    ) -> UUID:
        """One application, received `ago`; its id."""
        await self.tell(message := self.received(reason, district=district, ago=ago))
        return message.application_id

    def received(
        self, reason: str = "data_change", *, district: str = "21.02.03", ago: timedelta = timedelta()
    ) -> ApplicationReceived:
        return ApplicationReceived(
            application_id=(application := self.ids.new()),
            office=OFFICE,
            reason=reason,
            district_code=district,
            received_at=self.clock.now() - ago,
            receipt_number=f"2102-{application.hex[-8:].upper()}",
            sealed=b"sealed",
            source="kiosk",
        )

    async def release(self) -> None:
        """What the loops would do: release both stages, relay what is owed."""
        await release_once(self.desk)
        await self.relay.run_once()

    async def approve(self, *, until: timedelta = timedelta(hours=24)) -> list[UUID]:
        """Answer every open request with an approval; the applications approved."""
        asked, now = self.gateway.of(VerificationRequested), self.clock.now()
        self.gateway.messages.clear()
        await self.tell(
            *(
                VerificationAnswered(
                    application_id=m.application_id,
                    round=m.round,
                    outcome="approved",
                    code="",
                    approval_id=self.ids.new(),
                    approved_until=now + until,
                    at=now,
                )
                for m in asked
            )
        )
        return [m.application_id for m in asked]

    async def jobs(self, station: str = "2102-1") -> list[dict[str, Any]]:
        response = await self.client.get(
            f"/v1/stations/{station}/jobs", headers=self.token("station", station=station)
        )
        found: list[dict[str, Any]] = response.json()["jobs"]
        return found

    async def reserved(self, station: str = "2102-1") -> dict[str, Any]:
        """One application all the way to a reserved attempt; its job."""
        await self.apply()
        await self.release()
        await self.approve()
        await self.release()
        return (await self.jobs(station))[0]

    async def arm(
        self, job: dict[str, Any], nonce: UUID, *, run: int = 1, station: str = "2102-1"
    ) -> httpx2.Response:
        body = {"station": station, "fence": job["fence"], "run": run, "nonce": str(nonce)}
        return await self.client.post(
            f"/v1/attempts/{job['attempt_id']}/arm", json=body, headers=self.token("station", station=station)
        )

    async def report(
        self, job: dict[str, Any], nonce: UUID, state: str, *, run: int = 1, station: str = "2102-1"
    ) -> httpx2.Response:
        body = {"station": station, "fence": job["fence"], "run": run, "nonce": str(nonce), "state": state}
        return await self.client.post(
            f"/v1/attempts/{job['attempt_id']}/outcome",
            json=body,
            headers=self.token("station", station=station),
        )

    async def row(self, table: str, key: Any) -> dict[str, Any]:
        async with self.database.reading() as reader:
            found = await reader.fetchrow(f"SELECT * FROM {table} WHERE id = $1", key)
        assert found is not None
        return dict(found)

    async def value(self, sql: str, *values: Any) -> Any:
        async with self.database.reading() as reader:
            return await reader.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> int:
        async with self.database.transaction() as tx:
            return await tx.execute(sql, *values)

    async def armed(self) -> tuple[dict[str, Any], UUID]:
        job, nonce = await self.reserved(), self.ids.new()
        assert (await self.arm(job, nonce)).status_code == 200
        return job, nonce

    async def state(self, table: str, key: Any) -> str:
        return str((await self.row(table, key))["state"])

    async def post(self, path: str, *scopes: str, **body: Any) -> httpx2.Response:
        """POST as a person of these scopes (a supervisor who is an operator too, by default)."""
        headers = self.token(*(scopes or ("supervisor", "operator")))
        return await self.client.post(f"/v1/{path}", json=body, headers=headers)

    async def get(self, path: str, *scopes: str) -> Any:
        response = await self.client.get(f"/v1/{path}", headers=self.token(*(scopes or ("supervisor",))))
        assert response.status_code == 200, response.text
        return response.json()

    async def race(self, table: str, key: Any, *works: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Run works at once: they queue up behind one locked row, in this order, and are then let go."""
        tasks: list[asyncio.Future[Any]] = []
        async with self.database.transaction() as tx:
            await tx.fetchval(f"SELECT id FROM {table} WHERE id = $1 FOR UPDATE", key)
            for work in works:
                tasks.append(asyncio.ensure_future(work()))
                for _ in range(10):
                    if await tx.fetchval(WAITING) >= len(tasks):
                        break
                    await asyncio.sleep(0.003)
        return await asyncio.gather(*tasks)

    async def check(self) -> None:
        """Every promise that the tables alone can show."""
        async with self.database.reading() as reader:
            for promise, sql in PROMISES.items():
                assert [dict(row) for row in await reader.fetch(sql)] == [], promise

    async def blanks(self, station: str = "2102-1") -> dict[str, int]:
        sql = "SELECT jsonb_object_agg(account, n) FROM stock WHERE place = $1 AND n > 0"
        return dict(await self.value(sql, station))


OpenOffice = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture(scope="session")
async def login(postgres: Any) -> AsyncIterator[Login]:
    """One database for all tests here, emptied before each: quicker than a copy for every one of them."""
    owner = await asyncpg.connect(**postgres.login(OWNER, database="postgres").arguments())
    await owner.execute("CREATE DATABASE test_scheduler TEMPLATE cetak STRATEGY file_copy")
    yield postgres.login("scheduler", "scheduler", "test_scheduler")
    await owner.execute("DROP DATABASE test_scheduler WITH (FORCE)")
    await owner.close()


@pytest.fixture
def open_office(
    new_broker: Callable[[], Broker], new_recorder: Callable[[], Any], key_pair: tuple[bytes, bytes]
) -> OpenOffice:
    """Opens the scheduler on a database, by a clock, with these settings; its loops are the test's to start."""
    private, public = key_pair

    @asynccontextmanager
    async def opened(
        login: Login, clock: Clock, every: float | None = 1.0, **settings: Any
    ) -> AsyncIterator[Office]:
        broker, intake, gateway = new_broker(), new_recorder(), new_recorder()
        recorded = {"intake": intake, "gateway": gateway, "station.2102-1": new_recorder()}
        for queue in (*QUEUES, station_queue("2102-1")):
            if queue.name in recorded:
                broker.consume(queue, recorded[queue.name])
        tools: dict[str, Any] = {
            "clock": clock,
            "ids": Ids(clock, Random(1)),
            "authority": Authority(clock, public=public, private=private),
            "broker": broker,
        }
        tickets = Tickets(clock, b"t" * 32)
        service = build(SchedulerSettings(**settings), login=login, tickets=tickets, every=every, **tools)
        (database,) = service.databases
        await database.open()
        transport = httpx2.ASGITransport(service.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://scheduler") as client:
            yield Office(
                service=service,
                desk=service.app.state.desk,
                database=database,
                intake=intake,
                gateway=gateway,
                client=client,
                relay=Relay(database, broker),
                **tools,
            )
        await database.close()

    return opened


@pytest.fixture
async def office(login: Login, clock: SystemClock, open_office: OpenOffice) -> AsyncIterator[Office]:
    async with open_office(login, clock) as found:
        async with found.database.transaction() as tx:
            await tx.execute(EMPTY)
        yield found

"""Intake on real PostgreSQL, with the scheduler's queue recorded instead of served."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import httpx2
import pytest

from backbone.auth import Authority
from backbone.broker import Broker
from backbone.clock import SystemClock, VirtualClock
from backbone.contracts.message import Message
from backbone.contracts.scheduler import ApplicationStatus
from backbone.database import Database
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.outbox import Relay
from backbone.rights import Actor
from backbone.seal import Sealer
from backbone.service import Service
from backbone.topology import QUEUES
from intake.app import build
from intake.settings import IntakeSettings
from intake.use_cases.desk import Desk

OFFICE = "21.02"
(QUEUE,) = (queue for queue in QUEUES if queue.name == "scheduler")


@dataclass
class Counter:
    """Intake under test and everything around it that a test plays."""

    service: Service
    desk: Desk
    database: Database
    clock: SystemClock
    ids: Ids
    scheduler: Any
    authority: Authority
    client: httpx2.AsyncClient
    relay: Relay
    broker: Broker
    courier: Sealer
    serials: Any = field(default_factory=lambda: count(9001))

    def token(self, *scopes: str, prefix: str = OFFICE, subject: str = "tester") -> dict[str, str]:
        actor = Actor(subject=subject, scopes=frozenset(scopes), prefix=prefix)
        return {"Authorization": "Bearer " + self.authority.issue(actor, timedelta(hours=1))}

    def body(self, **values: Any) -> dict[str, Any]:
        """A good application of a person nobody has seen."""
        serial = next(self.serials)
        return {
            "nik": f"210203050190{serial}",
            "full_name": "BUDI SANTOSO",
            "birth_date": "1990-01-05",
            "sex": "M",
            "district_code": "21.02.03",
            "reason": "data_change",
            "phone": "081100000001",
            **values,
        }

    async def post(
        self,
        body: Any = None,
        *,
        key: str | None = None,
        scope: str = "kiosk",
        prefix: str = OFFICE,
        subject: str = "kiosk-1",
    ) -> httpx2.Response:
        headers = self.token(scope, prefix=prefix, subject=subject)
        headers["Idempotency-Key"] = key or self.ids.new().hex
        return await self.client.post(
            "/v1/applications", json=self.body() if body is None else body, headers=headers
        )

    async def applied(self, body: Any = None, **values: Any) -> dict[str, Any]:
        """A stored application; its answer."""
        response = await self.post(body, **values)
        assert response.status_code == 202, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def upload(
        self,
        content: bytes,
        *,
        dry_run: bool = False,
        scope: str = "supervisor",
        prefix: str = OFFICE,
        **params: str,
    ) -> httpx2.Response:
        return await self.client.post(
            "/v1/imports",
            params={"dry_run": str(dry_run).lower(), "name": "backlog.csv", **params},
            content=content,
            headers=self.token(scope, prefix=prefix),
            timeout=120,
        )

    async def status(self, application: Any, state: str, seq: int, *, epoch: int = 1, **values: Any) -> None:
        await self.tell(self.message(application, state, seq, epoch=epoch, **values))

    def message(
        self, application: Any, state: str, seq: int, *, epoch: int = 1, **values: Any
    ) -> ApplicationStatus:
        return ApplicationStatus(
            application_id=UUID(str(application)),
            epoch=epoch,
            seq=seq,
            state=state,
            cause=state,
            at=self.clock.now(),
            **values,
        )

    async def tell(self, *messages: Message) -> None:
        """Deliver messages as their publisher would."""
        letters = [
            Letter(type=m.TYPE, key=m.routing_key(), subject=m.subject(), body=m.model_dump_json())
            for m in messages
        ]
        await self.broker.publish(letters)

    async def row(self, application: Any) -> dict[str, Any]:
        async with self.database.reading() as reader:
            found = await reader.fetchrow("SELECT * FROM application WHERE id = $1", UUID(str(application)))
        assert found is not None
        return dict(found)

    async def value(self, sql: str, *values: Any) -> Any:
        async with self.database.reading() as reader:
            return await reader.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(sql, *values)


@asynccontextmanager
async def running(
    databases: Any,
    clock: Any,
    authority: Authority,
    broker: Broker,
    scheduler: Any,
    *,
    every: float | None = 1.0,
) -> AsyncIterator[Counter]:
    """Intake and what is around it, its database open; its loops are the test's to start."""
    ids = Ids(clock, Random(1))
    broker.consume(QUEUE, scheduler)
    courier = Sealer({"c1": b"c" * 32}, "c1")
    service = build(
        IntakeSettings(),
        login=databases.login("intake"),
        clock=clock,
        ids=ids,
        broker=broker,
        authority=authority,
        storage=Sealer({"s1": b"s" * 32}, "s1"),
        courier=courier,
        person_key=b"p" * 32,
        fingerprint_key=b"f" * 32,
        pin_key=b"n" * 32,
        every=every,
    )
    (database,) = service.databases
    await database.open()
    transport = httpx2.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake") as client:
        yield Counter(
            service=service,
            desk=service.app.state.desk,
            database=database,
            clock=clock,
            ids=ids,
            scheduler=scheduler,
            authority=authority,
            client=client,
            relay=Relay(database, broker),
            broker=broker,
            courier=courier,
        )
    for stop in service.on_stop:
        await stop()
    await database.close()


@pytest.fixture
async def counter(
    databases: Any,
    clock: SystemClock,
    authority: Authority,
    new_broker: Callable[[], Broker],
    new_recorder: Callable[[], Any],
) -> AsyncIterator[Counter]:
    async with running(databases, clock, authority, new_broker(), new_recorder()) as found:
        yield found


@pytest.fixture
async def virtual_counter(
    databases: Any,
    virtual: VirtualClock,
    key_pair: tuple[bytes, bytes],
    new_broker: Callable[[], Broker],
    new_recorder: Callable[[], Any],
) -> AsyncIterator[Counter]:
    """Intake in virtual time, its loops running as they do in a simulation: no ticks, bells and due moments only."""
    private, public = key_pair
    authority = Authority(virtual, public=public, private=private)
    async with running(databases, virtual, authority, new_broker(), new_recorder(), every=None) as found:
        loops = [asyncio.create_task(loop.run()) for loop in found.service.loops]
        yield found
        for loop in found.service.loops:
            loop.stop()
        await asyncio.gather(*loops)

"""The gateway alone, in virtual time: a scripted centre, a listener in the scheduler's place."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx2
import pytest

from backbone.auth import Authority, Ticket, Tickets
from backbone.broker import Broker
from backbone.clock import Clock, VirtualClock
from backbone.contracts.gateway import VerificationAnswered, VerificationReturned, WindowChanged
from backbone.contracts.message import Message
from backbone.contracts.scheduler import VerificationRequested
from backbone.database import Database
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.rights import Actor
from backbone.seal import Sealer
from backbone.service import Service
from backbone.topology import QUEUES, contract
from datacenter_gateway.app import build
from datacenter_gateway.settings import GatewaySettings

SCHEDULER, INTAKE, GATEWAY = (
    next(queue for queue in QUEUES if queue.name == name) for name in ("scheduler", "intake", "gateway")
)
MATCH = {"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai", "JENIS_KLMIN": "Sesuai"}


@dataclass
class ScriptedCentre:
    """An ASGI app that answers as told: `answer(method, body)` gives status, JSON (or bytes) and headers."""

    clock: Clock
    calls: list[tuple[datetime, str, dict[str, Any]]] = field(default_factory=list)
    seconds: float = 1.0
    faults: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    row: dict[str, Any] = field(default_factory=lambda: dict(MATCH))
    status: str | None = "PRINT_READY_RECORD"
    nik: str | None = None
    quota_left: int | None = None
    in_flight: int = 0
    most_in_flight: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = json.loads((await receive())["body"])
        method = scope["path"].rsplit("/", 1)[-1]
        self.calls.append((self.clock.now(), method, body))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.clock.sleep(self.seconds)
        finally:
            self.in_flight -= 1
        status, content, headers = self._answer(method, body)
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": raw})

    def methods(self) -> list[str]:
        return [method for _, method, _ in self.calls]

    def _answer(self, method: str, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if self.faults:
            return self.faults.pop(0)
        row = self.row if method == "CALL_VERIFY_BY_ELEMEN" else self._record(body["NIK"])
        left = {} if self.quota_left is None else {"quotaLimiter": self.quota_left}
        return 200, {"content": [row], **left}, {}

    def _record(self, nik: str) -> dict[str, Any]:
        return {
            "NIK": self.nik or int(nik),
            "NAMA_LGKP": "SITI SPESIMEN",
            "TMPT_LHR": "KARIMUN",
            "TGL_LHR": "02.01.1990",
            "JENIS_KLMIN": "PEREMPUAN",
            "NO_RT": 1,
            "GOL_DARAH": None,
            "EKTP_STATUS": self.status,
        }


class Listener:
    """In the scheduler's place: keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Message] = []

    async def handle(self, letters: Sequence[Letter]) -> None:
        self.heard += [contract(letter.type).model_validate_json(letter.body) for letter in letters]

    async def bury(self, letter: Letter, reason: str) -> None:
        raise AssertionError(reason)

    def answers(self) -> list[VerificationAnswered]:
        return [message for message in self.heard if isinstance(message, VerificationAnswered)]

    def returned(self) -> list[VerificationReturned]:
        return [message for message in self.heard if isinstance(message, VerificationReturned)]

    def windows(self) -> list[WindowChanged]:
        return [message for message in self.heard if isinstance(message, WindowChanged)]


@dataclass
class Office:
    """A running gateway and what stands around it."""

    clock: Clock
    ids: Ids
    service: Service
    database: Database
    broker: Broker
    centre: Any
    scheduler: Listener
    seal: Sealer
    authority: Authority
    tickets: Tickets
    http: httpx2.AsyncClient

    def request(
        self, *, reason: Any = "lost", round_: int = 1, application_id: UUID | None = None, **person: Any
    ) -> VerificationRequested:
        """A request of the scheduler's for a specimen person."""
        application_id = application_id or self.ids.new()
        words = {
            "nik": "2102014201909001",
            "full_name": "SITI SPESIMEN",
            "birth_date": "1990-01-02",
            "sex": "F",
        }
        plain = json.dumps({**words, **person}).encode()
        return VerificationRequested(
            application_id=application_id,
            round=round_,
            office="21.02",
            account="default",
            reason=reason,
            sealed=self.seal.seal(plain, bound_to=f"verification|{application_id}"),
            requested_at=self.clock.now(),
        )

    async def send(self, *messages: Message) -> None:
        """Deliver as the broker does."""
        letters = [
            Letter(type=m.TYPE, key=m.routing_key(), subject=m.subject(), body=m.model_dump_json())
            for m in messages
        ]
        await self.broker.publish(letters)

    async def pass_seconds(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    async def value(self, sql: str, *values: Any) -> Any:
        async with self.database.reading() as reader:
            return await reader.fetchval(sql, *values)

    def headers(self, *scopes: str, prefix: str = "") -> dict[str, str]:
        actor = Actor(subject="tester", scopes=frozenset(scopes), prefix=prefix)
        return {"authorization": f"Bearer {self.authority.issue(actor, timedelta(days=900))}"}

    def ticket(self, approval_id: UUID) -> dict[str, str]:
        ticket = Ticket(attempt_id=self.ids.new(), approval_id=approval_id, station="2102-1")
        return {"authorization": f"Ticket {self.tickets.sign(ticket)}"}


Open = Callable[..., Awaitable[Office]]


def _built(
    virtual: VirtualClock,
    databases: Any,
    keys: tuple[bytes, bytes],
    sealer: Sealer,
    centre: Any,
    settings: dict[str, Any],
    broker: Broker,
) -> Office:
    """A gateway over a test's database, with the scheduler's queue listened to; not yet open."""
    private, public = keys
    ids, listener = Ids(virtual, Random(7)), Listener()
    broker.consume(SCHEDULER, listener)
    database = Database(databases.login("gateway"), outbox_bell=virtual.bell())
    authority, tickets = Authority(virtual, public=public, private=private), Tickets(virtual, b"t" * 32)
    service = build(
        GatewaySettings(**{"password": "rahasia", **settings}),
        clock=virtual,
        ids=ids,
        database=database,
        broker=broker,
        authority=authority,
        tickets=tickets,
        seal=sealer,
        vault=Sealer({"v1": b"v" * 32}, "v1"),
        client=httpx2.AsyncClient(transport=httpx2.ASGITransport(centre)),
        poll=None,
    )
    return Office(
        clock=virtual,
        ids=ids,
        service=service,
        database=database,
        broker=broker,
        centre=centre,
        scheduler=listener,
        seal=sealer,
        authority=authority,
        tickets=tickets,
        http=httpx2.AsyncClient(transport=httpx2.ASGITransport(service.app), base_url="http://gateway"),
    )


@pytest.fixture
async def open_office(
    virtual: VirtualClock,
    databases: Any,
    key_pair: tuple[bytes, bytes],
    sealer: Sealer,
    new_broker: Callable[[], Broker],
) -> AsyncIterator[Open]:
    """Opens a gateway in virtual time; settings as given."""
    running: list[tuple[Office, list[asyncio.Task[None]]]] = []

    async def opened(*, centre: Any = None, **settings: Any) -> Office:
        played = centre or ScriptedCentre(virtual)
        office = _built(virtual, databases, key_pair, sealer, played, settings, new_broker())
        await office.database.open()
        for start in office.service.on_start:
            await start()
        tasks = [asyncio.create_task(loop.run()) for loop in office.service.loops]
        running.append((office, tasks))
        await office.pass_seconds(0)
        return office

    yield opened
    for office, tasks in running:
        for stop in office.service.on_stop:
            await stop()
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        await office.database.close()
        for end in ended:
            if end is not None and not isinstance(end, asyncio.CancelledError):
                raise end


@pytest.fixture
async def office(open_office: Open) -> Office:
    return await open_office()

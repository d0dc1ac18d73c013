"""One of our services for the hop, in a process of its own: `python -m tests.bench.serve_hop <name> <specification> <n>`.

Scheduler and intake are the real ones. The gateway is its own queue, its own outbox and a centre that says yes at once:
no HTTP, so that only the way through broker and database is measured. Each says `ready`; intake then waits for a line,
and owes what it has accepted before.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import httpx2
import uvloop
from fastapi import FastAPI
from tests.bench import load, parts, services

from backbone.broker import Broker
from backbone.clock import SystemClock
from backbone.contracts.gateway import VerificationAnswered, WindowChanged
from backbone.contracts.message import Message
from backbone.contracts.scheduler import ApprovalSpent, VerificationRequested
from backbone.database import Database, Transaction
from backbone.ids import Ids
from backbone.loops import Loop
from backbone.outbox import Relay
from backbone.rabbit.broker import RabbitBroker
from backbone.rights import Actor
from backbone.service import Handler, QueueConsumer, Service, settle
from backbone.topology import QUEUES
from intake.api.postings import Posted, _draft
from intake.use_cases import accept, group_commit
from intake.use_cases.desk import Desk
from scheduler.settings import SchedulerSettings
from scheduler.use_cases import answers

DATABASE = "hop"
STATION = "2102-1"
GROUP = 250


async def accepted(desk: Desk, n: int) -> list[Message]:
    """Store `n` applications; what is to be owed for them."""
    owed: list[Message] = []
    actor = Actor(subject="kiosk-1", scopes=frozenset({"kiosk"}), prefix=parts.OFFICE)
    for start in range(0, n, GROUP):
        group = [_posting(desk, actor, number) for number in range(start, min(n, start + GROUP))]
        async with desk.database.transaction() as tx:
            await group_commit.store(tx, group)
            owed += tx.owed
            tx.owed.clear()
    return owed


def _posting(desk: Desk, actor: Actor, number: int) -> group_commit.Posting:
    posted = Posted.model_validate_json(load.application(number))
    verdict = accept.judge(desk, _draft(posted), "kiosk")
    assert verdict.application is not None
    key = f"hop-{number}"
    found, _ = accept._posting(
        desk, actor, verdict.application, verdict.warnings, parts.OFFICE, "kiosk", key, key.encode()
    )
    return found


def intake_service(spec: parts.Spec, broker: Broker, clock: SystemClock) -> Service:
    return services.intake(spec, broker, clock, DATABASE)


def scheduler_service(spec: parts.Spec, broker: Broker, clock: SystemClock) -> Service:
    return services.scheduler(spec, broker, clock, DATABASE, SchedulerSettings(shallow_hours=24))


async def furnish(spec: parts.Spec, service: Service, clock: SystemClock, n: int) -> None:
    """An open centre, and a station so quick and so rich that all `n` may be verified; it takes one card and no more."""
    desk = service.app.state.desk
    supervisor = {"Authorization": "Bearer " + spec.token(clock, "supervisor", "operator")}
    station = {"Authorization": "Bearer " + spec.token(clock, "station", station=STATION)}
    transport = httpx2.ASGITransport(service.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://scheduler") as client:
        for path, body, headers in (
            ("/v1/stations", {"id": STATION, "office": parts.OFFICE, "slots": 1}, supervisor),
            (f"/v1/stations/{STATION}/stock", {"note_number": "SJ-1", "blanks": n + 1000}, supervisor),
            (f"/v1/stations/{STATION}/hello", {"run": 1}, station),
        ):
            (await client.post(path, json=body, headers=headers)).raise_for_status()
    now = clock.now()
    window = WindowChanged(
        account="default",
        version=1,
        state="open",
        cause="",
        closes_at=now + timedelta(hours=12),
        opens_at=None,
        calls_per_hour=None,
        quota_left=None,
        call_seconds=0.2,
        approval_hours=24,
        at=now,
    )
    async with desk.database.transaction() as tx:
        await tx.execute("UPDATE station SET seconds_per_card = 0.5")
        await answers.window_changed(desk, tx, [window])


class Centre:
    """The gateway's queue with a centre that says yes at once."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._ids = Ids(clock)

    async def requested(
        self, desk: object, tx: Transaction, messages: Sequence[VerificationRequested]
    ) -> None:
        now = self._clock.now()
        tx.owe(
            *(
                VerificationAnswered(
                    application_id=message.application_id,
                    round=message.round,
                    outcome="approved",
                    code="",
                    approval_id=self._ids.new(),
                    approved_until=now + timedelta(hours=24),
                    at=now,
                )
                for message in messages
            )
        )

    async def spent(self, desk: object, tx: Transaction, messages: Sequence[ApprovalSpent]) -> None:
        """Nothing is kept, so nothing is erased."""


def gateway_service(spec: parts.Spec, broker: Broker, clock: SystemClock) -> Service:
    centre = Centre(clock)
    database = Database(spec.login("gateway", DATABASE), outbox_bell=clock.bell())
    (queue,) = (queue for queue in QUEUES if queue.name == "gateway")
    handlers: Mapping[type[Message], Handler] = {
        VerificationRequested: centre.requested,
        ApprovalSpent: centre.spent,
    }
    broker.consume(queue, QueueConsumer(queue.name, database, centre, handlers))
    relay = Loop("gateway.relay", Relay(database, broker).run_once, clock, database.outbox_bell, every=1.0)
    return Service(name="gateway", app=FastAPI(), databases=(database,), loops=(relay,))


BUILDERS: dict[str, Callable[[parts.Spec, Broker, SystemClock], Service]] = {
    "intake": intake_service,
    "scheduler": scheduler_service,
    "gateway": gateway_service,
}


async def main(name: str, spec: parts.Spec, n: int) -> None:
    clock = SystemClock()
    broker = RabbitBroker(spec.address(name), clock)
    service = BUILDERS[name](spec, broker, clock)
    for database in service.databases:
        await database.open()
    owed = await accepted(service.app.state.desk, n) if name == "intake" else []
    if name == "scheduler":
        await furnish(spec, service, clock, n)
    tasks = [asyncio.create_task(loop.run()) for loop in service.loops]
    tasks.append(asyncio.create_task(broker.run()))
    while broker.trouble():
        await clock.sleep(0.05)
    settle()
    print("ready", flush=True)
    if owed:
        await asyncio.to_thread(sys.stdin.readline)
        async with service.databases[0].transaction() as tx:
            tx.owe(*owed)
    word = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, word.set)
    await asyncio.wait([*tasks, asyncio.create_task(word.wait())], return_when=asyncio.FIRST_COMPLETED)
    for loop in service.loops:
        loop.stop()
    await broker.stop()
    await asyncio.gather(*tasks)
    await broker.close()
    for database in service.databases:
        await database.close()


if __name__ == "__main__":
    _, named, given, count = sys.argv
    uvloop.run(main(named, parts.read(Path(given)), int(count)))

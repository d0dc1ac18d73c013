"""Puts intake together: the only place that knows all of its parts."""

from collections.abc import Sequence
from random import Random

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge
from starlette.middleware import Middleware

from backbone import dead_letters
from backbone.auth import Authority
from backbone.broker import Broker
from backbone.clock import Clock
from backbone.database import Database, Login
from backbone.http import Check, QueueView, broker_check, make_app
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.loops import Loop
from backbone.outbox import Relay
from backbone.seal import Sealer
from backbone.service import QueueConsumer, Service
from backbone.topology import QUEUES
from intake.api import applications, imports, postings, receipts
from intake.api.lane import Lane
from intake.domain.regions import Regions
from intake.handlers import HANDLERS
from intake.regions_file import packaged_regions
from intake.settings import IntakeSettings
from intake.store.applications import QUEUE as QUEUE_NOW
from intake.use_cases import sweep
from intake.use_cases.desk import Desk, Keys, Watch
from intake.use_cases.group_commit import GroupCommit
from intake.use_cases.pace import ImportPace
from intake.use_cases.receipts import Buckets

(QUEUE,) = (queue for queue in QUEUES if queue.name == "intake")


def build(
    settings: IntakeSettings,
    *,
    login: Login,
    clock: Clock,
    ids: Ids,
    broker: Broker,
    authority: Authority,
    storage: Sealer,
    courier: Sealer,
    person_key: bytes,
    fingerprint_key: bytes,
    pin_key: bytes,
    regions: Regions | None = None,
    every: float | None = 1.0,
    chaos: Random | None = None,
) -> Service:
    """Intake, not yet running. `every`: the loops' guarantee in seconds; None under virtual time."""
    keys = Keys(storage=storage, courier=courier, person=person_key, fingerprint=fingerprint_key, pin=pin_key)
    desk = _desk(settings, login, clock, ids, regions or packaged_regions(), keys)
    consumer = QueueConsumer(QUEUE.name, desk.database, desk, HANDLERS)
    broker.consume(QUEUE, consumer)
    app = _app(desk, broker, authority, consumer)
    return Service(
        name="intake",
        app=app,
        databases=(desk.database,),
        on_stop=(desk.group.close,),
        loops=_loops(desk, Relay(desk.database, broker, chaos=chaos, pace=desk.pace), every),
    )


def _desk(
    settings: IntakeSettings, login: Login, clock: Clock, ids: Ids, regions: Regions, keys: Keys
) -> Desk:
    bell = clock.bell()
    database = Database(login, outbox_bell=bell, connections=settings.connections)
    return Desk(
        database=database,
        clock=clock,
        ids=ids,
        regions=regions,
        keys=keys,
        terms=settings.terms(),
        watch=Watch(bell=clock.bell()),
        group=GroupCommit(database, clock),
        outbox_bell=bell,
        pace=ImportPace(clock, bell),
    )


def _loops(desk: Desk, relay: Relay, every: float | None) -> tuple[Loop, ...]:
    return (
        Loop("intake.relay", relay.run_once, desk.clock, desk.database.outbox_bell, every=every),
        Loop(
            "intake.sweep",
            lambda: sweep.sweep_once(desk),
            desk.clock,
            desk.watch.bell,
            every=every and every * 15,
        ),
    )


def _app(desk: Desk, broker: Broker, authority: Authority, consumer: QueueConsumer) -> FastAPI:
    registry = CollectorRegistry()
    ops = _Ops(desk, broker, registry)
    app = make_app(
        "intake",
        authority=authority,
        checks=ops.checks,
        queue=ops.queue,
        gauges=ops.refresh,
        registry=registry,
    )
    app.state.desk = desk
    app.state.receipt_numbers = Buckets(desk.clock, burst=10, per_minute=6)
    app.state.receipt_addresses = Buckets(desk.clock, burst=60, per_minute=60)
    app.state.curious_kiosks = Buckets(desk.clock, burst=20, per_minute=10)
    for part in (postings, applications, imports, receipts):
        app.include_router(part.router)
    app.user_middleware.append(Middleware(Lane, route=postings.ROUTE, endpoint=postings.post))

    async def again(letter: Letter) -> None:
        await consumer.handle([letter])

    app.include_router(dead_letters.router(desk.database, again))
    return app


class _Ops:
    """Health, queue and gauges."""

    def __init__(self, desk: Desk, broker: Broker, registry: CollectorRegistry) -> None:
        self._desk = desk
        self._broker = broker
        self._owed = Gauge("cetak_outbox_messages", "messages owed", registry=registry)
        self._oldest = Gauge(
            "cetak_outbox_oldest_seconds", "age of the oldest message owed", registry=registry
        )
        self._unheard = Gauge(
            "cetak_intake_unheard_of", "applications without a first status", registry=registry
        )

    async def checks(self) -> Sequence[Check]:
        await self._desk.database.ping()
        return (Check(name="database", status="pass"), broker_check(self._broker))

    async def queue(self) -> QueueView:
        """`depth`: messages owed; `in_flight`: applications the scheduler has not spoken of yet."""
        async with self._desk.database.reading() as reader:
            row = await reader.fetchrow(QUEUE_NOW)
        assert row is not None
        return QueueView(
            depth=row["depth"],
            in_flight=row["in_flight"],
            oldest_seconds=row["oldest"],
            dead_letters=await dead_letters.count_open(self._desk.database),
        )

    async def refresh(self) -> None:
        view = await self.queue()
        self._owed.set(view.depth)
        self._oldest.set(view.oldest_seconds)
        self._unheard.set(view.in_flight)

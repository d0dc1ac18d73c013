"""Puts the scheduler together: the only place that knows all of its parts."""

from collections.abc import Sequence
from random import Random

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from backbone import dead_letters
from backbone.auth import Authority, Tickets
from backbone.broker import Broker
from backbone.clock import Clock
from backbone.database import Database, Login
from backbone.http import Check, QueueView, broker_check, make_app
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.loops import Loop
from backbone.outbox import Relay
from backbone.service import QueueConsumer, Service
from backbone.topology import QUEUES
from scheduler.api import (
    applications,
    attempts,
    papers,
    policy,
    proof,
    recover,
    rehearsal,
    stations,
    stock,
    targets,
    why,
)
from scheduler.handlers import HANDLERS
from scheduler.settings import SchedulerSettings
from scheduler.store import views
from scheduler.use_cases import explain, left, release, sweep
from scheduler.use_cases.desk import Desk

(QUEUE,) = (queue for queue in QUEUES if queue.name == "scheduler")


def build(
    settings: SchedulerSettings,
    *,
    login: Login,
    clock: Clock,
    ids: Ids,
    broker: Broker,
    authority: Authority,
    tickets: Tickets,
    every: float | None = 1.0,
    chaos: Random | None = None,
) -> Service:
    """The scheduler, not yet running. `every`: the loops' guarantee in seconds; None under virtual time."""
    database = Database(login, outbox_bell=clock.bell(), connections=settings.connections)
    desk = Desk(
        database=database,
        clock=clock,
        ids=ids,
        tickets=tickets,
        terms=settings.terms(),
        release_bell=clock.bell(),
        sweep_bell=clock.bell(),
    )
    consumer = QueueConsumer(QUEUE.name, database, desk, HANDLERS)
    broker.consume(QUEUE, consumer)
    relay = Relay(database, broker, chaos=chaos)
    return Service(
        name="scheduler",
        app=_app(desk, broker, authority, consumer),
        databases=(database,),
        loops=(
            Loop("scheduler.relay", relay.run_once, clock, database.outbox_bell, every=every),
            Loop(
                "scheduler.release", lambda: release.release_once(desk), clock, desk.release_bell, every=every
            ),
            Loop(
                "scheduler.sweep",
                lambda: sweep.sweep_once(desk),
                clock,
                desk.sweep_bell,
                every=every and every * 5,
            ),
        ),
    )


def _app(desk: Desk, broker: Broker, authority: Authority, consumer: QueueConsumer) -> FastAPI:
    registry = CollectorRegistry()
    ops = _Ops(desk, broker, registry)
    app = make_app(
        "scheduler",
        authority=authority,
        checks=ops.checks,
        queue=ops.queue,
        gauges=ops.refresh,
        registry=registry,
    )
    app.state.desk = desk
    for part in (
        stations,
        attempts,
        applications,
        policy,
        rehearsal,
        proof,
        stock,
        papers,
        recover,
        why,
        targets,
    ):
        app.include_router(part.router)

    async def again(letter: Letter) -> None:
        await consumer.handle([letter])

    app.include_router(dead_letters.router(desk.database, again))
    return app


class _Ops:
    """Health, queue and gauges."""

    def __init__(self, desk: Desk, broker: Broker, registry: CollectorRegistry) -> None:
        self._desk = desk
        self._broker = broker
        self._backlog = Gauge(
            "cetak_backlog_applications",
            "applications by state and reason",
            ["state", "reason"],
            registry=registry,
        )
        self._blanks = Gauge("cetak_stock_pieces", "blank cards by account", ["account"], registry=registry)
        self._left = Gauge(
            "cetak_stock_left_cards",
            "cards that what is left will make, by station ('': the whole office) and item",
            ["office", "station", "item"],
            registry=registry,
        )
        self._days = Gauge(
            "cetak_stock_left_days",
            "working days that what is left will do, at the office's rate",
            ["office", "station", "item"],
            registry=registry,
        )
        self._low = Gauge(
            "cetak_stock_low", "1 where it is time to order", ["office", "station", "item"], registry=registry
        )
        self._outbox = Gauge(
            "cetak_outbox_oldest_seconds", "age of the oldest message owed", registry=registry
        )
        self._attempts = Gauge("cetak_attempts", "attempts in flight by state", ["state"], registry=registry)

    async def checks(self) -> Sequence[Check]:
        await self._desk.database.ping()
        summary = await explain.summary(self._desk, "")
        holds = ", ".join(summary["held_by"])
        return (
            Check(name="database", status="pass"),
            broker_check(self._broker),
            Check(name="held_by", status="warn" if holds else "pass", output=holds),
        )

    async def queue(self) -> QueueView:
        summary = await explain.summary(self._desk, "")
        oldest = summary["oldest_waiting_since"]
        states = summary["by_state"]
        return QueueView(
            depth=states.get("waiting", 0) + states.get("approved", 0),
            in_flight=states.get("verifying", 0) + states.get("printing", 0),
            oldest_seconds=0 if oldest is None else (summary["as_of"] - oldest).total_seconds(),
            dead_letters=await dead_letters.count_open(self._desk.database),
            blocked_by=tuple(summary["held_by"]),
        )

    async def refresh(self) -> None:
        await self._refresh_left()
        async with self._desk.database.reading() as reader:
            self._backlog.clear()
            for row in await views.counts(reader, ""):
                self._backlog.labels(row["state"], row["kind"]).inc(row["n"])
            for account, n in (await views.blanks(reader, "")).items():
                self._blanks.labels(account).set(n)
            self._attempts.clear()
            for state, n in (await views.attempts_in_flight(reader, "")).items():
                self._attempts.labels(state).set(n)
            self._outbox.set(float(await reader.fetchval(views.OUTBOX_AGE)))

    async def _refresh_left(self) -> None:
        for gauge in (self._left, self._days, self._low):
            gauge.clear()
        for office, station, found in await left.everywhere(self._desk):
            if found.left is None:
                continue
            labels = (office, station, found.item)
            self._left.labels(*labels).set(found.left)
            self._low.labels(*labels).set(found.low)
            if found.days_left is not None:
                self._days.labels(*labels).set(found.days_left)

"""Puts the gateway together: the only place that knows all of its parts."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

import httpx2
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from backbone import dead_letters
from backbone.auth import Authority, Tickets
from backbone.broker import Broker
from backbone.clock import Clock
from backbone.database import Database
from backbone.http import Check, QueueView, broker_check, make_app
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.loops import Loop
from backbone.outbox import Relay
from backbone.seal import Sealer
from backbone.service import QueueConsumer, Service
from backbone.topology import QUEUES
from datacenter_gateway import api
from datacenter_gateway.centre import Centre
from datacenter_gateway.handlers import HANDLERS
from datacenter_gateway.settings import GatewaySettings
from datacenter_gateway.store import accounts, requests
from datacenter_gateway.use_cases import calendars, records, window
from datacenter_gateway.use_cases.calls import Calls
from datacenter_gateway.use_cases.desk import Desk

(QUEUE,) = (queue for queue in QUEUES if queue.name == "gateway")


def build(
    settings: GatewaySettings,
    *,
    clock: Clock,
    ids: Ids,
    database: Database,
    broker: Broker,
    authority: Authority,
    tickets: Tickets,
    seal: Sealer,
    vault: Sealer,
    client: httpx2.AsyncClient,
    poll: float | None = 5.0,
    chaos: Random | None = None,
) -> Service:
    """The gateway, not yet running.

    `seal` opens intake's blobs, `vault` seals records at rest, `client` speaks to the centre (`settings.client()`).
    `poll`: the loops' guarantee in seconds; None under virtual time. `chaos`: see `outbox.Relay`.
    """
    desk = Desk(
        database=database,
        clock=clock,
        ids=ids,
        centre=_centre(settings, client, clock),
        seal=seal,
        vault=vault,
        terms=settings.terms(),
        calls_bell=clock.bell(),
        window_bell=clock.bell(),
    )
    calls = Calls(desk)
    consumer = QueueConsumer(QUEUE.name, database, desk, HANDLERS)
    broker.consume(QUEUE, consumer)
    relay = Relay(database, broker, chaos=chaos)

    async def start() -> None:
        await calendars.seed(desk)
        await window.open_account(desk)

    async def look_at_window() -> datetime:
        await calendars.refresh(desk)
        return await window.run_once(desk)

    return Service(
        name="gateway",
        app=_app(desk, broker, authority, tickets, consumer),
        databases=(database,),
        loops=(
            Loop("gateway.relay", relay.run_once, clock, database.outbox_bell, every=poll),
            Loop("gateway.calls", calls.run_once, clock, desk.calls_bell, every=poll),
            Loop("gateway.window", look_at_window, clock, desk.window_bell, every=poll),
            Loop("gateway.expiry", lambda: records.expire_once(desk), clock, every=poll and poll * 12),
        ),
        on_start=(start,),
        on_stop=(calls.stop,),
    )


def _app(
    desk: Desk, broker: Broker, authority: Authority, tickets: Tickets, consumer: QueueConsumer
) -> FastAPI:
    registry = CollectorRegistry()
    ops = _Ops(desk, broker, registry)
    app = make_app(
        "gateway",
        authority=authority,
        checks=ops.checks,
        queue=ops.queue,
        gauges=ops.refresh,
        registry=registry,
    )
    app.state.desk = desk
    app.state.tickets = tickets
    app.include_router(api.router)

    async def again(letter: Letter) -> None:
        await consumer.handle([letter])

    app.include_router(dead_letters.router(desk.database, again))
    return app


def _centre(settings: GatewaySettings, client: httpx2.AsyncClient, clock: Clock) -> Centre:
    return Centre(
        client,
        clock,
        url=settings.centre_url,
        institution=settings.institution,
        credentials=settings.credentials(),
        threshold=settings.treshold,
        timeout=settings.timeout_seconds,
    )


class _Ops:
    """Health, queue and gauges."""

    def __init__(self, desk: Desk, broker: Broker, registry: CollectorRegistry) -> None:
        self._desk = desk
        self._broker = broker
        self._open = Gauge("cetak_window_open", "1 while calls may start", ["account"], registry=registry)
        self._quota = Gauge("cetak_quota_left", "calls left today", ["account"], registry=registry)
        self._seconds = Gauge(
            "cetak_centre_call_seconds", "measured seconds of a call", ["account"], registry=registry
        )
        self._requests = Gauge("cetak_requests", "requests by state", ["state"], registry=registry)
        self._records = Gauge("cetak_records_held", "verified records held", registry=registry)
        self._outbox = Gauge(
            "cetak_outbox_oldest_seconds", "age of the oldest message owed", registry=registry
        )

    async def checks(self) -> Sequence[Check]:
        async with self._desk.database.reading() as reader:
            account = await accounts.read(reader, self._desk.terms.account)
        is_open = account.state == "open" and not account.probation
        return (
            Check(name="database", status="pass"),
            broker_check(self._broker),
            Check(
                name="centre",
                status="pass" if is_open else "warn",
                output="" if is_open else f"{account.state}: {account.cause}",
            ),
        )

    async def queue(self) -> QueueView:
        async with self._desk.database.reading() as reader:
            account = await accounts.read(reader, self._desk.terms.account)
            found = await requests.view(reader)
        blocked = () if account.state == "open" else (f"{account.state}:{account.cause}",)
        return QueueView(
            **found, dead_letters=await dead_letters.count_open(self._desk.database), blocked_by=blocked
        )

    async def refresh(self) -> None:
        async with self._desk.database.reading() as reader:
            account = await accounts.read(reader, self._desk.terms.account)
            found = await requests.view(reader)
            self._records.set(float(await reader.fetchval(requests.RECORDS)))
            self._outbox.set(float(await reader.fetchval(requests.OUTBOX_AGE)))
        self._open.labels(account.name).set(account.state == "open")
        self._quota.labels(account.name).set(
            float("inf") if account.quota_left is None else account.quota_left
        )
        self._seconds.labels(account.name).set(account.call_seconds)
        self._requests.labels("queued").set(found["depth"])
        self._requests.labels("calling").set(found["in_flight"])

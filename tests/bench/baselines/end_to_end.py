"""End to end as a textbook has it: intake, a scheduler, a gateway and stations, each in a process of its own.

`python -m tests.bench.baselines.end_to_end <intake|scheduler|gateway|station id> <port> <specification>`: intake listens
on `port`, the scheduler on `port`+1, the gateway on `port`+2; the centre is on `port`+3; a station says `ready`.

FastAPI, SQLAlchemy's async ORM, aio-pika; a session and a transaction a request or message. The same calls as ours are
made with the same clients, to the same simulated centre, under the same tokens, tickets and seals; a station's intent,
send and outcome are on disk before it goes on. What ours does beyond this: policies, claims and places, a log of why
each card was picked, a ledger of blanks (here a counter), events and statuses in order, pauses, incidents, restarts, the
centre's window, quota and rate, records erased when spent, dead letters, and an audit that finds nothing.
"""

import asyncio
import base64
import json
import signal
import sqlite3
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aio_pika
import httpx2
import uvloop
from aio_pika.abc import AbstractIncomingMessage
from fastapi import FastAPI, HTTPException
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from tests.bench import parts
from tests.bench.baselines import intake, scheduler
from tests.bench.baselines.messaging import Base, Body, Sessions, declare, owe, service
from tests.bench.serve import serve_app

from backbone.clock import SystemClock
from backbone.contracts.intake import Reason
from backbone.contracts.station import Arm, Job, Report, VerifiedRecord
from datacenter_gateway.api.deps import TicketDep
from datacenter_gateway.centre import Centre
from datacenter_gateway.domain.record import Found, Person, Refusal
from datacenter_gateway.domain.verdict import Verdict, judge_match, judge_refusal, judge_status
from datacenter_gateway.settings import GatewaySettings
from intake.tables import METADATA
from onebox.parts import gateway_settings
from onebox.settings import Deployment
from printer_agent.drivers.send_log import SendLog
from printer_agent.office import Office

POOL = 16
PREFETCH = 16
FETCHES = 4
"""Records that stations fetch at a time."""
JOURNAL = "CREATE TABLE attempt (id TEXT PRIMARY KEY, intent_at TEXT NOT NULL, outcome TEXT, outcome_at TEXT)"


class Approval(Base):
    __tablename__ = "textbook_approval"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(unique=True)
    approved_until: Mapped[datetime]
    record: Mapped[bytes]


class Gateway:
    """Asks the centre, keeps what it has approved."""

    def __init__(self, spec: parts.Spec, settings: GatewaySettings, client: httpx2.AsyncClient) -> None:
        self._validity = timedelta(hours=settings.approval_hours)
        self._courier, self._vault = spec.keys().courier, spec.sealer("vault")
        self._centre = Centre(
            client,
            SystemClock(),
            url=settings.centre_url,
            institution=settings.institution,
            credentials=settings.credentials(),
            threshold=settings.treshold,
            timeout=settings.timeout_seconds,
        )

    async def requested(self, session: AsyncSession, body: Body) -> None:
        """The session takes a connection only when the centre has answered."""
        application_id = UUID(body["application_id"])
        verdict, found = await self._ask(application_id, body)
        answer = {"application_id": body["application_id"], "outcome": verdict.outcome}
        if verdict.outcome == "approved" and found is not None:
            approval = self._approval(application_id, found)
            session.add(approval)
            until = approval.approved_until.isoformat()
            answer |= {"approval_id": str(approval.id), "approved_until": until}
        owe(session, "verification.answered", **answer)

    async def _ask(self, application_id: UUID, body: Body) -> tuple[Verdict, Found | None]:
        sealed = base64.b64decode(body["sealed"])
        said = json.loads(self._courier.open(sealed, f"verification|{application_id}"))
        person = Person(**{**said, "birth_date": date.fromisoformat(said["birth_date"])})
        match, _ = await self._centre.match(person)
        first = judge_refusal(match.code) if isinstance(match, Refusal) else judge_match(match.elements)
        if first is not None:
            return first, None
        found, _ = await self._centre.record(person.nik)
        if isinstance(found, Refusal):
            return judge_refusal(found.code), None
        reason: Reason = body["reason"]
        return judge_status(found.status, reason), found

    def _approval(self, application_id: UUID, found: Found) -> Approval:
        new, until = uuid4(), datetime.now(UTC) + self._validity
        record = VerifiedRecord(
            approval_id=new, application_id=application_id, approved_until=until, **found.record
        )
        sealed = self._vault.seal(record.model_dump_json().encode(), f"approval|{new}|{application_id}")
        return Approval(id=new, application_id=application_id, approved_until=until, record=sealed)

    def make_app(self, spec: parts.Spec, sessions: Sessions) -> FastAPI:
        app = FastAPI()
        app.state.sessions, app.state.tickets = sessions, spec.tickets(SystemClock())

        @app.get("/gateway/v1/records/{approval_id}")
        async def record(approval_id: UUID, ticket: TicketDep, session: intake.SessionDep) -> VerifiedRecord:
            approval = await session.get(Approval, approval_id)
            if approval is None or ticket.approval_id != approval_id:
                raise HTTPException(404)
            if approval.approved_until <= datetime.now(UTC):
                raise HTTPException(410)
            bound_to = f"approval|{approval_id}|{approval.application_id}"
            return VerifiedRecord.model_validate_json(self._vault.open(approval.record, bound_to))

        return app


class Station:
    """Prints what it is told of, one card at a time. An attempt that stands in the journal is never sent again."""

    def __init__(self, name: str, folder: Path, office: Office) -> None:
        self._name, self._office = name, office
        self._log = SendLog(folder / "prints.jsonl")
        self._journal = sqlite3.connect(folder / f"{name}.db", isolation_level=None)
        self._journal.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {JOURNAL}")

    async def look(self, message: AbstractIncomingMessage) -> None:
        async with message.process(requeue=True):
            for job in await self._office.jobs():
                await self._print(job)

    async def _print(self, job: Job) -> None:
        """Record, arm, intent, send, outcome, report."""
        await self._office.record(job)
        arm = Arm(station=self._name, fence=job.fence, run=1, nonce=uuid4())
        await self._office.arm(job.attempt_id, arm)
        attempt = str(job.attempt_id)
        intent = (attempt, datetime.now(UTC).isoformat())
        self._journal.execute("INSERT INTO attempt (id, intent_at) VALUES (?, ?)", intent)
        self._log.add(job.attempt_id, datetime.now(UTC), "good")
        outcome = ("printed", datetime.now(UTC).isoformat(), attempt)
        self._journal.execute("UPDATE attempt SET outcome = ?, outcome_at = ? WHERE id = ?", outcome)
        await self._office.report(job.attempt_id, Report(**arm.model_dump(), state="printed"))


async def told(session: AsyncSession, body: Body) -> None:
    """Intake learns an application's state."""
    rows = METADATA.tables["application"]
    query = update(rows).where(rows.c.id == UUID(body["application_id"]))
    await session.execute(query.values(state=body["state"], state_at=datetime.now(UTC)))


async def serve_intake(port: int, spec: parts.Spec) -> None:
    handlers = {"application.status": told}
    async with service("intake", spec, "textbook.intake", handlers, prefetch=PREFETCH, pool=4):
        await serve_app(intake.make_app(spec), port)


async def serve_scheduler(port: int, spec: parts.Spec) -> None:
    async with service(
        "scheduler",
        spec,
        intake.QUEUE,
        scheduler.HANDLERS,
        tables=scheduler.TABLES,
        prefetch=PREFETCH,
        pool=POOL,
    ) as sessions:
        assigning = asyncio.create_task(scheduler.assign_all(sessions))
        await serve_app(scheduler.make_app(spec, sessions), port + 1)
        assigning.cancel()


async def serve_gateway(port: int, spec: parts.Spec) -> None:
    settings = gateway_settings(Deployment(), f"http://127.0.0.1:{port + 3}/simulator")
    async with settings.client() as client:
        gateway = Gateway(spec, settings, client)
        handlers = {"verification.requested": gateway.requested}
        async with service(
            "gateway",
            spec,
            "textbook.gateway",
            handlers,
            tables=(Approval,),
            prefetch=settings.calls_in_flight,
            pool=settings.calls_in_flight + FETCHES,
        ) as sessions:
            await serve_app(gateway.make_app(spec, sessions), port + 2)


async def work_at_station(name: str, port: int, spec: parts.Spec, folder: Path) -> None:
    scheduler_url, gateway_url = (f"http://127.0.0.1:{port + n}" for n in (1, 2))
    token = spec.token(SystemClock(), "station", station=name)
    async with httpx2.AsyncClient(timeout=10) as client:
        office = Office(client, name, token, scheduler=scheduler_url, gateway=gateway_url)
        station = Station(name, folder, office)
        connection = await aio_pika.connect_robust(spec.amqp_url())
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        _, queue = await declare(channel, f"textbook.station.{name}", f"station.{name}.look")
        await queue.consume(station.look)
        word = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, word.set)
        print("ready", flush=True)
        await word.wait()
        await connection.close()


async def main(name: str, port: int, given: Path) -> None:
    spec = parts.read(given)
    serve = {"intake": serve_intake, "scheduler": serve_scheduler, "gateway": serve_gateway}.get(name)
    await (work_at_station(name, port, spec, given.parent) if serve is None else serve(port, spec))


if __name__ == "__main__":
    _, named, on, path = sys.argv
    # The server hands its signal on when it has stopped; what stands behind it is still to be closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvloop.run(main(named, int(on), Path(path)))

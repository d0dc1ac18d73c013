"""The end-to-end textbook's scheduler: takes applications in, asks for their approval, gives approved cards by rank to
stations with room, answers the stations. A session and a transaction a request, a message, a card.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from fastapi import APIRouter, FastAPI, HTTPException, Request
from sqlalchemy import BigInteger, ForeignKey, Identity, Index, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from tests.bench import parts
from tests.bench.baselines.intake import SessionDep
from tests.bench.baselines.messaging import POLL, Base, Body, Handler, Sessions, owe

from backbone.auth import ActorDep, Ticket, Tickets
from backbone.clock import SystemClock
from backbone.contracts.station import Arm, Armed, Job, Jobs, Recorded, Report
from backbone.rights import authorize

HEAD_STARTS = {"first_issue": timedelta(days=365)}


class Application(Base):
    __tablename__ = "textbook_application"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    office: Mapped[str]
    reason: Mapped[str]
    district_code: Mapped[str]
    receipt_number: Mapped[str]
    received_at: Mapped[datetime]
    rank_at: Mapped[datetime]
    state: Mapped[str]
    approval_id: Mapped[UUID | None]
    approved_until: Mapped[datetime | None]
    __table_args__ = (Index("textbook_next", "rank_at", "id", postgresql_where=text("state = 'approved'")),)


class Station(Base):
    __tablename__ = "textbook_station"
    id: Mapped[str] = mapped_column(primary_key=True)
    free_slots: Mapped[int]
    blanks: Mapped[int]


class Attempt(Base):
    __tablename__ = "textbook_attempt"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey(Application.id))
    station: Mapped[str] = mapped_column(ForeignKey(Station.id))
    fence: Mapped[int] = mapped_column(BigInteger, Identity())
    state: Mapped[str]
    nonce: Mapped[UUID | None]
    armed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("textbook_jobs", "station", "fence", postgresql_where=text("state = 'reserved'")),
    )


async def received(session: AsyncSession, body: Body) -> None:
    """Take an application in and ask for its verification."""
    if await session.get(Application, UUID(body["application_id"])) is not None:
        return
    received_at = datetime.fromisoformat(body["received_at"])
    application = Application(
        id=UUID(body["application_id"]),
        office=body["office"],
        reason=body["reason"],
        district_code=body["district_code"],
        receipt_number=body["receipt_number"],
        received_at=received_at,
        rank_at=received_at - HEAD_STARTS.get(body["reason"], timedelta()),
        state="verifying",
    )
    session.add(application)
    asked = {name: body[name] for name in ("application_id", "reason", "sealed")}
    owe(session, "verification.requested", **asked)


async def answered(session: AsyncSession, body: Body) -> None:
    application = await session.get(Application, UUID(body["application_id"]), with_for_update=True)
    if application is None or application.state != "verifying":
        return
    if body["outcome"] == "approved":
        application.approval_id = UUID(body["approval_id"])
        application.approved_until = datetime.fromisoformat(body["approved_until"])
    move(session, application, body["outcome"])


def move(session: AsyncSession, application: Application, state: str) -> None:
    application.state = state
    owe(session, "application.status", application_id=str(application.id), state=state)


async def assign(session: AsyncSession) -> bool:
    """The approved card of the first rank goes to the station with most room; False where nothing can go."""
    cards = select(Application).where(
        Application.state == "approved", Application.approved_until > datetime.now(UTC)
    )
    card = await session.scalar(
        cards.order_by(Application.rank_at, Application.id).limit(1).with_for_update()
    )
    if card is None:
        return False
    room = select(Station).where(Station.free_slots > 0, Station.blanks > 0)
    station = await session.scalar(
        room.order_by(Station.free_slots.desc(), Station.id).limit(1).with_for_update()
    )
    if station is None:
        return False
    station.free_slots -= 1
    session.add(Attempt(id=uuid4(), application_id=card.id, station=station.id, state="reserved"))
    move(session, card, "printing")
    owe(session, f"station.{station.id}.look")
    await session.commit()
    return True


async def assign_all(sessions: Sessions) -> None:
    """One card a transaction, for ever; looks again a moment after nothing could go."""
    while True:
        async with sessions() as session:
            found = await assign(session)
        if not found:
            await asyncio.sleep(POLL)


HANDLERS: dict[str, Handler] = {"application.received": received, "verification.answered": answered}
TABLES = (Application, Station, Attempt)


router = APIRouter()


@router.get("/scheduler/v1/stations/{station}/jobs")
async def jobs(request: Request, station: str, actor: ActorDep, session: SessionDep) -> Jobs:
    authorize(actor, "station.work", station=station)
    query = select(Attempt, Application).join(Application, Application.id == Attempt.application_id)
    found = await session.execute(
        query.where(Attempt.station == station, Attempt.state == "reserved").order_by(Attempt.fence)
    )
    return Jobs(
        jobs=tuple(job(request.app.state.tickets, attempt, application) for attempt, application in found)
    )


def job(tickets: Tickets, attempt: Attempt, application: Application) -> Job:
    assert application.approval_id is not None
    ticket = Ticket(attempt_id=attempt.id, approval_id=application.approval_id, station=attempt.station)
    return Job(
        attempt_id=attempt.id,
        application_id=application.id,
        approval_id=application.approval_id,
        receipt_number=application.receipt_number,
        office=application.office,
        district_code=application.district_code,
        reason=application.reason,
        fence=attempt.fence,
        n=1,
        state="reserved",
        ticket=tickets.sign(ticket),
    )


@router.post("/scheduler/v1/attempts/{attempt_id}/arm")
async def arm(attempt_id: UUID, asked: Arm, actor: ActorDep, session: SessionDep) -> Armed:
    authorize(actor, "station.work", station=asked.station)
    attempt = await session.get(Attempt, attempt_id, with_for_update=True)
    if attempt is None or (attempt.station, attempt.fence) != (asked.station, asked.fence):
        raise HTTPException(404)
    application = await session.get_one(Application, attempt.application_id)
    now = datetime.now(UTC)
    ends = application.approved_until
    if attempt.state != "reserved" or application.state != "printing" or ends is None or ends <= now:
        raise HTTPException(409, "this card may not be printed now")
    attempt.state, attempt.nonce, attempt.armed_at = "armed", asked.nonce, now
    await session.commit()
    return Armed(attempt_id=attempt_id, armed_at=now)


@router.post("/scheduler/v1/attempts/{attempt_id}/outcome")
async def outcome(attempt_id: UUID, said: Report, actor: ActorDep, session: SessionDep) -> Recorded:
    authorize(actor, "station.work", station=said.station)
    attempt = await session.get(Attempt, attempt_id, with_for_update=True)
    if attempt is None or (attempt.station, attempt.nonce) != (said.station, said.nonce):
        raise HTTPException(404)
    if attempt.state == "armed":
        attempt.state, attempt.closed_at = said.state, datetime.now(UTC)
        application = await session.get_one(Application, attempt.application_id, with_for_update=True)
        station = await session.get_one(Station, attempt.station, with_for_update=True)
        station.free_slots += 1
        station.blanks -= 1
        move(session, application, said.state)
        await session.commit()
    return Recorded(attempt_id=attempt_id, state=said.state)


def make_app(spec: parts.Spec, sessions: Sessions) -> FastAPI:
    clock = SystemClock()
    app = FastAPI()
    app.include_router(router)
    app.state.sessions, app.state.authority = sessions, spec.authority(clock)
    app.state.tickets = spec.tickets(clock)
    return app

"""Intake as a textbook has it: a session and a commit a request, then one confirmed message to a quorum queue.

The same tables, checks, seals, receipts and tokens as ours (the same pure functions), so that only the way of storing
and publishing is compared: FastAPI with dependencies and models, SQLAlchemy's async session, aio-pika.
"""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_bytes
from typing import Annotated, Any
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractExchange
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from tests.bench.parts import OFFICE, Spec

from backbone.auth import ActorDep
from backbone.clock import SystemClock
from backbone.rights import authorize
from intake.domain.application import ApplicationDraft, CheckedApplication, check
from intake.domain.canonical import canonical_body, fingerprint
from intake.domain.receipt import RANDOM_BYTES, derive_pin, make_receipt
from intake.regions_file import packaged_regions
from intake.settings import IntakeSettings
from intake.tables import METADATA
from intake.use_cases import people
from intake.use_cases.desk import Keys

QUEUE = "textbook.received"
REGIONS = packaged_regions()
TERMS = IntakeSettings().terms()


class Base(DeclarativeBase):
    metadata = METADATA
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  # as SQLAlchemy has it; quicker: nothing is read back


class Application(Base):
    __table__ = METADATA.tables["application"]


class Event(Base):
    __table__ = METADATA.tables["event"]


class Idempotency(Base):
    __table__ = METADATA.tables["idempotency"]


class Posted(BaseModel):
    nik: str
    full_name: str
    birth_date: str
    sex: str = ""
    district_code: str
    reason: str
    phone: str = ""
    reference: str = ""
    captured_at: str = ""


class Accepted(BaseModel):
    application_id: str
    receipt_number: str
    status: str
    warnings: list[str]
    pin: str


async def session_of(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(session_of)]


@asynccontextmanager
async def lifespan(spec: Spec, app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(spec.sqlalchemy_url(), pool_size=spec.pool, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    connection = await aio_pika.connect_robust(spec.amqp_url())
    channel = await connection.channel(publisher_confirms=True)
    app.state.exchange = await channel.declare_exchange("textbook", aio_pika.ExchangeType.TOPIC, durable=True)
    queue = await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    await queue.bind(app.state.exchange, "application.received")
    yield
    await connection.close()
    await engine.dispose()


def make_app(spec: Spec) -> FastAPI:
    """The textbook's whole service."""
    clock, keys = SystemClock(), spec.keys()

    app = FastAPI(lifespan=partial(lifespan, spec))
    app.state.authority = spec.authority(clock)

    @app.post("/v1/applications", status_code=202)
    async def post(
        request: Request,
        posted: Posted,
        actor: ActorDep,
        session: SessionDep,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=255)],
    ) -> Accepted:
        authorize(actor, "application.post")
        body_hash = fingerprint(keys.fingerprint, canonical_body(posted.model_dump()))
        known = await session.scalar(select(Idempotency).filter_by(device=actor.subject, key=idempotency_key))
        if known is not None:
            return _again(keys, known, body_hash)
        application = _checked(posted, clock)
        row, sealed = _row(spec, keys, application, actor.subject)
        answer = {
            "application_id": str(row.id),
            "receipt_number": row.receipt_number,
            "status": "received",
            "warnings": [],
        }
        session.add(row)
        session.add(Event(application_id=row.id, n=1, what="received", actor=actor.subject))
        session.add(_kept(keys, row, idempotency_key, body_hash, answer))
        try:
            await session.commit()
        except IntegrityError as error:
            raise HTTPException(409, "another application is under way") from error
        await _publish(request.app.state.exchange, row, sealed)
        return Accepted(**answer, pin=derive_pin(keys.pin, row.id, 1))

    return app


def _checked(posted: Posted, clock: SystemClock) -> CheckedApplication:
    values = posted.model_dump()
    draft = ApplicationDraft(submitted_at=values.pop("captured_at"), **values)
    verdict = check(
        draft,
        regions=REGIONS,
        now=clock.now(),
        office_tz=TERMS.tz,
        earliest=TERMS.earliest_import,
        source="kiosk",
    )
    if verdict.application is None:
        raise HTTPException(422, [found.message_en for found in verdict.errors])
    return verdict.application


def _row(spec: Spec, keys: Keys, checked: CheckedApplication, device: str) -> tuple[Any, bytes]:
    new = uuid4()
    person = people.of(checked)
    row = Application(
        id=new,
        office=OFFICE,
        receipt_number=make_receipt(OFFICE, token_bytes(RANDOM_BYTES)),
        reference=checked.reference,
        source="kiosk",
        district_code=checked.district_code,
        reason=checked.reason,
        received_at=datetime.now(UTC),
        captured_at=checked.submitted_at,
        device=device,
        person_hash=people.person_hash(keys.person, checked.nik),
        nik_last4=checked.nik[-4:],
        person=people.seal(keys.storage, new, person),
        warnings=[],
        resend_at=datetime.now(UTC) + timedelta(minutes=1),
    )
    return row, people.seal_for_gateway(keys.courier, new, person)


def _kept(keys: Keys, row: Any, key: str, body_hash: bytes, answer: dict[str, Any]) -> Idempotency:
    sealed = people.seal_values(keys.storage, "answer", row.id, answer)
    return Idempotency(
        device=row.device, key=key, fingerprint=body_hash, application_id=row.id, status=202, answer=sealed
    )


def _again(keys: Keys, known: Any, body_hash: bytes) -> Accepted:
    if known.fingerprint != body_hash:
        raise HTTPException(422, "this key was used for another application")
    answer = people.unseal_values(keys.storage, "answer", known.application_id, known.answer)
    return Accepted(**answer, pin=derive_pin(keys.pin, known.application_id, 1))


async def _publish(exchange: AbstractExchange, row: Any, sealed: bytes) -> None:
    body = {
        "application_id": str(row.id),
        "office": row.office,
        "reason": row.reason,
        "district_code": row.district_code,
        "received_at": row.received_at.isoformat(),
        "receipt_number": row.receipt_number,
        "sealed": base64.b64encode(sealed).decode(),
    }
    message = aio_pika.Message(
        json.dumps(body).encode(),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(row.id),
    )
    await exchange.publish(message, "application.received", mandatory=True)

"""Attempts: the agent's arm and outcome; a person's verdicts; incidents."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.contracts.station import Arm, Armed, AttemptState, Recorded, Report
from backbone.problems import NotFound
from backbone.rights import Actor, authorize
from scheduler.api.desk import DeskDep
from scheduler.store import attempts, views
from scheduler.use_cases import cases, outcomes, printing, verdicts
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.persons import Persons

router = APIRouter(prefix="/v1", tags=["attempts"])

HIDDEN = ("nonce",)
Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Reconciliation(Wire):
    """`printed`: a good card was found. `spoiled`: the card is bad. `intact`: the blank is unused, nothing came out."""

    verdict: verdicts.Verdict
    person: str | None = Field(default=None, max_length=100)
    second_person: str | None = Field(default=None, max_length=100)
    note: str = Field(min_length=3, max_length=500)


class Spoilage(Wire):
    person: str | None = Field(default=None, max_length=100)
    second_person: str | None = Field(default=None, max_length=100)
    note: str = Field(min_length=3, max_length=500)


class Resolution(Wire):
    """What was found, and what was done about it."""

    resolution: str = Field(min_length=3, max_length=500)


@router.post("/attempts/{attempt_id}/arm")
async def arm(desk: DeskDep, actor: ActorDep, attempt_id: UUID, body: Arm) -> Armed:
    authorize(actor, "station.work", station=body.station)
    return await printing.arm(desk, attempt_id, body)


@router.post("/attempts/{attempt_id}/outcome")
async def outcome(desk: DeskDep, actor: ActorDep, attempt_id: UUID, body: Report) -> Recorded:
    authorize(actor, "station.work", station=body.station)
    return await outcomes.report(desk, attempt_id, body)


@router.get("/attempts")
async def list_attempts(
    desk: DeskDep, actor: ActorDep, state: AttemptState | None = None, after: Id = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """By fence; the next page starts after the last fence."""
    authorize(actor, "attempt.read")
    async with desk.database.reading() as reader:
        rows = await reader.fetch(attempts.LIST, actor.prefix, state, after, max(1, min(limit, 1000)))
    return [{key: value for key, value in dict(row).items() if key not in HIDDEN} for row in rows]


@router.post("/attempts/{attempt_id}/reconcile")
async def reconcile(desk: DeskDep, actor: ActorDep, attempt_id: UUID, body: Reconciliation) -> dict[str, Any]:
    """A person's word after a look; a station's own token names the persons who stand there."""
    await _may_judge(desk, actor, attempt_id)
    by = Persons(actor=actor, person=body.person, second=body.second_person)
    row = await verdicts.reconcile(desk, attempt_id, body.verdict, by=by, note=body.note)
    return {"id": attempt_id, "state": row["state"]}


@router.post("/attempts/{attempt_id}/spoil")
async def spoil(desk: DeskDep, actor: ActorDep, attempt_id: UUID, body: Spoilage) -> dict[str, Any]:
    await _may_judge(desk, actor, attempt_id)
    by = Persons(actor=actor, person=body.person, second=body.second_person)
    row = await verdicts.spoil(desk, attempt_id, by=by, note=body.note)
    return {"id": attempt_id, "state": row["state"]}


@router.get("/incidents")
async def incidents(
    desk: DeskDep, actor: ActorDep, closed: bool = False, after: Id = 0, limit: int = 100
) -> list[dict[str, Any]]:
    authorize(actor, "attempt.read")
    async with desk.database.reading() as reader:
        rows = await views.incidents(
            reader, actor.prefix, closed=closed, after=after, limit=max(1, min(limit, 1000))
        )
    return [dict(row) for row in rows]


@router.post("/incidents/{incident_id}/close")
async def close_incident(desk: DeskDep, actor: ActorDep, incident_id: Id, body: Resolution) -> dict[str, Any]:
    """A supervisor has looked: the application goes on, unless another incident holds it."""
    authorize(actor, "incident.close")
    return dict(await cases.close_incident(desk, actor, incident_id, body.resolution))


async def _may_judge(desk: Desk, actor: Actor, attempt_id: UUID) -> None:
    async with desk.database.reading() as reader:
        row = await attempts.find(reader, attempt_id)
    if row is None:
        raise NotFound
    authorize(actor, "attempt.reconcile", office=row["office"], station=row["station"])

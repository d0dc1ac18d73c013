"""The queue, why a card waits, and an officer's acts on one case."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, StringConstraints

from backbone.auth import ActorDep
from backbone.contracts.intake import Reason
from backbone.contracts.message import Wire
from backbone.contracts.scheduler import State
from backbone.database import Row
from backbone.problems import NotFound
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.store import applications, views
from scheduler.use_cases import cases, left
from scheduler.use_cases.explain import explain, summary

router = APIRouter(prefix="/v1", tags=["applications"])


class Why(Wire):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Decide(Why):
    to: cases.Decision


class Hold(Why):
    until: AwareDatetime


class Listed(Wire):
    """A page of the queue; `next` is the cursor of the following one."""

    items: tuple[dict[str, Any], ...]
    next: UUID | None


@router.get("/summary")
async def get_summary(desk: DeskDep, actor: ActorDep) -> dict[str, Any]:
    authorize(actor, "queue.read")
    return {**await summary(desk, actor.prefix), "stock": await left.in_prefix(desk, actor.prefix)}


@router.get("/applications")
async def list_applications(
    desk: DeskDep,
    actor: ActorDep,
    state: State | None = None,
    reason: Reason | None = None,
    district_code: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> Listed:
    authorize(actor, "queue.read")
    filters = {"state": state, "reason": reason, "district_code": district_code}
    limit = max(1, min(limit, 1000))
    async with desk.database.reading() as reader:
        rows = await views.listed(reader, actor.prefix, filters, after, limit)
    return Listed(items=tuple(dict(row) for row in rows), next=rows[-1]["id"] if len(rows) == limit else None)


@router.get("/applications/{key}/explain")
async def explain_one(desk: DeskDep, actor: ActorDep, key: str) -> dict[str, Any]:
    """`key` is an application's id or a receipt number."""
    return await explain(desk, actor, await _id(desk.database, key))


@router.get("/applications/{application_id}/events")
async def events(desk: DeskDep, actor: ActorDep, application_id: UUID) -> list[dict[str, Any]]:
    async with desk.database.reading() as reader:
        row = await applications.find(reader, application_id)
        if row is None:
            raise NotFound
        authorize(actor, "queue.read", office=row["office"])
        return [dict(event) for event in await reader.fetch(views.EVENTS, application_id)]


@router.post("/applications/{application_id}/urgent")
async def urgent(desk: DeskDep, actor: ActorDep, application_id: UUID, body: Why) -> dict[str, Any]:
    authorize(actor, "application.urgent")
    return _told(await cases.make_urgent(desk, actor, application_id, body.reason))


@router.post("/applications/{application_id}/decide")
async def decide(desk: DeskDep, actor: ActorDep, application_id: UUID, body: Decide) -> dict[str, Any]:
    authorize(actor, "application.decide")
    return _told(await cases.decide(desk, actor, application_id, body.to, body.reason))


@router.post("/applications/{application_id}/hold")
async def hold(desk: DeskDep, actor: ActorDep, application_id: UUID, body: Hold) -> dict[str, Any]:
    authorize(actor, "application.decide")
    until: datetime = body.until
    return _told(await cases.hold(desk, actor, application_id, until, body.reason))


def _told(row: Row) -> dict[str, Any]:
    return {key: row[key] for key in ("id", "state", "kind", "seq")}


async def _id(database: Any, key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        async with database.reading() as reader:
            found: UUID | None = await reader.fetchval(views.BY_RECEIPT, key.upper())
        if found is None:
            raise NotFound from None
        return found

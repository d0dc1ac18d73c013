"""After a restore of the database: begin, look, finish; and the journals that stations tell."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backbone.auth import ActorDep
from backbone.contracts.journal import JournalPage, JournalTaken
from backbone.contracts.message import Wire
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.use_cases import recover
from scheduler.use_cases.desk import Desk

router = APIRouter(prefix="/v1", tags=["recover"])

Code = Field(pattern=r"^\d\d(\.\d\d)?$")


class Restored(Wire):
    """The database was restored: which office, and why."""

    office: str = Code
    reason: str = Field(min_length=3, max_length=500)


class Checked(Wire):
    office: str = Code


@router.get("/recover")
async def state(desk: DeskDep, actor: ActorDep) -> list[dict[str, Any]]:
    """Each office: whether it recovers, why and since when, and whose journals are awaited."""
    authorize(actor, "attempt.read")
    return await _states(desk, actor.prefix)


@router.post("/recover")
async def begin(desk: DeskDep, actor: ActorDep, body: Restored) -> dict[str, Any]:
    """Nothing is reserved or armed from now on; while it recovers, again changes nothing."""
    authorize(actor, "office.recover", office=body.office)
    await recover.begin(desk, body.office, why=body.reason, actor=actor.subject)
    return await _state(desk, body.office)


@router.post("/recover/finish")
async def finish(desk: DeskDep, actor: ActorDep, body: Checked) -> dict[str, Any]:
    """Merge the journals and go on; 409 while a station's journal is awaited."""
    authorize(actor, "office.recover", office=body.office)
    await recover.finish(desk, body.office, actor=actor.subject)
    return await _state(desk, body.office)


@router.post("/stations/{station}/journal")
async def journal(desk: DeskDep, actor: ActorDep, station: str, page: JournalPage) -> JournalTaken:
    authorize(actor, "station.work", station=station)
    return await recover.take_journal(desk, station, page)


async def _states(desk: Desk, prefix: str) -> list[dict[str, Any]]:
    async with desk.database.reading() as reader:
        return await recover.states(reader, prefix)


async def _state(desk: Desk, office: str) -> dict[str, Any]:
    return next(row for row in await _states(desk, office) if row["office"] == office)

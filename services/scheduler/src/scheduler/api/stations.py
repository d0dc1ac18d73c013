"""Stations: the agent's hello and jobs; enrolment, pause and the other states for people."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.contracts.station import Hello, HelloAnswer, Jobs
from backbone.database import Row, Transaction
from backbone.http import QueueView
from backbone.problems import Conflict, NotFound
from backbone.rights import Actor, authorize
from scheduler.api.desk import DeskDep
from scheduler.store import attempts, stations, stock, views
from scheduler.use_cases import printing
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station
from scheduler.use_cases.received import ensure_offices

router = APIRouter(prefix="/v1/stations", tags=["stations"])


class Enrolment(Wire):
    id: str = Field(pattern=r"^[0-9a-z][0-9a-z-]{1,30}$")
    office: str = Field(pattern=r"^\d\d(\.\d\d)?$")
    slots: int = Field(default=2, ge=1, le=8)


class Why(Wire):
    reason: str = Field(min_length=3, max_length=500)


class StationElsewhere(Conflict):
    slug = "station-elsewhere"
    message_id = "Nama stasiun ini sudah dipakai kantor lain."
    message_en = "Another office has a station of this name."


@router.post("/{station}/hello")
async def hello(desk: DeskDep, actor: ActorDep, station: str, said: Hello) -> HelloAnswer:
    authorize(actor, "station.work", station=station)
    return await printing.hello(desk, station, said)


@router.get("/{station}/jobs")
async def jobs(desk: DeskDep, actor: ActorDep, station: str) -> Jobs:
    authorize(actor, "station.work", station=station)
    return await printing.jobs(desk, station)


@router.post("", status_code=201)
async def enrol(desk: DeskDep, actor: ActorDep, body: Enrolment) -> dict[str, Any]:
    authorize(actor, "station.enrol", office=body.office)
    async with desk.database.transaction() as tx:
        await ensure_offices(desk, tx, [body.office])
        row = await stations.enrol(tx, body.id, body.office, body.slots)
        if row is None:
            raise StationElsewhere
        await stock.open_accounts(tx, body.office, body.id)
    return dict(row)


@router.get("")
async def list_stations(desk: DeskDep, actor: ActorDep) -> list[dict[str, Any]]:
    authorize(actor, "queue.read")
    async with desk.database.reading() as reader:
        return [dict(row) for row in await views.stations(reader, actor.prefix, desk.terms.silent)]


@router.post("/{station}/pause")
async def pause(desk: DeskDep, actor: ActorDep, station: str, body: Why) -> dict[str, Any]:
    return await _set(
        desk, actor, station, body.reason, action="station.pause", state="paused", old=["running"]
    )


@router.post("/{station}/resume")
async def resume(desk: DeskDep, actor: ActorDep, station: str, body: Why) -> dict[str, Any]:
    return await _set(
        desk, actor, station, body.reason, action="station.pause", state="running", old=["paused", "lost"]
    )


@router.post("/{station}/retire")
async def retire(desk: DeskDep, actor: ActorDep, station: str, body: Why) -> dict[str, Any]:
    return await _set(
        desk,
        actor,
        station,
        body.reason,
        action="station.lost",
        state="retired",
        old=["running", "paused", "lost"],
    )


@router.post("/{station}/lost")
async def lost(desk: DeskDep, actor: ActorDep, station: str, body: Why) -> dict[str, Any]:
    """The machine is off and stays off: what it had armed becomes uncertain, for a person to settle."""
    return await _set(
        desk,
        actor,
        station,
        body.reason,
        action="station.lost",
        state="lost",
        old=["running", "paused", "retired"],
    )


@router.get("/{station}/queue")
async def queue(desk: DeskDep, station: str) -> QueueView:
    async with desk.database.reading() as reader:
        found = await stations.find(reader, station)
        if found is None:
            raise NotFound
        row = await reader.fetchrow(views.STATION_QUEUE, station)
    assert row is not None
    blocked = [] if found["state"] == "running" else [f"station_{found['state']}"]
    return QueueView(
        depth=row["depth"],
        in_flight=row["in_flight"],
        oldest_seconds=float(row["oldest"]),
        dead_letters=0,
        blocked_by=(*blocked, *found["printer_reasons"]),
    )


async def _set(
    desk: Desk, actor: Actor, station: str, reason: str, *, action: str, state: str, old: list[str]
) -> dict[str, Any]:
    """Change a station's state. Whatever stops it frees what it has reserved, in the same transaction."""

    async def work(tx: Transaction) -> dict[str, Any]:
        found = await stations.find(tx, station)
        if found is None:
            raise NotFound
        authorize(actor, action, office=found["office"], station=station)
        row: Row | None = await stations.set_state(tx, station, state, reason, actor.subject, old)
        if row is not None and state != "running":
            await free_station(desk, tx, station, state)
        if row is not None and state == "lost":
            for given_up in await tx.fetch(attempts.GIVE_UP, station, actor.subject):
                await printing.book_uncertain(tx, given_up, actor.subject)
        tx.ring(desk.release_bell)
        return dict(row or found)

    return await desk.database.retrying(work)

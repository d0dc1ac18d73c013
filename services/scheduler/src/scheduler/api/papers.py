"""Papers of two persons: transfers, returns, destruction; and the list of all that was ever signed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, model_validator

from backbone.auth import ActorDep
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.api.stock import MOST, Witnessed, persons
from scheduler.store import papers
from scheduler.use_cases import papers as paperwork
from scheduler.use_cases.desk import Desk

router = APIRouter(prefix="/v1", tags=["stock"])

Number = Annotated[str, Field(min_length=1, max_length=60)]
Place = Annotated[str, Field(max_length=40)]
"""A station, or '' for the office's own store."""
After = Annotated[int, Field(ge=0, le=2**63 - 1)]
Kind = Literal["count", "transfer", "test_card", "return", "destruction"]


class Transfer(Witnessed):
    """From one place to another of the same office; the second person is who receives."""

    number: Number
    source: Place
    target: Place
    blanks: int = Field(ge=1, le=MOST)

    @model_validator(mode="after")
    def _two_places(self) -> "Transfer":
        if self.source == self.target:
            raise ValueError("source and target are the same place")
        return self


class Return(Witnessed):
    """Blanks that leave the office; of which lot, where it is known."""

    number: Number
    place: Place
    blanks: int = Field(ge=1, le=MOST)
    lot: str | None = Field(default=None, max_length=60)


class Destruction(Witnessed):
    """Spoiled `cards` (some of them by attempt) and damaged `blanks`, destroyed under one record number."""

    number: Number
    place: Place
    cards: int = Field(default=0, ge=0, le=MOST)
    blanks: int = Field(default=0, ge=0, le=MOST)
    attempts: tuple[UUID, ...] = Field(default=(), max_length=1000)

    @model_validator(mode="after")
    def _something(self) -> "Destruction":
        if self.cards + self.blanks < 1 or len(set(self.attempts)) > self.cards:
            raise ValueError("nothing to destroy, or more attempts than cards")
        return self


@router.post("/offices/{office}/transfers")
async def transfer(desk: DeskDep, actor: ActorDep, office: str, body: Transfer) -> dict[str, Any]:
    """Both sides at once; the same number again changes nothing."""
    authorize(actor, "stock.write", office=office)
    return await paperwork.transfer(
        desk,
        office,
        number=body.number,
        source=body.source,
        target=body.target,
        n=body.blanks,
        by=persons(actor, body),
        reason=body.reason,
    )


@router.post("/offices/{office}/returns")
async def give_back(desk: DeskDep, actor: ActorDep, office: str, body: Return) -> dict[str, Any]:
    authorize(actor, "stock.write", office=office)
    return await paperwork.give_back(
        desk,
        office,
        number=body.number,
        place=body.place,
        n=body.blanks,
        lot=body.lot,
        by=persons(actor, body),
        reason=body.reason,
    )


@router.post("/offices/{office}/destructions")
async def destroy(desk: DeskDep, actor: ActorDep, office: str, body: Destruction) -> dict[str, Any]:
    authorize(actor, "stock.write", office=office)
    return await paperwork.destroy(
        desk,
        office,
        number=body.number,
        place=body.place,
        cards=body.cards,
        blanks=body.blanks,
        attempts=body.attempts,
        by=persons(actor, body),
        reason=body.reason,
    )


@router.get("/destructions")
async def destructions(
    desk: DeskDep, actor: ActorDep, after: After = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Who destroyed what, before whom, when, under which record."""
    authorize(actor, "paper.read")
    return await _listed(desk, actor.prefix, "destruction", after, limit)


@router.get("/papers")
async def list_papers(
    desk: DeskDep, actor: ActorDep, kind: Kind | None = None, after: After = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """In the order they were entered; the next page starts after the last id."""
    authorize(actor, "paper.read")
    return await _listed(desk, actor.prefix, kind, after, limit)


async def _listed(desk: Desk, prefix: str, kind: str | None, after: int, limit: int) -> list[dict[str, Any]]:
    async with desk.database.reading() as reader:
        rows = await papers.listed(reader, prefix, kind, after, max(1, min(limit, 1000)))
    return [dict(row) for row in rows]

"""One application: the record, its history, the applicant's acts; and look-up in a body, never in a URL."""

from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, model_validator

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from intake.api.desk import DeskDep
from intake.use_cases import cases, commands, reopening

router = APIRouter(prefix="/v1/applications", tags=["applications"])


class Withdraw(Wire):
    reason: str = Field(min_length=3, max_length=500)


class Correct(Wire):
    """What changes, as raw text; an empty sex or phone takes it out. A note alone asks for another verification."""

    nik: str | None = None
    full_name: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    phone: str | None = None
    district_code: str | None = None
    reason: str | None = None
    note: str = Field(min_length=3, max_length=500)


class Collect(Wire):
    collector: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=500)


class Search(Wire):
    """Exactly one of the three."""

    nik: str | None = None
    receipt_number: str | None = None
    reference: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [self.nik, self.receipt_number, self.reference].count(None) != 2:
            raise ValueError("give one of nik, receipt_number and reference")
        return self


class Found(Wire):
    items: tuple[dict[str, Any], ...]


@router.post("/search")
async def search(desk: DeskDep, actor: ActorDep, body: Search) -> Found:
    rows = await cases.search(
        desk, actor, nik=body.nik, receipt_number=body.receipt_number, reference=body.reference
    )
    return Found(items=tuple(rows))


@router.get("/{application_id}")
async def read(desk: DeskDep, actor: ActorDep, application_id: UUID) -> dict[str, Any]:
    return await cases.read(desk, actor, application_id)


@router.get("/{application_id}/events")
async def events(desk: DeskDep, actor: ActorDep, application_id: UUID) -> list[dict[str, Any]]:
    return await cases.history(desk, actor, application_id)


@router.post("/{application_id}/withdraw", status_code=202)
async def withdraw(desk: DeskDep, actor: ActorDep, application_id: UUID, body: Withdraw) -> dict[str, Any]:
    return await commands.withdraw(desk, actor, application_id, body.reason)


@router.post("/{application_id}/correct", status_code=202)
async def correct(desk: DeskDep, actor: ActorDep, application_id: UUID, body: Correct) -> dict[str, Any]:
    changes = {name: value for name in commands.CORRECTABLE if (value := getattr(body, name)) is not None}
    return await commands.correct(desk, actor, application_id, changes, body.note)


@router.post("/{application_id}/reopen", status_code=202)
async def reopen(desk: DeskDep, actor: ActorDep, application_id: UUID, body: Withdraw) -> dict[str, Any]:
    """A supervisor's act on a refused or lapsed case; it waits again, or its card is there again to be collected."""
    return await reopening.reopen(desk, actor, application_id, body.reason)


@router.post("/{application_id}/collect", status_code=202)
async def collect(
    desk: DeskDep, actor: ActorDep, application_id: UUID, body: Collect | None = None
) -> dict[str, Any]:
    given = body or Collect()
    return await commands.collect(desk, actor, application_id, given.collector, given.note)

"""The calendars: their overrides set, tried first, ended; all with their history."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from backbone.auth import ActorDep
from backbone.calendar import CalendarName, Hours, Override
from backbone.contracts.message import Wire
from backbone.problems import FieldError, Invalid
from backbone.rights import Actor, authorize
from datacenter_gateway.api.deps import DeskDep
from datacenter_gateway.api.effect import PreviewView, view
from datacenter_gateway.store import calendars
from datacenter_gateway.use_cases import calendars as acts
from datacenter_gateway.use_cases.preview import preview

router = APIRouter(prefix="/calendars")


class OverrideBody(Wire):
    """Other hours from `from` until `until`: `hours` as `07:30-15:00`, or `closed`. `prefix`: whose (the token's)."""

    from_: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    hours: str | None = None
    closed: bool = False
    reason: str = Field(min_length=3, max_length=500)
    prefix: str | None = None


@router.get("")
async def get_calendars(actor: ActorDep, desk: DeskDep) -> dict[str, Any]:
    authorize(actor, "window.read")
    async with desk.database.reading() as reader:
        found = await calendars.in_force(reader)
        version = await calendars.version(reader)
    return {
        "version": version,
        "calendars": {name: calendar.to_json() for name, calendar in found.items()},
    }


@router.get("/{name}/overrides")
async def get_overrides(
    name: CalendarName, actor: ActorDep, desk: DeskDep, history: bool = False
) -> list[dict[str, Any]]:
    """The overrides that rule or will; with `history` every act ever, in order."""
    authorize(actor, "window.read")
    async with desk.database.reading() as reader:
        if history:
            return [_history_view(dict(row)) for row in await calendars.history(reader, name)]
        known = (await calendars.in_force(reader))[name].overrides
    return [one.to_json() for one in known if one.until > desk.clock.now()]


@router.put("/{name}/overrides")
async def put_override(
    name: CalendarName, body: OverrideBody, actor: ActorDep, desk: DeskDep
) -> dict[str, Any]:
    """Set other hours for a while, from now on at the earliest; the same again answers the one that stands."""
    try:
        found = await acts.set_override(desk, name, _wish(body, actor))
    except ValueError as error:
        raise _invalid("override", str(error)) from None
    return found.to_json()


@router.post("/{name}/overrides/preview")
async def preview_override(
    name: CalendarName, body: OverrideBody, actor: ActorDep, desk: DeskDep
) -> PreviewView:
    """What the same body would change if it were put now; nothing is written."""
    try:
        found = await preview(desk, name, _wish(body, actor))
    except ValueError as error:
        raise _invalid("override", str(error)) from None
    return view(name, found)


@router.delete("/{name}/overrides", status_code=204)
async def delete_override(
    name: CalendarName,
    actor: ActorDep,
    desk: DeskDep,
    override_id: Annotated[UUID, Query(alias="id")],
    reason: Annotated[str, Query(min_length=3, max_length=500)],
) -> None:
    """End an override now; what it ruled until now stays as it was."""
    found: Override | None = await acts.find_override(desk, name, str(override_id))
    authorize(actor, "window.write", office=actor.prefix if found is None else found.prefix)
    await acts.delete_override(desk, name, str(override_id), reason=reason, author=actor.subject)


def _wish(body: OverrideBody, actor: Actor) -> acts.Wish:
    prefix = actor.prefix if body.prefix is None else body.prefix
    authorize(actor, "window.write", office=prefix)
    if body.closed == (body.hours is not None):
        raise _invalid("hours", "either hours or closed")
    return acts.Wish(
        begin=body.from_,
        end=body.until,
        hours=Hours.parse("closed" if body.hours is None else body.hours),
        prefix=prefix,
        reason=body.reason,
        author=actor.subject,
    )


def _invalid(field: str, why_not: str) -> Invalid:
    return Invalid(
        errors=[
            FieldError(
                field=field,
                code="invalid",
                message_id="Jadwal khusus ini tidak sah: periksa waktu mulai, waktu akhir, jam dan wilayahnya.",
                message_en=why_not,
            )
        ]
    )


def _history_view(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "act": row["act"],
        "from": row["from_at"],
        "until": row["until_at"],
        "hours": row["hours"],
        "prefix": row["prefix"],
        "reason": row["reason"],
        "author": row["author"],
        "at": row["at"],
    }

"""The gateway over HTTP: the window, the calendars' overrides, an officer's resume, the records."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, Field

from backbone.auth import ActorDep, Ticket, Tickets
from backbone.calendar import CalendarName, Hours, Override, why
from backbone.contracts.message import Wire
from backbone.contracts.station import VerifiedRecord
from backbone.problems import FieldError, Forbidden, Invalid, Unauthenticated
from backbone.rights import Actor, authorize
from datacenter_gateway.domain.account import resumed
from datacenter_gateway.domain.report import Report, book
from datacenter_gateway.store import accounts, calendars
from datacenter_gateway.use_cases import calendars as calendar_acts
from datacenter_gateway.use_cases import records, window
from datacenter_gateway.use_cases.desk import Desk

router = APIRouter(prefix="/v1")


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _ticket(request: Request) -> Ticket:
    kind, _, signed = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "ticket" or not signed:
        raise Unauthenticated
    tickets: Tickets = request.app.state.tickets
    return tickets.check(signed.strip())


DeskDep = Annotated[Desk, Depends(_desk)]
TicketDep = Annotated[Ticket, Depends(_ticket)]


class OverrideBody(Wire):
    """Other hours from `from` until `until`: `hours` as `07:30-15:00`, or `closed`. `prefix`: whose (the token's)."""

    from_: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    hours: str | None = None
    closed: bool = False
    reason: str = Field(min_length=3, max_length=500)
    prefix: str | None = None


class ResumeBody(Wire):
    reason: str = Field(default="", max_length=500)


class RuleView(Wire):
    """What the calendar says now, and by which rule."""

    kind: Literal["weekly", "holiday", "override"]
    hours: str
    override: dict[str, Any] | None


class ReportView(Wire):
    """One day of the account: what the calendar gave, what was used, what was wasted (minutes) and why."""

    day: str
    opened: datetime | None
    closed: datetime | None
    open_minutes: float
    starts: int
    approvals: int
    wasted_minutes: dict[str, float]


class WindowView(Wire):
    """What the account may do now, until when, why, and what comes next."""

    account: str
    open: bool
    state: str
    cause: str
    since: datetime
    closes_at: datetime | None
    opens_at: datetime | None
    retry_at: datetime | None
    why: RuleView
    calls_per_hour: float | None
    quota_left: int | None
    call_seconds: float
    version: int
    today: ReportView
    now: datetime


@router.get("/window")
async def get_window(actor: ActorDep, desk: DeskDep) -> WindowView:
    authorize(actor, "window.read")
    async with desk.database.reading() as reader:
        account = await accounts.read(reader, desk.terms.account)
        calendar = (await calendars.in_force(reader))["centre"].for_office(account.prefix)
        report = await accounts.day(reader, account.name, account.report_day)
    now = desk.clock.now()
    rule = why(calendar, now)
    return WindowView(
        **{name: getattr(account, name) for name in WindowView.model_fields if hasattr(account, name)},
        account=account.name,
        open=account.state == "open",
        why=RuleView(
            kind=rule.kind,
            hours=str(rule.hours),
            override=None if rule.override is None else rule.override.to_json(),
        ),
        today=_report_view(book(report or _empty(account.report_day, now), account.state, calendar, now)),
        now=now,
    )


@router.get("/window/days")
async def get_days(actor: ActorDep, desk: DeskDep, limit: int = 31) -> list[ReportView]:
    """The window reports of past days, the latest first, each as far as it was settled."""
    authorize(actor, "window.read")
    async with desk.database.reading() as reader:
        found = await accounts.days(reader, desk.terms.account, min(limit, 400))
    return [_report_view(report) for report in found]


@router.post("/centre/resume")
async def resume(actor: ActorDep, desk: DeskDep, body: ResumeBody | None = None) -> dict[str, Any]:
    """An officer's word that calls may be tried again: after wrong credentials, or before a pause ends."""
    authorize(actor, "window.write", office=desk.terms.prefix)
    account = await window.act(desk, lambda account, now: resumed(account), author=actor.subject)
    return {"account": account.name, "state": account.state, "cause": account.cause}


@router.get("/calendars")
async def get_calendars(actor: ActorDep, desk: DeskDep) -> dict[str, Any]:
    authorize(actor, "window.read")
    async with desk.database.reading() as reader:
        found = await calendars.in_force(reader)
        version = await calendars.version(reader)
    return {
        "version": version,
        "calendars": {name: calendar.to_json() for name, calendar in found.items()},
    }


@router.get("/calendars/{name}/overrides")
async def get_overrides(
    name: CalendarName, actor: ActorDep, desk: DeskDep, history: bool = False
) -> list[dict[str, Any]]:
    """The overrides that stand; with `history` every act ever, in order."""
    authorize(actor, "window.read")
    async with desk.database.reading() as reader:
        if history:
            return [_history_view(dict(row)) for row in await calendars.history(reader, name)]
        return [one.to_json() for one in (await calendars.in_force(reader))[name].overrides]


@router.put("/calendars/{name}/overrides")
async def put_override(
    name: CalendarName, body: OverrideBody, actor: ActorDep, desk: DeskDep
) -> dict[str, Any]:
    """Set other hours for a while; the same again answers the one that stands."""
    prefix = actor.prefix if body.prefix is None else body.prefix
    authorize(actor, "window.write", office=prefix)
    try:
        found = await calendar_acts.set_override(
            desk,
            name,
            begin=body.from_,
            end=body.until,
            hours=_hours(body),
            prefix=prefix,
            reason=body.reason,
            author=actor.subject,
        )
    except ValueError as error:
        raise _invalid("override", str(error)) from None
    return found.to_json()


@router.delete("/calendars/{name}/overrides", status_code=204)
async def delete_override(
    name: CalendarName,
    actor: ActorDep,
    desk: DeskDep,
    override_id: Annotated[UUID, Query(alias="id")],
    reason: Annotated[str, Query(min_length=3, max_length=500)],
) -> None:
    """End an override now."""
    found: Override | None = await calendar_acts.find_override(desk, name, str(override_id))
    authorize(actor, "window.write", office=_prefix_of(found, actor))
    await calendar_acts.delete_override(desk, name, str(override_id), reason=reason, author=actor.subject)


@router.get("/records/{approval_id}")
async def get_record(
    approval_id: UUID, ticket: TicketDep, desk: DeskDep, response: Response
) -> VerifiedRecord:
    """The verified record of a living approval, for the station that holds its reserved attempt."""
    if ticket.approval_id != approval_id:
        raise Forbidden
    response.headers["Cache-Control"] = "no-store"
    return await records.read(desk, approval_id)


def _prefix_of(found: Override | None, actor: Actor) -> str:
    return actor.prefix if found is None else found.prefix


def _hours(body: OverrideBody) -> Hours:
    if body.closed == (body.hours is not None):
        raise _invalid("hours", "either hours or closed")
    return Hours.parse("closed" if body.hours is None else body.hours)


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


def _empty(day: Any, now: datetime) -> Report:
    return Report(day=day, settled_at=now - timedelta.resolution, booked_until=now)


def _report_view(report: Report) -> ReportView:
    wasted = {
        "no_requests": report.wasted_no_requests,
        "outage": report.wasted_outage,
        "quota": report.wasted_quota,
        "credentials": report.wasted_credentials,
    }
    return ReportView(
        day=report.day.isoformat(),
        opened=report.opened,
        closed=report.closed,
        open_minutes=round(report.open_seconds / 60, 2),
        starts=report.starts,
        approvals=report.approvals,
        wasted_minutes={cause: round(seconds / 60, 2) for cause, seconds in wasted.items()},
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

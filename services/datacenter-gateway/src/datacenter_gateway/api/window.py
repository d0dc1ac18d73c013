"""The window: what the account may do now, its days' reports, an officer's resume."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from backbone.auth import ActorDep
from backbone.calendar import Rule, why
from backbone.contracts.message import Wire
from backbone.public_holidays import holidays_between
from backbone.rights import authorize
from datacenter_gateway.api.deps import DeskDep
from datacenter_gateway.domain.account import resumed
from datacenter_gateway.domain.report import Report, book
from datacenter_gateway.store import accounts, calendars
from datacenter_gateway.use_cases import window

router = APIRouter()


class ResumeBody(Wire):
    reason: str = Field(default="", max_length=500)


class RuleView(Wire):
    """What the calendar says now, and by which rule; a holiday by its name."""

    kind: Literal["weekly", "holiday", "override"]
    hours: str
    holiday: str | None
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
    return WindowView(
        **{name: getattr(account, name) for name in WindowView.model_fields if hasattr(account, name)},
        account=account.name,
        open=account.state == "open",
        why=_rule_view(why(calendar, now)),
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


def _rule_view(rule: Rule) -> RuleView:
    names = holidays_between(rule.day, rule.day) if rule.kind == "holiday" else {}
    return RuleView(
        kind=rule.kind,
        hours=str(rule.hours),
        holiday=names.get(rule.day),
        override=None if rule.override is None else rule.override.to_json(),
    )


def _empty(day: date, now: datetime) -> Report:
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

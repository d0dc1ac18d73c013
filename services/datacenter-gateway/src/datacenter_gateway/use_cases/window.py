"""The account's window: settled by its calendar, by what the centre said, by an officer; announced at every change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import structlog

from backbone import failpoints
from backbone.calendar import Calendar
from backbone.contracts.gateway import VerificationReturned, WindowChanged
from backbone.database import Transaction
from datacenter_gateway.domain.account import Account, next_due, quota_day, settle
from datacenter_gateway.domain.report import Report, book
from datacenter_gateway.store import accounts, calendars, requests
from datacenter_gateway.use_cases.desk import Desk

log = structlog.get_logger()

Act = Callable[[Account, datetime], Account]


def leave(account: Account, now: datetime) -> Account:
    """The act that only lets time pass."""
    return account


async def open_account(desk: Desk) -> None:
    """At start-up: the account's row with the settings of now, announced."""
    terms, now = desk.terms, desk.clock.now()

    def with_settings(account: Account, now: datetime) -> Account:
        left = account.quota_left if account.quota == terms.quota else terms.quota
        return replace(
            account,
            prefix=terms.prefix,
            calls_per_hour=terms.calls_per_hour,
            quota=terms.quota,
            quota_left=left,
            approval_hours=terms.approval_hours,
        )

    async with desk.database.transaction() as tx:
        known = await calendars.in_force(tx)
        day = known["centre"].day_at(now)
        await tx.execute(
            accounts.MAKE,
            terms.account,
            terms.prefix,
            quota_day(now),
            terms.call_seconds,
            terms.approval_hours,
            day,
            terms.quota,
        )
        account = await turn(desk, tx, with_settings)
        if not any(isinstance(message, WindowChanged) for message in tx.owed):
            tx.owe(announcement(account, now))


async def run_once(desk: Desk) -> datetime:
    """Let time pass for the account; when to do so again."""
    async with desk.database.transaction() as tx:
        account = await turn(desk, tx)
        settled: datetime = await tx.fetchval(accounts.SETTLED, account.name)
        due = next_due(account, await _calendar(tx, account), settled)
    return desk.clock.now() + (due - settled)


async def act(desk: Desk, change: Act, *, claim: UUID | None = None, author: str = "gateway") -> Account:
    """Change the account in a transaction of its own; a claimed request goes back with it."""
    async with desk.database.transaction() as tx:
        return await turn(desk, tx, change, claim=claim, author=author)


async def turn(
    desk: Desk, tx: Transaction, change: Act = leave, *, claim: UUID | None = None, author: str = "gateway"
) -> Account:
    """Book the time up to now, change the account, settle it; announce what changed, give back what cannot start."""
    before, now = await accounts.lock(tx, desk.terms.account)
    calendar = await _calendar(tx, before)
    await _book(tx, before, calendar, now)
    account = settle(replace(change(before, now), report_day=calendar.day_at(now)), calendar, now)
    await accounts.save(tx, account)
    if account.version != before.version:
        await accounts.remember(tx, account, author)
        tx.owe(announcement(account, now))
        tx.ring(desk.window_bell)
        tx.ring(desk.calls_bell)
        log.info("window_changed", account=account.name, state=account.state, cause=account.cause)
    await _give_back(tx, account, claim, now)
    failpoints.hit("gateway.window")
    return account


async def _give_back(tx: Transaction, account: Account, claim: UUID | None, now: datetime) -> None:
    """Not asked: the claimed request, and where calls may not start all that wait."""
    shut = account.state != "open"
    if not shut and claim is None:
        return
    cause = f"{account.state}:{account.cause}" if shut else "no_answer"
    for row in await requests.give_back(tx, account.name, claim, all_waiting=shut):
        tx.owe(
            VerificationReturned(
                application_id=row["application_id"], round=row["round"], cause=cause, at=now
            )
        )


async def _book(tx: Transaction, account: Account, calendar: Calendar, now: datetime) -> None:
    """Book the report of every local day up to now, the account having been in its present state."""
    day, today = account.report_day, calendar.day_at(now)
    while day <= today:
        begin = _midnight(calendar, day)
        fresh = now if account.version == 0 else begin
        report = await accounts.day(tx, account.name, day) or Report(
            day=day, settled_at=fresh, booked_until=fresh
        )
        day += timedelta(days=1)
        until = now if day > today else _midnight(calendar, day)
        await accounts.save_day(tx, account.name, book(report, account.state, calendar, until))


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), calendar.zone).astimezone(UTC)


async def _calendar(tx: Transaction, account: Account) -> Calendar:
    known = await calendars.in_force(tx)
    return known["centre"].for_office(account.prefix)


def announcement(account: Account, at: datetime) -> WindowChanged:
    """What the account may do, as others hear it."""
    return WindowChanged(
        account=account.name,
        version=account.version,
        state=account.state,
        cause=account.cause,
        closes_at=account.closes_at,
        opens_at=account.opens_at,
        calls_per_hour=account.calls_per_hour,
        quota_left=account.quota_left,
        call_seconds=account.call_seconds,
        approval_hours=account.approval_hours,
        at=at,
    )

"""The calendars: seeded once, changed by an officer's dated overrides, announced whole at every change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from backbone import failpoints
from backbone.calendar import Hours, Override
from backbone.contracts.gateway import CalendarsChanged
from backbone.database import Row, Transaction
from backbone.problems import Conflict, NotFound
from backbone.public_holidays import holidays_between
from datacenter_gateway.store import calendars
from datacenter_gateway.use_cases import window
from datacenter_gateway.use_cases.desk import Desk

YEARS_AHEAD = 2


class AlreadyOver(Conflict):
    slug = "override-already-over"
    message_id = "Jadwal khusus ini sudah berakhir; yang lampau tidak diubah."
    message_en = "This override has ended; the past is not changed."


async def seed(desk: Desk) -> None:
    """At start-up: what is not there yet, the days off of coming years as now known, and the announcement."""
    async with desk.database.transaction() as tx:
        today = desk.clock.now().date()
        known = {row["name"]: row for row in await calendars.bases(tx)}
        for one in desk.terms.calendars:
            if one.name not in known:
                await calendars.seed(
                    tx,
                    name=one.name,
                    version=1,
                    tz=one.tz,
                    weekly=list(one.weekly),
                    follows_holidays=one.follows_holidays,
                    closed_on=_days_off(today.year) if one.follows_holidays else (),
                    known_until=_horizon(today.year),
                    author="settings",
                    local=one.local,
                )
        await _extend(tx, today, corrected=True)
        await announce(desk, tx)


async def refresh(desk: Desk) -> None:
    """Once a year: the days off of another year."""
    async with desk.database.transaction() as tx:
        if await _extend(tx, desk.clock.now().date()):
            await announce(desk, tx)


async def announce(desk: Desk, tx: Transaction) -> None:
    known = await calendars.in_force(tx)
    tx.owe(
        CalendarsChanged(
            version=await calendars.version(tx),
            calendars={name: calendar.to_json() for name, calendar in known.items()},
            at=desk.clock.now(),
        )
    )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """An officer's words: these hours from one moment until another, for the offices of a region."""

    begin: datetime
    end: datetime
    hours: Hours
    prefix: str
    reason: str
    author: str


def wanted(desk: Desk, wish: Wish) -> Override:
    """The override a wish makes, from now on at the earliest. Raises AlreadyOver, ValueError (see Override)."""
    now = desk.clock.now()
    if wish.begin < wish.end <= now:
        raise AlreadyOver
    return Override(
        id=str(desk.ids.new()),
        from_=max(wish.begin, now) if wish.begin < wish.end else wish.begin,
        until=wish.end,
        hours=wish.hours,
        prefix=wish.prefix,
        reason=wish.reason,
        author=wish.author,
        set_at=now,
    )


def standing(known: Iterable[Override], one: Override, now: datetime) -> Override | None:
    """The override that already says from now on what another would say, if there is one."""
    return next((other for other in known if _content(other, now) == _content(one, now)), None)


async def set_override(desk: Desk, name: str, wish: Wish) -> Override:
    """Set other hours for a while; the same again changes nothing. Raises AlreadyOver, ValueError (see Override)."""
    one = wanted(desk, wish)
    async with desk.database.transaction() as tx:
        await calendars.hold(tx)
        known = (await calendars.in_force(tx))[name].overrides
        same = standing(known, one, desk.clock.now())
        if same is not None:
            return same
        await _change(desk, tx, "set", name, one, reason=one.reason, author=one.author)
    return one


async def find_override(desk: Desk, name: str, override_id: str) -> Override | None:
    """One by its id; None where there is none, or it was deleted before it began."""
    async with desk.database.reading() as reader:
        known = (await calendars.in_force(reader))[name].overrides
    return next((one for one in known if one.id == override_id), None)


async def delete_override(desk: Desk, name: str, override_id: str, *, reason: str, author: str) -> None:
    """End an override now; its history stays. Deleted already: nothing. Raises NotFound, AlreadyOver."""
    async with desk.database.transaction() as tx:
        await calendars.hold(tx)
        rows = [row for row in await calendars.history(tx, name) if str(row["id"]) == override_id]
        if not rows:
            raise NotFound
        if any(row["act"] == "deleted" for row in rows):
            return
        known = (await calendars.in_force(tx))[name].overrides
        override = next(one for one in known if one.id == override_id)
        if override.until <= desk.clock.now():
            raise AlreadyOver
        await _change(desk, tx, "deleted", name, override, reason=reason, author=author)


async def _change(
    desk: Desk, tx: Transaction, act: str, name: str, override: Override, *, reason: str, author: str
) -> None:
    """The account is held and its time booked by the old calendar before the new one rules: no call in between."""
    await window.turn(desk, tx, author=author)
    await calendars.change(tx, act, name, override, reason=reason, author=author)
    failpoints.hit("gateway.calendar")
    await window.turn(desk, tx, author=author)
    await announce(desk, tx)
    tx.ring(desk.window_bell)


async def _extend(tx: Transaction, today: date, *, corrected: bool = False) -> bool:
    """Append the days off of another year, or with `corrected` also what is known better now of the coming ones."""
    extended = False
    for row in await calendars.bases(tx):
        late = row["known_until"] < _horizon(today.year)
        if row["follows_holidays"] and (late or corrected):
            known = sorted(date.fromisoformat(day) for day in row["closed_on"])
            # A day that was only estimated gives way to the decreed one; what is over stays as it was.
            days = [day for day in known if day < today] + [
                day for day in _days_off(today.year) if day >= today
            ]
            if late or days != known:
                await _append(tx, row, days, _horizon(today.year))
                extended = True
    return extended


async def _append(tx: Transaction, row: Row, closed_on: Iterable[date], known_until: date) -> None:
    await calendars.seed(
        tx,
        name=row["name"],
        version=row["version"] + 1,
        tz=row["tz"],
        weekly=row["weekly"],
        follows_holidays=True,
        closed_on=closed_on,
        known_until=known_until,
        author="holidays",
        local=row["local"],
    )


def _horizon(year: int) -> date:
    return date(year + YEARS_AHEAD, 12, 31)


def _days_off(year: int) -> Iterable[date]:
    return holidays_between(date(year - 1, 1, 1), _horizon(year))


def _content(one: Override, now: datetime) -> tuple[object, ...]:
    return max(one.from_, now), one.until, one.hours, one.prefix

"""Calendars and overrides, with all their history."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast, get_args
from uuid import UUID

from backbone.calendar import Calendar, CalendarName, Hours, Override
from backbone.database import Reader, Row, Transaction

NAMES: tuple[CalendarName, ...] = get_args(CalendarName)

SEED = """INSERT INTO calendar (name, version, tz, weekly, follows_holidays, closed_on, known_until, author, local)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING"""
HOLD = "SELECT 1 FROM calendar WHERE version = 1 ORDER BY name FOR UPDATE"
BASES = """SELECT DISTINCT ON (name) * FROM calendar WHERE $1::timestamptz IS NULL OR set_at <= $1
ORDER BY name, version DESC"""
# One that was deleted while it ruled keeps the past it made; one deleted before never was.
OVERRIDES = """SELECT o.*, least(o.until_at, d.at) AS ended_at FROM override o
LEFT JOIN override d ON d.id = o.id AND d.act = 'deleted' AND ($1::timestamptz IS NULL OR d.at <= $1)
WHERE o.act = 'set' AND ($1::timestamptz IS NULL OR o.at <= $1) AND (d.at IS NULL OR d.at > o.from_at)
ORDER BY o.change"""
HISTORY = "SELECT * FROM override WHERE calendar = $1 ORDER BY change"
VERSION = "SELECT (SELECT coalesce(max(change), 0) FROM override) + (SELECT count(*) FROM calendar)"
CHANGE = """INSERT INTO override (id, act, calendar, from_at, until_at, hours, prefix, reason, author)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING at"""


async def seed(
    tx: Transaction,
    *,
    name: str,
    version: int,
    tz: str,
    weekly: list[str],
    follows_holidays: bool,
    closed_on: Iterable[date],
    known_until: date,
    author: str,
    local: bool = False,
) -> None:
    """Append one version of a calendar; nothing where it is there."""
    days = [day.isoformat() for day in closed_on]
    await tx.execute(SEED, name, version, tz, weekly, follows_holidays, days, known_until, author, local)


async def hold(tx: Transaction) -> None:
    """One change of calendars at a time."""
    await tx.fetch(HOLD)


async def bases(reader: Reader) -> list[Row]:
    """The calendars' rows in force, without overrides."""
    return await reader.fetch(BASES, None)


async def in_force(reader: Reader, at: datetime | None = None) -> dict[str, Calendar]:
    """The calendars as they were known at a moment (None: now), with every office's overrides."""
    overrides = [(row["calendar"], _override(row)) for row in await reader.fetch(OVERRIDES, at)]
    return {
        row["name"]: Calendar(
            name=cast("CalendarName", row["name"]),
            tz=row["tz"],
            weekly=tuple(Hours.from_json(text) for text in row["weekly"]),
            closed_on=frozenset(date.fromisoformat(day) for day in row["closed_on"]),
            overrides=tuple(one for name, one in overrides if name == row["name"]),
            local=row["local"],
        )
        for row in await reader.fetch(BASES, at)
    }


async def version(reader: Reader) -> int:
    """Grows with every change of any calendar."""
    return int(await reader.fetchval(VERSION))


async def history(reader: Reader, name: str) -> list[Row]:
    return await reader.fetch(HISTORY, name)


async def change(
    tx: Transaction, act: str, name: str, override: Override, *, reason: str, author: str
) -> datetime:
    """Append that an override was set or deleted; when."""
    at: Any = await tx.fetchval(
        CHANGE,
        UUID(override.id),
        act,
        name,
        override.from_,
        override.until,
        override.hours.to_json(),
        override.prefix,
        reason,
        author,
    )
    return cast("datetime", at)


def _override(row: Row) -> Override:
    return Override(
        id=str(row["id"]),
        from_=row["from_at"],
        until=row["ended_at"],
        hours=Hours.from_json(row["hours"]),
        prefix=row["prefix"],
        reason=row["reason"],
        author=row["author"],
        set_at=row["at"],
    )

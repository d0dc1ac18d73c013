"""Promise 5: every call's start inside the calendar in force at its time, within rate and quota; the centre's own log."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from backbone.calendar import Calendar, Hours, Override, is_open
from backbone.database import Row
from onebox.audit.check import World

CENTRE_ZONE = ZoneInfo("Asia/Jakarta")
CALLS = "SELECT account, at, method FROM gateway.call_start ORDER BY account, at, id"
ACCOUNTS = "SELECT name, prefix, calls_per_hour, quota FROM gateway.account"
CALENDARS = "SELECT * FROM gateway.calendar WHERE name = 'centre' ORDER BY version"
OVERRIDES = "SELECT * FROM gateway.override WHERE calendar = 'centre' ORDER BY change"
FORGOTTEN = "SELECT known_until, began_at FROM scheduler.recovery"
JITTER = 0.001
"""Seconds that rounding to microseconds may take from a gap."""


async def calls_inside_window(world: World) -> Sequence[tuple[str, str]]:
    calendars = await world.reader.fetch(CALENDARS)
    overrides = await world.reader.fetch(OVERRIDES)
    changes = sorted({row["set_at"] for row in calendars} | {row["at"] for row in overrides})
    known: dict[tuple[int, str], Calendar] = {}
    prefixes = {row["name"]: row["prefix"] for row in await world.reader.fetch(ACCOUNTS)}
    found = []
    for call in await world.reader.fetch(CALLS):
        prefix = prefixes[call["account"]]
        stretch = bisect_right(changes, call["at"])
        if stretch == 0:
            found.append((f"call {call['at']}", "started before any calendar was set"))
            continue
        if (stretch, prefix) not in known:
            known[stretch, prefix] = _in_force(calendars, overrides, changes[stretch - 1], prefix)
        if not is_open(known[stretch, prefix], call["at"]):
            found.append(
                (f"call {call['at']}", f"{call['method']} started while the centre's calendar was shut")
            )
    return found


def _in_force(calendars: Sequence[Row], overrides: Sequence[Row], at: datetime, prefix: str) -> Calendar:
    """The centre's calendar as it stood just after a change."""
    row = max((row for row in calendars if row["set_at"] <= at), key=lambda row: row["version"])
    deleted = {row["id"] for row in overrides if row["act"] == "deleted" and row["at"] <= at}
    standing = [
        row for row in overrides if row["act"] == "set" and row["at"] <= at and row["id"] not in deleted
    ]
    return Calendar(
        name="centre",
        tz=row["tz"],
        weekly=tuple(Hours.parse(text) for text in row["weekly"]),
        closed_on=frozenset(date.fromisoformat(day) for day in row["closed_on"] if row["follows_holidays"]),
        overrides=tuple(_override(standing_row) for standing_row in standing),
    ).for_office(prefix)


def _override(row: Row) -> Override:
    return Override(
        id=str(row["id"]),
        from_=row["from_at"],
        until=row["until_at"],
        hours=Hours.parse(row["hours"]),
        prefix=row["prefix"],
        reason=row["reason"],
        author=row["author"],
        set_at=row["at"],
    )


async def calls_within_rate_and_quota(world: World) -> Sequence[tuple[str, str]]:
    calls = await world.reader.fetch(CALLS)
    found = []
    for account in await world.reader.fetch(ACCOUNTS):
        starts = [call["at"] for call in calls if call["account"] == account["name"]]
        gap = 3600 / account["calls_per_hour"] - JITTER if account["calls_per_hour"] else 0.0
        found += [
            (
                f"{account['name']} {later}",
                f"started {(later - earlier).total_seconds():.3f} s after the one before",
            )
            for earlier, later in pairwise(starts)
            if (later - earlier).total_seconds() < gap
        ]
        days = Counter(start.astimezone(CENTRE_ZONE).date() for start in starts)
        found += [
            (f"{account['name']} {day}", f"{n} calls, quota {account['quota']}")
            for day, n in days.items()
            if account["quota"] is not None and n > account["quota"]
        ]
    return found


async def centre_saw_our_calls(world: World) -> Sequence[tuple[str, str]]:
    """No call reached the centre without a permit of ours (a permitted one may have been lost on the way).

    What was permitted between a backup and its restore is forgotten here, and remembered there.
    """
    if world.witnesses.calls is None:
        return []
    ours = Counter(row["method"] for row in await world.reader.fetch(CALLS))
    forgotten = await world.reader.fetch(FORGOTTEN)
    theirs = Counter(
        str(call["method"])
        for call in world.witnesses.calls
        if not (forgotten and "started_at" in call and _lies_in(str(call["started_at"]), forgotten))
    )
    return [
        (method, f"the centre saw {n} calls, we permitted {ours[method]}")
        for method, n in theirs.items()
        if n > ours[method]
    ]


def _lies_in(moment: str, stretches: Sequence[Row]) -> bool:
    at = datetime.fromisoformat(moment)
    return any(row["known_until"] <= at <= row["began_at"] for row in stretches)

"""Service targets: within how many hours of counter time a card of each kind is to be ready; and who is at risk of more.

An application's time runs while the counter is open, from when it was received, and stands still while its applicant
must act: `ranked_from` has moved by that, and what the applicant holds now is not looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backbone import calendar
from backbone.calendar import Calendar, Hours
from backbone.database import Reader, Row
from backbone.problems import FieldError, Invalid, NotFound
from scheduler.domain.targets import BadCursor, Mark, Marks, page_of, read_cursor, risk, write_cursor
from scheduler.store import targets
from scheduler.use_cases.desk import Desk

BEGINNING: Mark = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
ALWAYS = (Hours.parse("00:00-24:00"),) * 7
BAD_CURSOR = FieldError(
    field="after",
    code="cursor",
    message_id="Kursor ini tidak dari daftar ini.",
    message_en="This cursor is not of this list.",
)


async def current(desk: Desk, office: str) -> tuple[Row | None, list[Row]]:
    """The targets in force, None where none were ever set, and the last hundred versions."""
    async with desk.database.reading() as reader:
        await _office(reader, office)
        found = await targets.versions(reader, office)
    return (found[0] if found else None), found


async def put(desk: Desk, office: str, hours: Mapping[str, float], *, author: str, reason: str) -> Row:
    """A new version that holds at once: all targets of the office; a kind that is left out has none. Raises NotFound."""
    async with desk.database.transaction() as tx:
        row = await targets.add(tx, office, hours, author, reason)
    if row is None:
        raise NotFound
    return row


async def at_risk(desk: Desk, office: str, *, share: float, after: str | None, limit: int) -> dict[str, Any]:
    """Those that have used up `share` of their target or more, by when they are due, the worst first.

    Raises NotFound for an unknown office, Invalid for a cursor of another list.
    """
    try:
        marks = read_cursor(after)
    except BadCursor:
        raise Invalid(errors=[BAD_CURSOR]) from None
    async with desk.database.reading() as reader:
        now, zone = await _office(reader, office)
        stored = await targets.current(reader, office)
        counter = await _counter(desk, reader, office, zone)
        hours = {} if stored is None else stored["hours"]
        cuts = list(_cuts(counter, now, hours, share, marks))
        rows = await targets.late(reader, office, cuts, limit + 1) if cuts else []
    used = _used(counter, now, rows)
    risks = [
        risk(row, hours[row["kind"]], used[row["id"]], _due(counter, row, hours[row["kind"]])) for row in rows
    ]
    page, more = page_of(risks, limit)
    return {
        "office": office,
        "as_of": now,
        "targets_version": None if stored is None else stored["version"],
        "targets": hours,
        "share": share,
        "items": [asdict(one) for one in page],
        "next": write_cursor(marks, page) if more else None,
    }


async def _office(reader: Reader, office: str) -> tuple[datetime, str]:
    row = await reader.fetchrow("SELECT tz, backbone.now() AS now FROM office WHERE code = $1", office)
    if row is None:
        raise NotFound
    return row["now"], row["tz"]


async def _counter(desk: Desk, reader: Reader, office: str, zone: str) -> Calendar:
    """The office's counter hours; every hour counts while the gateway has not told any."""
    found = (await desk.calendars(reader)).get("counter")
    if found is None:
        return Calendar(name="counter", tz=zone, weekly=ALWAYS)
    return found.for_office(office)


def _cuts(
    counter: Calendar, now: datetime, hours: Mapping[str, float], share: float, marks: Marks
) -> Iterator[targets.Cut]:
    """Of each kind the last moment from which a case at risk may date; none for a target longer than any past."""
    for kind, target in sorted(hours.items()):
        cut = calendar.retreat(counter, now, share * target * 3600)
        if cut is not None:
            yield (kind, cut, *marks.get(kind, BEGINNING))


def _used(counter: Calendar, now: datetime, rows: Sequence[Row]) -> dict[UUID, float]:
    """The counter's seconds each case has used, in one walk back through the calendar for all."""
    found: dict[UUID, float] = {}
    spent, later = 0.0, now
    for row in sorted(rows, key=lambda row: row["ranked_from"], reverse=True):
        spent += calendar.open_seconds(counter, row["ranked_from"], later)
        found[row["id"]], later = spent, row["ranked_from"]
    return found


def _due(counter: Calendar, row: Row, hours: float) -> datetime | None:
    return calendar.advance(counter, row["ranked_from"], hours * 3600)

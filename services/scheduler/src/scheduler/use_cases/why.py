"""Why nothing moves: an office at each of its stages, or one station; and what happens next."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Self

from backbone import calendar
from backbone.calendar import Calendar
from backbone.database import Reader, Row
from backbone.problems import NotFound
from backbone.rights import Actor, authorize
from scheduler.domain.office_blockers import Crowd, OfficeView, aside, printing_stops, stages
from scheduler.domain.policy import Policy, parse_rules
from scheduler.domain.room import StationRoom, print_room
from scheduler.domain.station_blockers import StationView, station_stops
from scheduler.store import lanes, stations, views
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.release import centre_open, of_office, printable, verify_view

Standing = Mapping[str, tuple[int, datetime | None]]
NEXT_TEXTS = {
    "centre_opens": ("Pusat data buka.", "The data centre opens."),
    "centre_closes": ("Pusat data tutup.", "The data centre closes."),
    "printing_opens": ("Jam cetak mulai.", "Printing hours begin."),
    "printing_closes": ("Jam cetak berakhir.", "Printing hours end."),
    "delivery": ("Blangko yang diumumkan datang.", "Announced blanks arrive."),
    "in_review": ("Permohonan yang ditahan kembali menunggu.", "A held application waits again."),
    "needs_correction": ("Permohonan yang tidak diperbaiki gugur.", "An application not corrected lapses."),
    "deferred": (
        "Data yang belum siap ditanyakan lagi.",
        "A record that was not ready is asked for again.",
    ),
}


async def of_offices(
    desk: Desk, actor: Actor, prefix: str, after: str, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the offices at or below a prefix, by code after `after`, and where the next page begins.

    Raises Forbidden; NotFound where there is no such office.
    """
    authorize(actor, "queue.read", office=prefix)
    async with desk.database.reading() as reader:
        codes = [row["code"] for row in await reader.fetch(views.OFFICES_PAGE, prefix, after, limit)]
        found = [await _office(desk, reader, code) for code in codes]
    if not found and not after:
        raise NotFound
    return found, codes[-1] if len(codes) == limit else None


async def of_station(desk: Desk, actor: Actor, station: str) -> dict[str, Any]:
    """Why this station has no card in hand, or does not print. Raises NotFound, Forbidden."""
    async with desk.database.reading() as reader:
        found = await stations.find(reader, station)
        if found is None:
            raise NotFound
        authorize(actor, "station.read", office=found["office"], station=station)
        look = await _Look.at(desk, reader, found["office"])
        mine = await reader.fetchrow(views.STATION_SEEN, station, desk.terms.silent)
    assert mine is not None
    view = look.view
    own = station_stops(_station(mine, view.next_delivery), asleep=view.printing_shut)
    # What stops all stations is told of this one by its own reasons.
    common = [stop for stop in printing_stops(view) if not stop.stations and stop.code != "no_station"]
    verification, printing = stages(view)
    nothing = printing.cards == 0
    return {
        "station": station,
        "office": found["office"],
        "as_of": view.now,
        "state": found["state"],
        "in_hand": mine["live"],
        "slots": mine["slots"],
        "approved": printing.cards,
        "blockers": [asdict(stop) for stop in (*own, *common)],
        "nothing_approved": nothing,
        "verification": asdict(verification) if nothing else None,
        "next": _next(look, {}),
    }


async def _office(desk: Desk, reader: Reader, office: str) -> dict[str, Any]:
    look = await _Look.at(desk, reader, office)
    terms = {row["state"]: row["due_at"] for row in await reader.fetch(views.TERMS, office)}
    standing = {state: (look.counted(state), due) for state, due in terms.items()}
    both = stages(look.view)
    return {
        "office": office,
        "as_of": look.view.now,
        "moving": any(stage.room > 0 for stage in both),
        "stages": [asdict(stage) for stage in both],
        "aside": [asdict(hold) for hold in aside(look.view, standing)],
        "next": _next(look, standing),
    }


class _Look:
    """An office as release would find it now: its turn's numbers, its counts, its view."""

    def __init__(
        self, turn: Row, counts: Sequence[Row], frozen: Sequence[Row], calendars: Mapping[str, Calendar]
    ) -> None:
        self.turn = turn
        self.calendars = calendars
        self.policy: Policy = parse_rules(turn["rules"], version=turn["version"])
        self._counts = counts
        self._frozen = frozen
        self.view: OfficeView

    @classmethod
    async def at(cls, desk: Desk, reader: Reader, office: str) -> Self:
        turn = await lanes.look(reader, office, desk.terms.approval_margin, desk.terms.silent)
        if turn is None:
            raise NotFound
        look = cls(
            turn,
            await views.counts(reader, office),
            await reader.fetch(views.FROZEN, office),
            await desk.calendars(reader, turn["calendars_version"]),
        )
        rows = await reader.fetch(views.STATIONS_SEEN, office, desk.terms.silent)
        delivery: datetime | None = await reader.fetchval(views.DELIVERY, office)
        look.view = look._view(desk, rows, delivery)
        return look

    def counted(self, state: str) -> int:
        return sum(row["n"] for row in self._counts if row["state"] == state)

    def hours(self, name: str) -> Calendar | None:
        return of_office(self.calendars, name, self.turn["code"])

    def _view(self, desk: Desk, rows: Sequence[Row], delivery: datetime | None) -> OfficeView:
        turn, now = self.turn, self.turn["now"]
        printing = self.hours("printing")
        shut = printing is not None and not calendar.is_open(printing, now)
        ends = [s.until for s in self.policy.suspensions if self.policy.is_suspended(s.kind, now)]
        seen = OfficeView(
            now=now,
            recovering=turn["recovering"],
            waiting=self._crowd("waiting"),
            approved=self._approved(),
            centre_state=turn["centre_state"] or "unknown",
            centre_open=centre_open(turn),
            centre_opens_at=turn["opens_at"],
            print_needs_centre=not turn["print_after_close"],
            printing_shut=shut,
            printing_opens_at=calendar.opens_at(printing, now) if shut and printing is not None else None,
            blanks=turn["blanks"],
            verify=verify_view(desk, turn, self.policy, self.calendars, 0),
            stations=tuple(_station(row, delivery) for row in rows),
            next_delivery=delivery,
            suspended_until=min((end for end in ends if end is not None), default=None),
        )
        reserved = self._leaving(seen)
        return replace(seen, verify=verify_view(desk, turn, self.policy, self.calendars, reserved))

    def _leaving(self, seen: OfficeView) -> int:
        """How many approved cards go to the stations first, before verification looks."""
        if printing_stops(seen):
            return 0
        room = sum(print_room([station.room for station in seen.stations]).values())
        return min(room, printable(self.turn, self.policy))

    def _crowd(self, state: str) -> Crowd:
        suspended = sum(row["n"] for row in self._counts if row["state"] == state and self._idle(row["kind"]))
        frozen = sum(
            row["n"] for row in self._frozen if row["state"] == state and not self._idle(row["kind"])
        )
        return Crowd(cards=self.counted(state), suspended=suspended, frozen=frozen)

    def _approved(self) -> Crowd:
        crowd = self._crowd("approved")
        return replace(crowd, ending=max(0, crowd.ready - printable(self.turn, self.policy)))

    def _idle(self, kind: str) -> bool:
        return self.policy.is_suspended(kind, self.turn["now"])


def _station(row: Row, next_delivery: datetime | None) -> StationView:
    return StationView(
        room=StationRoom(
            id=row["id"],
            slots=row["slots"],
            live=row["live"],
            blanks=row["blanks"] or 0,
            running=row["state"] == "running" and row["printer"] == "ready",
            seen=row["seen"],
            uncertain=row["uncertain"] > 0,
        ),
        state=row["state"],
        why=row["reason"],
        by=row["state_by"],
        seen_at=row["seen_at"],
        printer_reasons=tuple(row["printer_reasons"]),
        uncertain=row["uncertain"],
        next_delivery=next_delivery,
    )


def _next(look: _Look, standing: Standing) -> list[dict[str, Any]]:
    """What is known to happen next, by time: openings and closings, blanks, dates of what stands aside."""
    now, printing = look.view.now, look.hours("printing")
    moments: dict[str, datetime | None] = {
        "centre_closes": look.turn["closes_at"] if look.view.centre_open else None,
        "centre_opens": None if look.view.centre_open else look.turn["opens_at"],
        "delivery": look.view.next_delivery,
        **{state: due for state, (n, due) in standing.items() if n},
    }
    if printing is not None:
        moments["printing_opens" if look.view.printing_shut else "printing_closes"] = calendar.next_change(
            printing, now
        )
    return [
        {"code": code, "at": at, "message_id": NEXT_TEXTS[code][0], "message_en": NEXT_TEXTS[code][1]}
        for code, at in sorted(
            ((code, at) for code, at in moments.items() if at is not None), key=lambda one: one[1]
        )
    ]

"""Why one station has no card in hand or takes no other: every reason at once. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.blockers import Blocker
from scheduler.domain.room import StationRoom


@dataclass(frozen=True, kw_only=True, slots=True)
class StationView:
    """One station as the office sees it. `why` and `by`: who set its state, and why; `seen_at` in UTC, None: never."""

    room: StationRoom
    state: str
    why: str = ""
    by: str = ""
    seen_at: datetime | None = None
    printer_reasons: tuple[str, ...] = ()
    uncertain: int = 0
    next_delivery: datetime | None = None


Rule = Callable[[StationView], Blocker | None]

STATE_WORDS = {
    "paused": ("Stasiun sedang dijeda", "The station is paused"),
    "lost": ("Stasiun dinyatakan hilang", "The station was declared lost"),
    "retired": ("Stasiun sudah tidak dipakai", "The station is retired"),
}


def station_stops(seen: StationView, *, asleep: bool = False) -> tuple[Blocker, ...]:
    """All that keeps another card from this station; none exactly where it has room.

    `asleep`: outside printing hours a station says nothing, and that is no reason.
    """
    rules = [rule for rule in RULES if not (asleep and rule is _silent)]
    return tuple(found for rule in rules if (found := rule(seen)) is not None)


def stops_of_all(
    stations: Sequence[StationView], *, asleep: bool = False
) -> list[tuple[Blocker, tuple[str, ...]]]:
    """Each reason once, with the stations it stops; none where one of them has room. No station is a reason too."""
    if not stations:
        return [(NO_STATION, ())]
    found = [(station.room.id, station_stops(station, asleep=asleep)) for station in stations]
    if any(not stops for _, stops in found):
        return []
    by_code: dict[str, tuple[Blocker, tuple[str, ...]]] = {}
    for name, stops in found:
        for stop in stops:
            first, names = by_code.get(stop.code, (stop, ()))
            by_code[stop.code] = (first, (*names, name))
    return list(by_code.values())


NO_STATION = Blocker(
    code="no_station",
    owner="supervisor",
    message_id="Kantor ini belum punya stasiun cetak.",
    message_en="This office has no printer station yet.",
)


def _state(seen: StationView) -> Blocker | None:
    if seen.state == "running":
        return None
    indonesian, english = STATE_WORDS[seen.state]
    return Blocker(
        code=f"station_{seen.state}",
        owner="operator" if seen.state == "paused" else "supervisor",
        message_id=f"{indonesian} oleh {seen.by or '-'}: {seen.why or '-'}.",
        message_en=f"{english} by {seen.by or '-'}: {seen.why or '-'}.",
    )


def _silent(seen: StationView) -> Blocker | None:
    if seen.room.seen:
        return None
    since = "-" if seen.seen_at is None else seen.seen_at.isoformat(timespec="seconds")
    return Blocker(
        code="station_silent",
        owner="operator",
        message_id=f"Stasiun tidak melapor (terakhir {since}): periksa listrik dan jaringannya.",
        message_en=f"The station does not report (last at {since}): look at its power and network.",
    )


def _printer(seen: StationView) -> Blocker | None:
    # A station that is not running says so itself; `running` of its room counts the printer in.
    if seen.room.running or seen.state != "running":
        return None
    reasons = ", ".join(seen.printer_reasons) or "-"
    if any(reason.startswith("marker-supply-empty") for reason in seen.printer_reasons):
        return Blocker(
            code="ribbon_out",
            owner="operator",
            message_id=f"Pita atau film habis ({reasons}): pasang gulungan baru.",
            message_en=f"Ribbon or film is used up ({reasons}): put in a new roll.",
        )
    return Blocker(
        code="printer_stopped",
        owner="operator",
        message_id=f"Pencetak berhenti ({reasons}) dan perlu ditangani.",
        message_en=f"The printer has stopped ({reasons}) and needs a hand.",
    )


def _uncertain(seen: StationView) -> Blocker | None:
    if not seen.room.uncertain:
        return None
    return Blocker(
        code="uncertain_card",
        owner="operator",
        message_id=f"{seen.uncertain} kartu tidak pasti nasibnya: lihat, lalu putuskan.",
        message_en=f"The fate of {seen.uncertain} card(s) is uncertain: look, then decide.",
    )


def _blanks(seen: StationView) -> Blocker | None:
    if seen.room.blanks > 0:
        return None
    return Blocker(
        code="no_blanks",
        owner="supplier",
        message_id="Blangko di stasiun ini habis.",
        message_en="There are no blank cards at this station.",
        clears_at=seen.next_delivery,
    )


def _full(seen: StationView) -> Blocker | None:
    if seen.room.live < seen.room.slots:
        return None
    return Blocker(
        code="slots_full",
        owner="nobody",
        message_id=f"{seen.room.live} kartu sudah di tangan; yang berikut menyusul bila satu selesai.",
        message_en=f"{seen.room.live} card(s) are in hand; the next comes when one is done.",
    )


RULES: tuple[Rule, ...] = (_state, _silent, _printer, _uncertain, _blanks, _full)

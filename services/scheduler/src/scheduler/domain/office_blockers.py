"""Why nothing moves in an office: at each stage every reason by which release picks nothing, and what stands aside. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from scheduler.domain.blockers import (
    RECOVERING,
    Blocker,
    Owner,
    centre_blocker,
    no_blanks,
    printing_closed,
)
from scheduler.domain.room import BLANKS, VerifyView, station_room, verify_room, verify_stops
from scheduler.domain.station_blockers import NO_STATION, StationView, stops_of_all


@dataclass(frozen=True, kw_only=True)
class Hold(Blocker):
    """A reason, how many cards it holds, and at which stations."""

    cards: int
    stations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """The cards before a stage. Of `cards`, those of suspended reasons, frozen by incidents, or near their approval's end
    are not to be picked; `ready` are.
    """

    cards: int
    suspended: int = 0
    frozen: int = 0
    ending: int = 0

    @property
    def ready(self) -> int:
        return self.cards - self.suspended - self.frozen - self.ending


@dataclass(frozen=True, kw_only=True)
class OfficeView:
    """What is known of an office now. Moments in UTC; `printing_opens_at` only while printing hours are over.

    `blanks` in sight; `verify` is what verification sees once what may be printed has gone to the stations.
    """

    now: datetime
    recovering: bool
    waiting: Crowd
    approved: Crowd
    centre_state: str
    centre_open: bool
    centre_opens_at: datetime | None
    print_needs_centre: bool
    printing_shut: bool
    printing_opens_at: datetime | None
    blanks: int
    verify: VerifyView
    stations: tuple[StationView, ...]
    next_delivery: datetime | None = None
    suspended_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: how many cards wait before it, how many may go on now, what limits that, and what stops it whole."""

    name: Literal["verification", "printing"]
    cards: int
    room: int
    limited_by: str | None
    blockers: tuple[Hold, ...] = field(default=())


def stages(seen: OfficeView) -> tuple[Stage, Stage]:
    """Both stages. Where cards wait, a stage has reasons exactly where release would pick none of them."""
    depth = verify_room(seen.verify)
    moves = not seen.recovering and seen.waiting.ready > 0
    verification = Stage(
        name="verification",
        cards=seen.waiting.cards,
        room=min(depth.room, seen.waiting.ready) if moves else 0,
        limited_by=depth.binding,
        blockers=_verification(seen) if seen.waiting.cards else (),
    )
    holds = printing_stops(seen)
    room = min(sum(station_room(station.room) for station in seen.stations), seen.approved.ready)
    printing = Stage(
        name="printing",
        cards=seen.approved.cards,
        room=0 if holds else room,
        limited_by=None,
        blockers=holds if seen.approved.cards else (),
    )
    return verification, printing


def printing_stops(seen: OfficeView) -> tuple[Hold, ...]:
    """What keeps an approved card from every station; that none is approved is not among it."""
    n = seen.approved.cards
    found = [*_recovering(seen, n), *_hours(seen, n)]
    if seen.print_needs_centre and not seen.centre_open:
        found.append(_centre(seen, n))
    found += _unready(seen, seen.approved)
    found += [_hold(stop, n, names) for stop, names in stops_of_all(seen.stations, asleep=seen.printing_shut)]
    return tuple(found)


def _verification(seen: OfficeView) -> tuple[Hold, ...]:
    n = seen.waiting.cards
    found = [*_recovering(seen, n), *_unready(seen, seen.waiting)]
    for binding in verify_stops(seen.verify):
        if binding == "window" and not seen.centre_open:
            found.append(_centre(seen, n))
        elif binding == "stations":
            found += _no_pace(seen, n)
        elif binding == BLANKS and seen.blanks <= 0:
            found.append(_no_blanks(seen, n))
        else:
            found.append(_of(LIMITS[binding], n))
    return tuple(found)


def _recovering(seen: OfficeView, cards: int) -> list[Hold]:
    return [_hold(RECOVERING, cards)] if seen.recovering else []


def _hours(seen: OfficeView, cards: int) -> list[Hold]:
    return [_hold(printing_closed(seen.printing_opens_at), cards)] if seen.printing_shut else []


def _centre(seen: OfficeView, cards: int) -> Hold:
    # Its hour may have struck before the gateway has said so.
    state = "closed" if seen.centre_state == "open" else seen.centre_state
    return _hold(centre_blocker(state, seen.centre_opens_at), cards)


def _unready(seen: OfficeView, crowd: Crowd) -> list[Hold]:
    """Why none of the cards before a stage may be picked; nothing where one may."""
    if crowd.ready > 0:
        return []
    parts = (
        (SUSPENDED, crowd.suspended, seen.suspended_until),
        (INCIDENT, crowd.frozen, None),
        (ENDING, crowd.ending, None),
    )
    return [_of(texts, n, until) for texts, n, until in parts if n]


def _no_pace(seen: OfficeView, cards: int) -> list[Hold]:
    """No station prints in the hours an approval would live: by its own fault, or by the hours."""
    if seen.verify.cards_per_hour > 0:
        return [_of(NO_HOURS, cards, seen.printing_opens_at)]
    stops = stops_of_all(seen.stations)
    return [_hold(stop, cards, names) for stop, names in stops if stop.code in ABSENT] or [
        _hold(NO_STATION, cards)
    ]


def _no_blanks(seen: OfficeView, cards: int) -> Hold:
    return _hold(no_blanks(seen.next_delivery), cards)


def _hold(found: Blocker, cards: int, stations: Sequence[str] = ()) -> Hold:
    return Hold(
        code=found.code,
        owner=found.owner,
        message_id=found.message_id,
        message_en=found.message_en,
        clears_at=found.clears_at,
        cards=cards,
        stations=tuple(stations),
    )


Texts = tuple[str, Owner, str, str]

LIMITS: dict[str, Texts] = {
    "window": (
        "closes_too_soon",
        "centre",
        "Waktu sebelum pusat tutup hanya cukup untuk yang sudah disetujui.",
        "The time before the centre closes is enough for what is approved already, and no more.",
    ),
    BLANKS: (
        "blanks_promised",
        "supplier",
        "Semua blangko yang ada sudah untuk kartu yang disetujui atau sedang diperiksa.",
        "All blanks in sight are for cards that are approved or being verified.",
    ),
    "depth": (
        "enough_ahead",
        "nobody",
        "Sudah cukup kartu disetujui untuk stasiun; yang berikut diperiksa setelah ada yang dicetak.",
        "Enough cards are approved ahead of the stations; the next are verified as they are printed.",
    ),
    "quota": (
        "quota_spoken_for",
        "centre",
        "Sisa kuota pusat data hari ini sudah terpakai oleh pemeriksaan yang berjalan.",
        "What is left of today's quota is taken by verifications under way.",
    ),
    "rate": (
        "rate_reached",
        "centre",
        "Pusat data tidak menerima lebih banyak pertanyaan per menit.",
        "The data centre takes no more questions a minute.",
    ),
}
ABSENT = ("no_station", "station_paused", "station_lost", "station_retired", "station_silent")
"""Why nobody can say how fast an office prints."""
NO_HOURS: Texts = (
    "no_printing_hours",
    "office",
    "Tidak ada jam cetak selama persetujuan yang diperoleh sekarang berlaku.",
    "There are no printing hours while an approval obtained now would hold.",
)
SUSPENDED: Texts = (
    "suspended",
    "supervisor",
    "Alasan permohonan ini sedang dihentikan sementara oleh kebijakan kantor.",
    "The office's policy suspends these reasons for now.",
)
INCIDENT: Texts = (
    "incident",
    "supervisor",
    "Ditahan oleh kejadian yang harus diperiksa.",
    "Held by incidents, which a person must look at.",
)
ENDING: Texts = (
    "approval_ending",
    "nobody",
    "Persetujuannya hampir habis; akan dimintakan lagi tanpa kehilangan urutan.",
    "Their approvals are about to end; they are asked for again in the same place.",
)
ASIDE: dict[str, Texts] = {
    "in_review": (
        "officer_must_decide",
        "officer",
        "Menunggu keputusan petugas.",
        "An officer must decide.",
    ),
    "needs_correction": (
        "applicant_must_correct",
        "applicant",
        "Pemohon harus memperbaiki datanya.",
        "The applicants must correct their data.",
    ),
    "deferred": (
        "record_not_ready",
        "centre",
        "Data perekaman di pusat belum siap; ditanyakan lagi pada waktunya.",
        "The records at the centre are not ready; they are asked for again in time.",
    ),
}


def aside(seen: OfficeView, standing: dict[str, tuple[int, datetime | None]]) -> tuple[Hold, ...]:
    """What does not stop a stage but holds cards. `standing`: how many in each state aside, and the next date there."""
    found = []
    for state, texts in ASIDE.items():
        n, due = standing.get(state, (0, None))
        if n:
            found.append(_of(texts, n, due))
    suspended = seen.waiting.suspended + seen.approved.suspended
    frozen = seen.waiting.frozen + seen.approved.frozen
    if suspended:
        found.append(_of(SUSPENDED, suspended, seen.suspended_until))
    if frozen:
        found.append(_of(INCIDENT, frozen))
    return tuple(found)


def _of(texts: Texts, cards: int, clears_at: datetime | None = None) -> Hold:
    code, owner, indonesian, english = texts
    return Hold(
        code=code,
        owner=owner,
        message_id=indonesian,
        message_en=english,
        clears_at=clears_at,
        cards=cards,
    )

"""A policy tried on the live queue before it is set."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.domain.policy import DAY, KINDS
from scheduler.domain.rehearsal import Shift, Side
from scheduler.use_cases.rehearse import PAST_DAYS, Placed, Rehearsal, rehearse

router = APIRouter(prefix="/v1/policy", tags=["policy"])

MOST_NAMED: Final = 200
MEANING_ID: Final = (
    "Aturan baru dijalankan atas hari-hari itu: tiap hari sebanyak kartu yang benar-benar dipilih untuk verifikasi, "
    "dari kartu yang dipilih waktu itu atau masih menunggu. Yang dicabut atau disisihkan tidak dihitung."
)
MEANING_EN: Final = (
    "The new rules were run over those days: each day as many cards as were in fact picked for verification, out of those "
    "picked then or waiting today. What was withdrawn or set aside is not counted."
)


class Trial(Wire):
    """The body of `PUT`, so that the same can be tried and then set. `application_ids`: whose places are asked."""

    office: str
    rules: dict[str, Any]
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    application_ids: tuple[UUID, ...] = Field(default=(), max_length=MOST_NAMED)


class Moving(Wire):
    """Cards that move one way, by places; `most_days`: how long the office takes for the most places."""

    cards: int
    mean: float
    most: int
    most_days: float | None


class Moves(Wire):
    """Told from counts by UTC day: numbers of places may be off by what a boundary day holds."""

    cards: int
    up: Moving
    down: Moving


class LaneMoves(Moves):
    """`head_start_days`: days by which its cards count as older than before."""

    kind: str
    district: str
    head_start_days: float


class Change(Wire):
    before: int | None
    after: int | None


class Placing(Wire):
    """The exact place of one card; None where it does not wait. `days`: the office's time for the change, with its sign."""

    application_id: UUID
    receipt_number: str
    state: str
    kind: str
    district: str
    place: Change
    days: float | None


class Movers(Wire):
    up: tuple[Placing, ...]
    down: tuple[Placing, ...]


class Arriving(Wire):
    """How many stand ahead of a card of this kind that arrives now: exact; and how many days' work that is."""

    kind: str
    ahead: Change
    days_before: float | None
    days_after: float | None


class Standstill(Wire):
    kind: str
    cards: int
    before: bool
    after: bool


class ClaimTried(Wire):
    """Of the `picks` at which the claim would have had a card: `promised`, `would_get`, `bound` (only because it called).

    `got`: what went to the same cards in fact. `waiting`: cards of it that wait now.
    """

    name: str
    permille: int
    waiting: int
    picks: int
    promised: int
    would_get: int
    bound: int
    got: int


class Replayed(Wire):
    """What `claims` rests on: `picks` at verification from `since` on, at most `days` days."""

    stage: Literal["verify"] = "verify"
    days: int = PAST_DAYS
    since: datetime | None
    picks: int
    meaning_id: str = MEANING_ID
    meaning_en: str = MEANING_EN


class Tried(Wire):
    """`at`: when the rules would begin; `policy_version`: the version they are compared with, in force then.

    `cards_a_day`: printed on an average working day of the last 30; where it is None, nothing is told in days.
    """

    office: str
    as_of: datetime
    at: datetime
    policy_version: int
    cards_a_day: float | None
    moves: Moves
    lanes: tuple[LaneMoves, ...]
    movers: Movers
    applications: tuple[Placing, ...]
    arriving: tuple[Arriving, ...]
    suspended: tuple[Standstill, ...]
    claims: tuple[ClaimTried, ...]
    replayed: Replayed


@router.post("/rehearse")
async def post_rehearse(desk: DeskDep, actor: ActorDep, body: Trial) -> Tried:
    """Try rules on the queue as it stands. Nothing is written, and nothing waits for it."""
    authorize(actor, "policy.write", office=body.office)
    found = await rehearse(
        desk,
        body.office,
        body.rules,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        ids=body.application_ids,
    )
    return _told(body.office, found)


def _told(office: str, found: Rehearsal) -> Tried:
    pace = found.cards_a_day
    return Tried(
        office=office,
        as_of=found.now,
        at=found.at,
        policy_version=found.old.version,
        cards_a_day=pace,
        moves=Moves(**_moves(found.shifts.overall, pace)),
        lanes=tuple(
            LaneMoves(
                kind=kind,
                district=district,
                head_start_days=(found.new.head_start(kind) - found.old.head_start(kind)).total_seconds()
                / 60
                / DAY,
                **_moves(shift, pace),
            )
            for (kind, district), shift in found.shifts.lanes.items()
        ),
        movers=Movers(
            up=tuple(_placing(each, pace) for each in found.up),
            down=tuple(_placing(each, pace) for each in found.down),
        ),
        applications=tuple(_placing(each, pace) for each in found.named),
        arriving=tuple(
            Arriving(
                kind=kind,
                ahead=Change(before=before, after=after),
                days_before=_days(before, pace),
                days_after=_days(after, pace),
            )
            for kind, (before, after) in found.ahead.items()
        ),
        suspended=_suspended(found),
        claims=_claims(found),
        replayed=Replayed(since=found.since, picks=found.picks),
    )


def _moves(shift: Shift, pace: float | None) -> dict[str, Any]:
    return {"cards": shift.cards, "up": _moving(shift.up, pace), "down": _moving(shift.down, pace)}


def _moving(side: Side, pace: float | None) -> Moving:
    return Moving(cards=side.cards, mean=side.mean, most=side.most, most_days=_days(side.most, pace))


def _placing(placed: Placed, pace: float | None) -> Placing:
    row, before, after = placed.row, placed.before, placed.after
    return Placing(
        application_id=row["id"],
        receipt_number=row["receipt_number"],
        state=row["state"],
        kind=row["kind"],
        district=row["district"],
        place=Change(before=before, after=after),
        days=None if before is None or after is None else _days(after - before, pace),
    )


def _suspended(found: Rehearsal) -> tuple[Standstill, ...]:
    """Kinds that stand still under the old or the new rules."""
    return tuple(
        Standstill(
            kind=kind,
            cards=sum(shift.cards for lane, shift in found.shifts.lanes.items() if lane[0] == kind),
            before=found.old.is_suspended(kind, found.at),
            after=found.new.is_suspended(kind, found.at),
        )
        for kind in KINDS
        if found.old.is_suspended(kind, found.at) or found.new.is_suspended(kind, found.at)
    )


def _claims(found: Rehearsal) -> tuple[ClaimTried, ...]:
    return tuple(
        ClaimTried(
            name=share.name,
            permille=share.permille,
            waiting=sum(
                shift.cards
                for lane, shift in found.shifts.lanes.items()
                if found.new.claim_covers(claim, *lane)
            ),
            picks=share.picks,
            promised=share.promised,
            would_get=share.got,
            bound=share.bound,
            got=found.got[share.name],
        )
        for claim, share in zip(found.new.claims, found.shares, strict=True)
    )


def _days(places: int, pace: float | None) -> float | None:
    return None if not pace else round(places / pace, 1)

"""Just-in-time release: as many cards as there is room for, in the merge's order, at verification and at printing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from math import ceil, sqrt

from backbone import calendar, failpoints
from backbone.calendar import Calendar
from backbone.contracts.scheduler import StationLook, VerificationRequested
from backbone.database import Row, Transaction
from scheduler.domain.ledger import attempt_move
from scheduler.domain.merge import LaneKey, Pick, lanes_needed, release
from scheduler.domain.policy import Policy
from scheduler.domain.release_log import to_log
from scheduler.domain.room import (
    StationRoom,
    VerifyView,
    deep_horizon,
    deep_starts_at,
    office_rate,
    print_room,
    verify_room,
)
from scheduler.store import applications, attempts, knowledge, lanes, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk

BUSY = timedelta(milliseconds=20)
FEW = 4
"""Cards that are fetched of a lane at least."""
LARGE = 16
"""Cards of a release that is large enough to tell what the next one will take."""


async def release_once(desk: Desk) -> datetime | None:
    """Release for every office; the next moment at which room changes by time alone."""
    async with desk.database.reading() as reader:
        offices = await reader.fetch(lanes.OFFICES)
        other_policy: datetime | None = await reader.fetchval(knowledge.NEXT_POLICY)
    desk.known.others = _others(offices)
    dues = [
        await desk.database.retrying(lambda tx, office=row["code"]: release_office(desk, tx, office))  # type: ignore[misc]
        for row in offices
    ]
    desk.known.release_at = _earliest(*dues, other_policy)
    return desk.known.release_at


def _others(offices: Sequence[Row]) -> dict[str, int]:
    """Of each office: the blanks in sight at others of its account that have cards waiting."""
    sums: Counter[str] = Counter()
    for row in offices:
        sums[row["account"]] += row["waits"] and int(row["blanks"])
    return {row["code"]: sums[row["account"]] - (row["waits"] and int(row["blanks"])) for row in offices}


async def release_here(desk: Desk, tx: Transaction, office: str) -> None:
    """Release at the end of a handler that made room, in its own transaction: one commit, one relay.

    Where somebody else has the office's turn, or room changes by time before the loop would look, the loop is rung.
    """
    due = await release_office(desk, tx, office)
    known = desk.known.release_at
    if due is not None and (known is None or due < known):
        tx.ring(desk.release_bell)


async def release_office(desk: Desk, tx: Transaction, office: str) -> datetime | None:
    """Both stages of one office, printing first; when to look again."""
    turn = await lanes.take_turn(tx, office, desk.terms.approval_margin, desk.terms.silent)
    if turn is None:
        # They may have looked before our change was there to see.
        return desk.clock.now() + BUSY
    if turn["recovering"]:
        return None
    policy = desk.policy(turn)
    calendars = await desk.calendars(tx, turn["calendars_version"])
    printing = of_office(calendars, "printing", office)
    reserved, left_out = await _release_print(desk, tx, turn, policy, printing)
    view = verify_view(desk, turn, policy, calendars, reserved)
    depth = verify_room(view)
    if depth.room > 0:
        await _request(desk, tx, turn, await _picks(desk, tx, turn, policy, "verify", depth.room))
    ends = (s.until for s in policy.suspensions if s.until is not None and s.until > turn["now"])
    return _earliest(
        desk.clock.now() + BUSY if left_out else None,
        deep_starts_at(view),
        None if printing is None else calendar.next_change(printing, turn["now"]),
        *ends,
    )


def verify_view(
    desk: Desk, turn: Row, policy: Policy, calendars: Mapping[str, Calendar], reserved: int
) -> VerifyView:
    """What the depth of verification depends on, after `reserved` cards have just left the approved ones."""
    now: datetime = turn["now"]
    printing = of_office(calendars, "printing", turn["code"])
    shut = printing is not None and not calendar.is_open(printing, now)
    validity = timedelta(hours=turn["approval_hours"] or 24)
    centre = of_office(calendars, "centre", turn["code"])
    closes = turn["closes_at"]
    opening = (
        calendar.opens_at(centre, closes) if centre is not None and closes is not None else turn["opens_at"]
    )
    horizon = deep_horizon(now, opening, validity)
    whole = (horizon - now).total_seconds()
    seconds = whole if printing is None else calendar.open_seconds(printing, now, horizon)
    return VerifyView(
        printable_approved=printable(turn, policy) - reserved,
        verifying=turn["verifying"],
        blanks_in_sight=turn["blanks"] - reserved,
        quota_left=turn["quota_left"],
        calls_per_hour=office_rate(
            turn["calls_per_hour"], int(turn["blanks"]), desk.known.others.get(turn["code"], 0)
        ),
        # A shut station says nothing all night; what it prints tomorrow is still known.
        cards_per_hour=float(turn["pace_known"] if shut else turn["pace_seen"]),
        now=now,
        closes_at=closes,
        next_opening=opening,
        printing_hours_until=seconds / 3600,
        approval_validity=validity,
        shallow_hours=desk.terms.shallow_hours,
        print_after_close=turn["print_after_close"],
        window_open=turn["centre_state"] == "open",
        halved=turn["halved"],
    )


def printable(turn: Row, policy: Policy) -> int:
    return sum(n for kind, n in turn["approved"].items() if not policy.is_suspended(kind, turn["now"]))


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


async def _request(desk: Desk, tx: Transaction, turn: Row, picks: Sequence[Pick]) -> None:
    due = turn["now"] + desk.terms.verifying_due
    desk.due_by(tx, due)
    moved = await applications.move(
        tx,
        [Change(id=pick.head.id, due_at=due) for pick in picks],
        old=["waiting"],
        new="verifying",
        cause="released",
        actor="scheduler",
    )
    by_id = {row["id"]: row for row in moved}
    blanks = int(turn["blanks"])
    tx.owe(*(request(by_id[pick.head.id], blanks) for pick in picks if pick.head.id in by_id))
    failpoints.hit("scheduler.release")


def request(row: Row, blanks: int | None = None) -> VerificationRequested:
    return VerificationRequested(
        application_id=row["id"],
        round=row["round"],
        office=row["office"],
        account=row["account"],
        reason=row["reason"],
        sealed=row["sealed"],
        requested_at=row["at"],
        blanks=blanks,
    )


async def _release_print(
    desk: Desk, tx: Transaction, turn: Row, policy: Policy, printing: Calendar | None
) -> tuple[int, bool]:
    """Reserve approved cards for stations with room; how many, and whether a station was left out."""
    if printing is not None and not calendar.is_open(printing, turn["now"]):
        return 0, False
    if not turn["print_after_close"] and not centre_open(turn):
        return 0, False
    if turn["slots_free"] <= 0 or not printable(turn, policy):
        return 0, False
    rows, left_out = await lanes.stations(tx, turn["code"], desk.terms.silent)
    room = print_room([_station(row) for row in rows])
    picks = await _picks(desk, tx, turn, policy, "print", sum(room.values()))
    return await _reserve(desk, tx, turn["code"], picks, room), left_out


async def _reserve(
    desk: Desk, tx: Transaction, office: str, picks: Sequence[Pick], room: dict[str, int]
) -> int:
    """Slot and blank at a station, attempt with fence, in the picks' order; how many."""
    moved = await applications.move(
        tx,
        [Change(id=pick.head.id) for pick in picks],
        old=["approved"],
        new="printing",
        cause="reserved",
        actor="scheduler",
    )
    by_id = {row["id"]: row for row in moved}
    rows, entries = [], []
    for pick in picks:
        row = by_id.get(pick.head.id)
        if row is None:
            continue
        station = max(room, key=lambda name: room[name])
        room[station] -= 1
        attempt, booking = desk.ids.new(), attempt_move(None, "reserved")
        assert booking is not None
        rows.append((attempt, row["id"], station, row["approval_id"]))
        entries.append(Entry(place=station, move=booking, attempt_id=attempt))
    if rows:
        await attempts.reserve(tx, office, rows)
        await stock.post(tx, office, entries, actor="scheduler")
        desk.due_by(tx, desk.clock.now() + timedelta(seconds=desk.terms.gone))
        tx.owe(*(StationLook(station=station) for station in sorted({row[2] for row in rows})))
    failpoints.hit("scheduler.reserve")
    return len(rows)


async def _picks(desk: Desk, tx: Transaction, turn: Row, policy: Policy, stage: str, want: int) -> list[Pick]:
    """Merge the lanes and log what was picked from what; where they were fetched too short, all of them again, longer.

    Topped up, they would be of several moments: what a card's two lanes say of it might differ.
    """
    if not want:
        return []
    office, now, before = turn["code"], turn["now"], turn[f"{stage}_credit"]
    state = "waiting" if stage == "verify" else "approved"
    good_until = now + timedelta(seconds=desk.terms.approval_margin)
    version, parts = desk.known.parts.get((office, stage), (policy.version, {}))
    few = {
        key: _few(key, policy, want, parts if version == policy.version else {})
        for key in lanes_needed(policy)
    }
    for again in count():
        found = await lanes.heads(tx, office, state, few, good_until)
        result = release(found, policy, before, want, now)
        if not result.hungry:
            break
        few = {
            key: want if again and key in result.hungry else min(want, 2 * most + FEW)
            for key, most in few.items()
        }
    if result.picks:
        log = to_log(result.picks, found, policy, before, now)
        await lanes.save(tx, office, stage, result.credit, policy.version, log)
    if len(result.picks) >= LARGE:
        desk.known.parts[office, stage] = (policy.version, _parts(result.picks))
    return list(result.picks)


def _few(lane: LaneKey, policy: Policy, want: int, parts: Mapping[LaneKey, float]) -> int:
    """How many cards of a lane to fetch at first: as many as it gave last time and what chance may add, else by a guess.

    Of a kind with a head start all may go. A wrong guess costs one more look, or a few cards looked up in vain.
    """
    kind, district = lane
    if parts:
        likely = want * parts.get(lane, 0.0)
    elif kind in policy.kinds_ahead:
        likely = want / (16 if district else 1)
    else:
        likely = want / (32 if district else 8)
    return min(want, ceil(FEW + likely + 4 * sqrt(likely)))


def _parts(picks: Sequence[Pick]) -> dict[LaneKey, float]:
    """Which part of the picks each lane gave, whole kinds and single ones."""
    kinds: Counter[LaneKey] = Counter((pick.head.kind, None) for pick in picks)
    kinds.update((pick.head.kind, pick.head.district) for pick in picks)
    return {key: n / len(picks) for key, n in kinds.items()}


def centre_open(turn: Row) -> bool:
    closes = turn["closes_at"]
    return turn["centre_state"] == "open" and (closes is None or closes > turn["now"])


def _station(row: Row) -> StationRoom:
    return StationRoom(
        id=row["id"],
        slots=row["slots"],
        live=row["live"],
        blanks=row["blanks"],
        running=row["running"] and row["ready"],
        seen=row["seen"],
        uncertain=row["uncertain"],
    )


def of_office(calendars: Mapping[str, Calendar], name: str, office: str) -> Calendar | None:
    found = calendars.get(name)
    return None if found is None else found.for_office(office)

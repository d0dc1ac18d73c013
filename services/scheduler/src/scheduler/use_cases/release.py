"""Just-in-time release: as many cards as there is room for, in the merge's order, at verification and at printing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from backbone import calendar, failpoints
from backbone.calendar import Calendar
from backbone.contracts.scheduler import StationLook, VerificationRequested
from backbone.database import Row, Transaction
from scheduler.domain.ledger import attempt_move
from scheduler.domain.merge import Lane, Pick, release
from scheduler.domain.policy import Policy, parse_rules
from scheduler.domain.release_log import to_log
from scheduler.domain.room import (
    StationRoom,
    VerifyView,
    deep_horizon,
    deep_starts_at,
    print_room,
    verify_room,
)
from scheduler.store import applications, attempts, lanes, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk

BUSY = timedelta(milliseconds=20)
FEW = 4
"""Cards fetched of each lane at first; a hungry lane is topped up by as many as are still wanted."""


async def release_once(desk: Desk) -> datetime | None:
    """Release for every office, both stages; the next moment at which room changes by time alone."""
    async with desk.database.reading() as reader:
        offices = [row["code"] for row in await reader.fetch(lanes.OFFICES)]
    dues = [
        await desk.database.retrying(lambda tx, office=office, stage=stage: stage(desk, tx, office))  # type: ignore[misc]
        for office in offices
        for stage in (release_print, release_verify)
    ]
    desk.known.release_at = min((due for due in dues if due is not None), default=None)
    return desk.known.release_at


async def release_here(desk: Desk, tx: Transaction, office: str) -> None:
    """Release at the end of a handler that made room, in its own transaction: one commit, one relay.

    Where somebody else has the office's turn, or room changes by time before the loop would look, the loop is rung.
    """
    for stage in (release_print, release_verify):
        due = await stage(desk, tx, office)
        known = desk.known.release_at
        if due is not None and (known is None or due < known):
            tx.ring(desk.release_bell)


async def release_verify(desk: Desk, tx: Transaction, office: str) -> datetime | None:
    """Send applications to verification as deep as is useful now; when to look again."""
    turn = await lanes.take_turn(tx, office, "verify")
    if turn is None or turn["recovering"]:
        return _later(desk, turn)
    policy = parse_rules(turn["rules"], version=turn["version"])
    calendars = await desk.calendars(tx, turn["calendars_version"])
    view = await verify_view(desk, tx, turn, policy, calendars)
    depth = verify_room(view)
    if depth.room > 0:
        picks = await _picks(desk, tx, turn, policy, "verify", depth.room)
        await _request(desk, tx, turn, picks)
    return deep_starts_at(view)


def _later(desk: Desk, turn: Row | None) -> datetime | None:
    """Somebody else has the turn: look again soon, for they may have looked before our change. Recovery ends by a ring."""
    return desk.clock.now() + BUSY if turn is None else None


async def verify_view(
    desk: Desk, tx: Transaction, turn: Row, policy: Policy, calendars: Mapping[str, Calendar]
) -> VerifyView:
    """What the depth of verification depends on, as it is now."""
    now: datetime = turn["now"]
    printing = _of_office(calendars, "printing", turn["code"])
    shut = printing is not None and not calendar.is_open(printing, now)
    # A shut station says nothing all night; what it prints tomorrow is still known.
    seen_within = 7 * 86400.0 if shut else desk.terms.silent
    row = await lanes.view(
        tx, turn["code"], turn["account"], _suspended(policy, now), desk.terms.approval_margin, seen_within
    )
    validity = timedelta(hours=row["approval_hours"] or 24)
    centre = _of_office(calendars, "centre", turn["code"])
    closes = row["closes_at"]
    opening = (
        calendar.opens_at(centre, closes) if centre is not None and closes is not None else row["opens_at"]
    )
    horizon = deep_horizon(now, opening, validity)
    seconds = (
        (horizon - now).total_seconds() if printing is None else calendar.open_seconds(printing, now, horizon)
    )
    return VerifyView(
        printable_approved=row["approved"],
        verifying=row["verifying"],
        blanks_in_sight=row["blanks"],
        quota_left=row["quota_left"],
        calls_per_hour=row["calls_per_hour"],
        cards_per_hour=float(row["cards_per_hour"]),
        now=now,
        closes_at=closes,
        next_opening=opening,
        printing_hours_until=seconds / 3600,
        approval_validity=validity,
        shallow_hours=desk.terms.shallow_hours,
        print_after_close=turn["print_after_close"],
        window_open=row["centre_state"] == "open",
        halved=row["halved"],
    )


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
    tx.owe(*(request(by_id[pick.head.id]) for pick in picks if pick.head.id in by_id))
    failpoints.hit("scheduler.release")


def request(row: Row) -> VerificationRequested:
    return VerificationRequested(
        application_id=row["id"],
        round=row["round"],
        office=row["office"],
        account=row["account"],
        reason=row["reason"],
        sealed=row["sealed"],
        requested_at=row["at"],
    )


async def release_print(desk: Desk, tx: Transaction, office: str) -> datetime | None:
    """Reserve approved cards for stations with room; when the printing calendar next opens or shuts."""
    turn = await lanes.take_turn(tx, office, "print")
    if turn is None or turn["recovering"]:
        return _later(desk, turn)
    now: datetime = turn["now"]
    printing = _of_office(await desk.calendars(tx, turn["calendars_version"]), "printing", office)
    due = None if printing is None else calendar.next_change(printing, now)
    if printing is not None and not calendar.is_open(printing, now):
        return due
    if not turn["print_after_close"] and not await _centre_open(tx, turn["account"]):
        return due
    room = print_room([_station(row) for row in await lanes.stations(tx, office, desk.terms.silent)])
    if sum(room.values()):
        policy = parse_rules(turn["rules"], version=turn["version"])
        picks = await _picks(desk, tx, turn, policy, "print", sum(room.values()))
        await _reserve(desk, tx, office, picks, room)
    return due


async def _reserve(
    desk: Desk, tx: Transaction, office: str, picks: Sequence[Pick], room: dict[str, int]
) -> None:
    """Slot and blank at a station, attempt with fence, in the picks' order."""
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


async def _picks(desk: Desk, tx: Transaction, turn: Row, policy: Policy, stage: str, want: int) -> list[Pick]:
    """Merge the lanes, topping up what runs dry, and log what was picked from what."""
    office, now = turn["code"], turn["now"]
    state = "waiting" if stage == "verify" else "approved"
    margin = desk.terms.approval_margin
    fetched: list[Lane] = await lanes.heads(tx, office, state, min(want, FEW), margin)
    credit: dict[str, int] = dict(turn["credit"])
    picks: list[Pick] = []
    while True:
        result = release(fetched, policy, credit, want - len(picks), now)
        credit = result.credit
        picks.extend(result.picks)
        if not result.hungry or len(picks) >= want:
            break
        await lanes.top_up(tx, office, state, fetched, result.hungry, max(FEW, want - len(picks)), margin)
    if picks:
        await lanes.save(tx, office, stage, credit, policy.version, to_log(picks, fetched, turn["credit"]))
    return picks


async def _centre_open(tx: Transaction, account: str) -> bool:
    return bool(
        await tx.fetchval(
            "SELECT 1 FROM centre WHERE account = $1 AND state = 'open' AND (closes_at IS NULL OR closes_at > backbone.now())",
            account,
        )
    )


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


def _suspended(policy: Policy, now: datetime) -> list[str]:
    return [suspension.kind for suspension in policy.suspensions if policy.is_suspended(suspension.kind, now)]


def _of_office(calendars: Mapping[str, Calendar], name: str, office: str) -> Calendar | None:
    found = calendars.get(name)
    return None if found is None else found.for_office(office)

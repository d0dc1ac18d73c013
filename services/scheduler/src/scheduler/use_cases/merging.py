"""Merges stations' journals into a restored database: every blank has its moves, every card its state or its incident."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Row, Transaction
from scheduler.domain import lifecycle
from scheduler.domain.ledger import Move, attempt_move
from scheduler.domain.recovery import APPLICATION_MOVES, FOUND, Act, Known, Told, decide
from scheduler.store import applications, attempts, stock
from scheduler.store import recover as store
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import put_back

JOURNAL = "journal"
"""The tombstone of a card whose application has not come (back) yet: `journal:<attempt>`."""
NO_APPROVAL = UUID(int=0)
"""Of an attempt whose journal is too old to know its approval."""
WHO = "journal"

Results = Counter[str]


async def merge_office(desk: Desk, tx: Transaction, office: str, stations: Sequence[Row]) -> Results:
    """Merge all journals of an office, and settle what is reserved and in none: at a silent station nobody can know it.

    `stations`: with `untold` where a station was declared lost or retired before it told its journal.
    """
    names = [row["station"] for row in stations]
    silent = {row["station"] for row in stations if row["untold"]}
    sent = {row["attempt_id"] for row in await store.unmerged(tx, names) if _told(row).sent}
    reserved = [row for row in await tx.fetch(store.RESERVED, office) if row["id"] not in sent]
    unsent = [row["id"] for row in reserved if row["station"] not in silent]
    freed = await attempts.free(tx, WHO, attempts=unsent)
    await put_back(tx, freed)
    unknown = [row["id"] for row in reserved if row["station"] in silent]
    done: Results = Counter(freed=len(freed), lost=await _lost(tx, office, unknown))
    for row in stations:
        if row["untold"] and row["state"] == "lost":
            await _unheard(tx, office, row["station"])
    await _merge(desk, tx, office, await store.unmerged(tx, names), done)
    return done


async def merge_late(desk: Desk, tx: Transaction, station: str, application: UUID | None = None) -> Results:
    """Merge a journal told after the finish, or one application that came after its card. What is reserved now stays."""
    done: Results = Counter()
    office = await tx.fetchval("SELECT office FROM station WHERE id = $1", station)
    await _merge(desk, tx, office, await store.unmerged(tx, [station], application), done)
    return done


async def _merge(desk: Desk, tx: Transaction, office: str, told: Sequence[Row], done: Results) -> None:
    """What the database knows comes first, and the newest first: an older card must not take the place of the last."""
    acts = sorted(
        ((row, _act(row)) for row in told), key=lambda act: (act[0]["state"] is None, -act[0]["fence"])
    )
    await _stock_up(tx, office, acts)
    results = []
    for row, act in acts:
        result = await _carry_out(desk, tx, office, row, act)
        done[result] += 1
        if result != "no_application":
            results.append((row["station"], row["attempt_id"], result))
    await store.merged(tx, results)
    tx.ring(desk.release_bell)


async def _carry_out(desk: Desk, tx: Transaction, office: str, row: Row, act: Act) -> str:
    """What came of one attempt, in a word."""
    if act in ("nothing", "free"):
        return act
    if row["application_state"] is None:
        await tx.execute(store.BURY, row["application_id"], f"{JOURNAL}:{row['attempt_id']}", _place(row))
        await _incident(tx, office, row, "journal_without_application", {})
        return "no_application"
    other = await tx.fetchrow(store.OTHER_CARD, row["application_id"], row["attempt_id"])
    closed = row["application_state"] not in (*APPLICATION_MOVES, "printing")
    if act == "contradiction" or other is not None or closed or row["office"] != office:
        detail = {"application_state": row["application_state"], "stored": row["state"]}
        detail |= {} if other is None else {"other_attempt": str(other["id"]), "other_state": other["state"]}
        await _incident(tx, office, row, "journal_contradicts", detail)
        return "contradiction"
    await _take(desk, tx, row, act)
    return "found" if row["state"] is None else act


async def _take(desk: Desk, tx: Transaction, row: Row, act: Act) -> None:
    """The attempt's row, its blank's moves, its application's state."""
    if row["state"] is None:
        said = {**row["evidence"], "recovered": True, "said": row["outcome"]}
        await store.make(tx, row, row["approval_id"] or NO_APPROVAL, said)
    else:
        await store.close(tx, row, act)
    entries = [
        Entry(place=row["station"], move=move, attempt_id=row["attempt_id"])
        for move in _moves(row["state"], act)
    ]
    for entry in entries:
        await stock.post(tx, row["office"], [entry], actor=WHO)
    if row["application_state"] != "printing":
        # Its approval serves for nothing more, whatever a person says of the card.
        approval = row["approval_id"] or NO_APPROVAL
        change = Change(id=row["application_id"], approval_id=approval, approved_until=row["at"])
        for moved in await _move(tx, change, old=sorted(APPLICATION_MOVES), new="printing"):
            if moved["was_approval"] not in (None, approval):
                tx.owe(_spent(moved["was_approval"], moved, "superseded"))
    if act == "printed":
        await _printed(desk, tx, row)


def _moves(state: str | None, act: Act) -> list[Move]:
    if state == "released":
        found = [FOUND, attempt_move("uncertain", "printed") if act == "printed" else None]
    elif state is None:
        found = [attempt_move(None, "reserved"), attempt_move("armed", "uncertain")]
    else:
        found = [attempt_move("armed" if state == "reserved" else state, act)]
    return [move for move in found if move is not None]


async def _move(tx: Transaction, change: Change, *, old: Sequence[str], new: str) -> list[Row]:
    return await applications.move(
        tx,
        [change],
        old=old,
        new=new,
        cause="found_in_journal" if new == "printing" else "printed",
        actor=WHO,
        even_frozen=True,
        moves=APPLICATION_MOVES if new == "printing" else lifecycle.APPLICATION_MOVES,
    )


async def _printed(desk: Desk, tx: Transaction, row: Row) -> None:
    change = Change(id=row["application_id"], due_at=desk.collect_by(tx))
    for moved in await _move(tx, change, old=["printing"], new="printed"):
        tx.owe(_spent(row["approval_id"] or moved["approval_id"], moved, "printed"))


def _spent(approval: UUID, moved: Row, cause: Literal["printed", "superseded"]) -> ApprovalSpent:
    return ApprovalSpent(approval_id=approval, application_id=moved["id"], cause=cause, at=moved["at"])


async def _unheard(tx: Transaction, office: str, station: str) -> None:
    detail = {"station": station, "what": "cards sent since the backup may be unknown: count the blanks"}
    await applications.raise_incident(
        tx, office=office, application_id=None, attempt_id=None, kind="journal_lost", detail=detail
    )


async def _lost(tx: Transaction, office: str, ids: Sequence[UUID]) -> int:
    """Reserved at a station that will never tell: uncertain, for two persons who look at what lies there."""
    move = attempt_move("armed", "uncertain")
    assert move is not None
    rows = await tx.fetch(store.LOST, list(ids))
    entries = [Entry(place=row["station"], move=move, attempt_id=row["id"]) for row in rows]
    await stock.post(tx, office, entries, actor=WHO)
    return len(rows)


async def _stock_up(tx: Transaction, office: str, acts: Sequence[tuple[Row, Act]]) -> None:
    """Blanks that came after the backup: their delivery is forgotten, the cards made of them are not."""
    needed = Counter(
        row["station"]
        for row, act in acts
        if act in ("printed", "uncertain") and row["state"] in (None, "released")
    )
    held = {row["place"]: row["n"] for row in await tx.fetch(store.ON_HAND, office, sorted(needed))}
    entries = [
        Entry(
            place=place,
            move=Move(source="received", target="on_hand", cause="count_surplus", n=n - held[place]),
        )
        for place, n in needed.items()
        if place in held and n > held[place]
    ]
    await stock.post(tx, office, entries, actor=WHO, reason="blanks that the restored ledger does not know")


async def _incident(tx: Transaction, office: str, row: Row, kind: str, detail: dict[str, Any]) -> None:
    if await tx.fetchval(store.KNOWN_INCIDENT, row["attempt_id"], kind):
        return
    moment = row["intended_at"]
    said = {
        "station": row["station"],
        "receipt_number": row["receipt_number"],
        "said": row["outcome"],
        "sent_at": None if moment is None else moment.isoformat(),
    }
    await applications.raise_incident(
        tx,
        office=office,
        application_id=row["application_id"],
        attempt_id=row["attempt_id"],
        kind=kind,
        detail=said | detail,
    )


def _act(row: Row) -> Act:
    known = None if row["state"] is None else Known(state=row["state"], by_person=row["by_person"])
    act = decide(known, _told(row))
    if known is not None and row["known_station"] != row["station"] and act not in ("nothing", "free"):
        return "contradiction"
    return act


def _told(row: Row) -> Told:
    return Told(
        intended=row["intended_at"] is not None,
        outcome=row["outcome"],
        by_device=row["evidence"].get("by") == "device",
    )


def _place(row: Row) -> dict[str, Any]:
    return {"station": row["station"], "attempt_id": str(row["attempt_id"])}

"""A person's word on a card: reconcile an uncertain attempt, spoil a printed card. Two persons where a blank is given up."""

from typing import Literal
from uuid import UUID

from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Row, Transaction
from backbone.problems import Conflict, NotFound
from scheduler.domain.ledger import attempt_move
from scheduler.store import applications, attempts, lanes, stations, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.outcomes import contradiction
from scheduler.use_cases.persons import Persons
from scheduler.use_cases.printing import pause

Verdict = Literal["printed", "spoiled", "intact"]


class StillAlive(Conflict):
    slug = "agent-may-still-print"
    message_id = "Stasiun mungkin masih mencetak kartu ini. Nyalakan ulang stasiun, atau nyatakan hilang, lalu putuskan lagi."
    message_en = "The station may still print this card. Restart it, or declare it lost, then decide again."


class NotUncertain(Conflict):
    slug = "not-uncertain"
    message_id = "Percobaan cetak ini sudah diputuskan."
    message_en = "This attempt has been settled already."


class NotPrinted(Conflict):
    slug = "not-printed"
    message_id = "Kartu ini tidak (lagi) tercatat sebagai tercetak dan belum diserahkan."
    message_en = "This card is not on record as printed and not yet handed over."


async def reconcile(desk: Desk, attempt_id: UUID, verdict: Verdict, *, by: Persons, note: str) -> Row:
    """Close an uncertain attempt: found good, spoiled, or blank intact (the last two by two different persons).

    Where it was closed before with another word, an incident tells of it and NotUncertain is raised.
    """
    by.check(two=verdict != "printed")
    state = "released" if verdict == "intact" else verdict

    async def work(tx: Transaction) -> Row | Conflict:
        await _stand_still(tx, attempt_id)
        row = await tx.fetchrow(attempts.RECONCILE, attempt_id, state, by.name, by.second_name, note)
        if row is None:
            return await _settled_before(tx, attempt_id, state, by, note)
        await _book(tx, row, ("uncertain", state), by, note)
        await _settle(desk, tx, row, verdict, by.name)
        if verdict == "spoiled":
            await _brake(desk, tx, row["station"])
        tx.ring(desk.release_bell)
        return row

    return _or_raise(await desk.database.retrying(work))


async def spoil(desk: Desk, attempt_id: UUID, *, by: Persons, note: str) -> Row:
    """A card printed and found bad: it is given up by two persons, the application waits for a new approval."""
    by.check()

    async def work(tx: Transaction) -> Row:
        await _stand_still(tx, attempt_id)
        row = await tx.fetchrow(attempts.SPOIL, attempt_id, by.name, by.second_name, note)
        if row is None:
            return await _spoiled_before(tx, attempt_id)
        await _book(tx, row, ("printed", "spoiled"), by, note)
        await applications.move(
            tx,
            [Change(id=row["application_id"])],
            old=["printed"],
            new="waiting",
            cause="spoiled",
            actor=by.name,
            reason=note,
            even_frozen=True,
        )
        await _brake(desk, tx, row["station"])
        tx.ring(desk.release_bell)
        return row

    return await desk.database.retrying(work)


async def _stand_still(tx: Transaction, attempt_id: UUID) -> None:
    """The office's turn, then the station: two cards spoiled at once at one station must see each other."""
    found = await attempts.find(tx, attempt_id)
    if found is None:
        raise NotFound
    await lanes.come_first(tx, station=found["station"])
    await stations.hold(tx, found["station"])


async def _book(tx: Transaction, row: Row, change: tuple[str, str], by: Persons, note: str) -> None:
    move = attempt_move(*change)
    assert move is not None
    entry = Entry(place=row["station"], move=move, attempt_id=row["id"])
    await stock.post(tx, row["office"], [entry], actor=by.name, second_person=by.second_name, reason=note)


async def _spoiled_before(tx: Transaction, attempt_id: UUID) -> Row:
    row = await attempts.find(tx, attempt_id)
    assert row is not None
    if row["state"] != "spoiled":
        raise NotPrinted(state=row["state"])
    return row


async def _settle(desk: Desk, tx: Transaction, row: Row, verdict: Verdict, actor: str) -> None:
    new = "printed" if verdict == "printed" else "approved" if row["good"] else "waiting"
    moved = await applications.move(
        tx,
        [Change(id=row["application_id"], due_at=desk.collect_by(tx) if new == "printed" else None)],
        old=["printing"],
        new=new,
        cause="printed" if verdict == "printed" else verdict,
        actor=actor,
        even_frozen=True,
    )
    if moved and new != "approved":
        tx.owe(
            ApprovalSpent(
                approval_id=row["approval_id"],
                application_id=row["application_id"],
                cause="printed" if verdict == "printed" else "expired",
                at=moved[0]["at"],
            )
        )


async def _brake(desk: Desk, tx: Transaction, station: str) -> None:
    """Two spoiled cards in a row, as they were printed, stop the station until somebody has looked at it."""
    enough = desk.terms.spoiled_in_a_row
    if await tx.fetchval(attempts.SPOILED_LAST, station, enough) >= enough:
        await pause(desk, tx, station, "spoiled_in_a_row", "scheduler")


async def _settled_before(
    tx: Transaction, attempt_id: UUID, state: str, by: Persons, note: str
) -> Row | Conflict:
    """The same word again is the same answer. Another one is kept as an incident, unless no card was ever in doubt."""
    row = await attempts.find(tx, attempt_id)
    assert row is not None
    if row["state"] == state:
        return row
    if row["state"] == "uncertain":
        return StillAlive()
    in_doubt = row["armed_at"] is not None and row["state"] != "armed"
    if in_doubt:
        detail = {"stored": row["state"], "said": state, "by": by.name, "note": note}
        await contradiction(tx, row, detail, kind="verdict_contradicts")
    return NotUncertain(state=row["state"], incident=in_doubt)


def _or_raise(found: Row | Conflict) -> Row:
    """An answer that is an error, after its transaction has kept what it had to tell."""
    if isinstance(found, Conflict):
        raise found
    return found

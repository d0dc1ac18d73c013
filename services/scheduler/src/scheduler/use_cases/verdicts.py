"""A person's word on a card: reconcile an uncertain attempt, spoil a printed card. Two persons where a blank is given up."""

from typing import Literal
from uuid import UUID

from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Row, Transaction
from backbone.problems import Conflict, Invalid, NotFound
from backbone.problems import FieldError as Fault
from scheduler.domain.ledger import attempt_move
from scheduler.store import applications, attempts, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
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


async def reconcile(
    desk: Desk, attempt_id: UUID, verdict: Verdict, *, actor: str, second_person: str | None, note: str
) -> Row:
    """Close an uncertain attempt: found good, spoiled, or blank intact (the last two by two different persons)."""
    two_persons(actor, second_person, needed=verdict != "printed")
    state = "released" if verdict == "intact" else verdict

    async def work(tx: Transaction) -> Row:
        row = await tx.fetchrow(attempts.RECONCILE, attempt_id, state, actor, second_person, note)
        if row is None:
            return await _settled_before(tx, attempt_id, state)
        move = attempt_move("uncertain", state)
        assert move is not None
        entry = Entry(place=row["station"], move=move, attempt_id=attempt_id)
        await stock.post(tx, row["office"], [entry], actor=actor, second_person=second_person, reason=note)
        await _settle(tx, row, verdict, actor)
        await _brake(desk, tx, row["station"])
        tx.ring(desk.release_bell)
        return row

    return await desk.database.retrying(work)


async def spoil(desk: Desk, attempt_id: UUID, *, actor: str, second_person: str | None, note: str) -> Row:
    """A card printed and found bad: it is given up by two persons, the application waits for a new approval."""
    two_persons(actor, second_person)

    async def work(tx: Transaction) -> Row:
        row = await tx.fetchrow(attempts.SPOIL, attempt_id, actor, second_person, note)
        if row is None:
            return await _spoiled_before(tx, attempt_id)
        move = attempt_move("printed", "spoiled")
        assert move is not None
        entry = Entry(place=row["station"], move=move, attempt_id=attempt_id)
        await stock.post(tx, row["office"], [entry], actor=actor, second_person=second_person, reason=note)
        await applications.move(
            tx,
            [Change(id=row["application_id"])],
            old=["printed"],
            new="waiting",
            cause="spoiled",
            actor=actor,
            reason=note,
            even_frozen=True,
        )
        await _brake(desk, tx, row["station"])
        tx.ring(desk.release_bell)
        return row

    return await desk.database.retrying(work)


async def _spoiled_before(tx: Transaction, attempt_id: UUID) -> Row:
    row = await attempts.find(tx, attempt_id)
    if row is None:
        raise NotFound
    if row["state"] != "spoiled":
        raise NotPrinted(state=row["state"])
    return row


async def _settle(tx: Transaction, row: Row, verdict: Verdict, actor: str) -> None:
    new = "printed" if verdict == "printed" else "approved" if row["good"] else "waiting"
    moved = await applications.move(
        tx,
        [Change(id=row["application_id"])],
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


async def _settled_before(tx: Transaction, attempt_id: UUID, state: str) -> Row:
    row = await attempts.find(tx, attempt_id)
    if row is None:
        raise NotFound
    if row["state"] == state:
        return row
    raise StillAlive if row["state"] == "uncertain" else NotUncertain(state=row["state"])


def two_persons(actor: str, second_person: str | None, *, needed: bool = True) -> None:
    """Raise Invalid unless a second, different person is named, or none is needed and none is named."""
    if second_person is None and not needed:
        return
    second = (second_person or "").strip().casefold()
    if not second or second == actor.strip().casefold():
        raise Invalid(
            errors=[
                Fault(
                    field="second_person",
                    code="another_person",
                    message_id="Harus disaksikan orang kedua yang berbeda.",
                    message_en="A second, different person must witness this.",
                )
            ]
        )

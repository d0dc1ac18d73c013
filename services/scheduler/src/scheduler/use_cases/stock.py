"""Blanks as they come and as they are counted: deliveries by note number and lot, counts at shift end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backbone.database import Row, Transaction
from backbone.problems import Conflict
from scheduler.domain.ledger import Move, reckon
from scheduler.store import lots, stock
from scheduler.store.lots import Lot
from scheduler.store.papers import Paper
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station
from scheduler.use_cases.papers import STORE, enter, known, open_store, post
from scheduler.use_cases.persons import Persons


class OtherDelivery(Conflict):
    slug = "delivery-differs"
    message_id = "Surat jalan ini sudah diterima dengan jumlah, tempat, atau lot lain."
    message_en = "This delivery note was received before with another number, place or lot."


class SerialsOverlap(Conflict):
    slug = "serials-overlap"
    message_id = "Sebagian nomor seri lot ini sudah tercatat pada lot lain."
    message_en = "Some of this lot's serials are on record with another lot."


@dataclass(frozen=True, kw_only=True)
class Note:
    """A delivery note. With `expected_at` it is only announced. Without lots it is one lot named as the note."""

    number: str
    blanks: int
    expected_at: datetime | None = None
    lots: Sequence[Lot] = ()


async def deliver(desk: Desk, office: str, place: str, note: Note, by: Persons) -> Row:
    """Announce or receive a delivery; receiving the same note again changes nothing. Raises OtherDelivery, SerialsOverlap."""
    by.check(two=False)
    try:
        async with desk.database.transaction() as tx:
            if note.expected_at is not None:
                await stock.announce(tx, office, note.number, place, note.blanks, note.expected_at, by.name)
            else:
                await _receive(tx, office, place, note, by)
            row = await stock.delivery(tx, office, note.number)
            assert row is not None
            if (row["blanks"], row["place"]) != (note.blanks, place):
                raise OtherDelivery
            tx.ring(desk.release_bell)
    except lots.OtherLot:
        raise OtherDelivery from None
    except lots.Overlaps:
        raise SerialsOverlap from None
    return row


async def _receive(tx: Transaction, office: str, place: str, note: Note, by: Persons) -> None:
    await open_store(tx, office, place)
    if await stock.receive(tx, office, note.number, place, note.blanks, by.name):
        move = Move(source="received", target="on_hand", cause="delivery", n=note.blanks)
        await stock.post(tx, office, [Entry(place=place, move=move)], actor=by.name, note_number=note.number)
        given = note.lots or (Lot(lot=note.number, blanks=note.blanks),)
    else:
        given = note.lots
        known = {row["lot"] for row in await tx.fetch(lots.OF_NOTE, office, note.number)}
        if given and {lot.lot for lot in given} != known:
            raise OtherDelivery
    await lots.add(tx, office, note.number, given)


async def count(
    desk: Desk, office: str, place: str, counted: int, *, number: str | None, by: Persons, reason: str
) -> dict[str, Any]:
    """Make the ledger agree with a count; the signed difference is kept, its moves bear a reason and two names."""
    by.check()
    paper = Paper(kind="count", number=number or str(desk.ids.new()), place=place, n=counted)

    async def work(tx: Transaction) -> dict[str, Any]:
        before = await known(tx, office, paper)
        if before is not None:
            return _counted(before, again=True)
        if place != STORE and counted < await stock.reserved(tx, place):
            # Fewer blanks than cards promised: the promises go back, another station may keep them.
            await free_station(desk, tx, place, "counted_short")
        held = await _held(tx, office, place)
        reserved = 0 if place == STORE else min(held["booked"], await stock.reserved(tx, place))
        found = reckon(on_hand=held["on_hand"], reserved=reserved, missing=held["missing"], counted=counted)
        row, again = await enter(tx, office, paper, by, reason, difference=found.difference)
        if not again:
            await post(tx, office, [(place, move) for move in found.moves], paper, by, reason)
            tx.ring(desk.release_bell)
        return _counted(row, again=again)

    return await desk.database.retrying(work)


def _counted(row: Row, *, again: bool) -> dict[str, Any]:
    return {
        "station": row["place"],
        "number": row["number"],
        "at": row["at"],
        "counted": row["n"],
        "expected": row["n"] - row["difference"],
        "difference": row["difference"],
        "again": again,
    }


async def _held(tx: Transaction, office: str, place: str) -> dict[str, int]:
    await open_store(tx, office, place)
    return await stock.hold(tx, office, place)

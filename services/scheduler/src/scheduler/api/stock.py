"""Blanks: balances, deliveries announced and received, a count."""

from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.database import Row
from backbone.problems import Conflict, NotFound
from backbone.rights import Actor, authorize
from scheduler.api.desk import DeskDep
from scheduler.domain.ledger import Move, count_moves
from scheduler.store import stations, stock
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.verdicts import two_persons

router = APIRouter(prefix="/v1/stations/{station}", tags=["stock"])


class Delivery(Wire):
    """Blanks by delivery note. With `expected_at` it is only announced; without, it is here."""

    note_number: str = Field(min_length=1, max_length=60)
    blanks: int = Field(ge=1, le=100_000)
    expected_at: AwareDatetime | None = None


class Count(Wire):
    """What was counted in the hopper and beside it, by two persons; blanks of reserved cards lie there too."""

    blanks: int = Field(ge=0, le=100_000)
    second_person: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=3, max_length=500)


class OtherDelivery(Conflict):
    slug = "delivery-differs"
    message_id = "Surat jalan ini sudah diterima dengan jumlah atau tempat lain."
    message_en = "This delivery note was received before with another number or place."


@router.get("/stock")
async def balances(desk: DeskDep, actor: ActorDep, station: str) -> dict[str, Any]:
    found = await _station(desk, actor, station, "station.read")
    async with desk.database.reading() as reader:
        rows = await stock.balances(reader, found["office"], station)
        notes = await stock.deliveries(reader, found["office"])
    return {
        "station": station,
        "blanks": {row["account"]: row["n"] for row in rows if row["item"] == stock.BLANK},
        "deliveries": [dict(note) for note in notes if note["place"] == station],
    }


@router.post("/stock")
async def deliver(desk: DeskDep, actor: ActorDep, station: str, body: Delivery) -> dict[str, Any]:
    """Announce or receive a delivery; receiving the same note again changes nothing."""
    found = await _station(desk, actor, station, "stock.write")
    office = found["office"]
    async with desk.database.transaction() as tx:
        if body.expected_at is not None:
            await stock.announce(
                tx, office, body.note_number, station, body.blanks, body.expected_at, actor.subject
            )
        elif await stock.receive(tx, office, body.note_number, station, body.blanks, actor.subject):
            move = Move(source="received", target="on_hand", cause="delivery", n=body.blanks)
            entry = Entry(place=station, move=move)
            await stock.post(tx, office, [entry], actor=actor.subject, note_number=body.note_number)
        note = await stock.delivery(tx, office, body.note_number)
        assert note is not None
        if (note["blanks"], note["place"]) != (body.blanks, station):
            raise OtherDelivery
        tx.ring(desk.release_bell)
    return dict(note)


@router.post("/count")
async def count(desk: DeskDep, actor: ActorDep, station: str, body: Count) -> dict[str, Any]:
    """Make the ledger agree with a count; a difference is a move with a reason and two names."""
    found = await _station(desk, actor, station, "stock.write")
    two_persons(actor.subject, body.second_person)
    async with desk.database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT account, n FROM stock WHERE office = $1 AND place = $2 AND item = $3 ORDER BY account FOR UPDATE",
            found["office"],
            station,
            stock.BLANK,
        )
        held = {row["account"]: row["n"] for row in rows}
        loose = max(0, body.blanks - held["booked"])
        moves = count_moves(held["on_hand"], held["missing"], loose)
        entries = [Entry(place=station, move=move) for move in moves]
        await stock.post(
            tx,
            found["office"],
            entries,
            actor=actor.subject,
            second_person=body.second_person,
            reason=body.reason,
        )
        tx.ring(desk.release_bell)
    return {"station": station, "difference": loose - held["on_hand"]}


async def _station(desk: Desk, actor: Actor, station: str, action: str) -> Row:
    async with desk.database.reading() as reader:
        found = await stations.find(reader, station)
    if found is None:
        raise NotFound
    authorize(actor, action, office=found["office"], station=station)
    return found

"""Blanks, ribbon, film: what is left, deliveries, counts, test cards; by place, for its station or for people."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.database import Row
from backbone.problems import FieldError as Fault
from backbone.problems import Forbidden, Invalid, NotFound
from backbone.rights import Actor, authorize
from scheduler.api.desk import DeskDep
from scheduler.domain.serials import NoSerial, parse_range
from scheduler.store import lots, papers, stations, stock
from scheduler.store.lots import Lot
from scheduler.use_cases import left, supplies
from scheduler.use_cases import papers as paperwork
from scheduler.use_cases import stock as blanks
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.papers import STORE
from scheduler.use_cases.persons import Persons

router = APIRouter(prefix="/v1", tags=["stock"])

MOST = 100_000


class Signed(Wire):
    """`person`: who does it, needed where a station's token asks."""

    person: str | None = Field(default=None, max_length=100)


class Witnessed(Signed):
    """Two persons and why."""

    second_person: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=3, max_length=500)


class LotGiven(Wire):
    lot: str = Field(min_length=1, max_length=60)
    blanks: int = Field(ge=1, le=MOST)
    serial_first: str | None = Field(default=None, max_length=40)
    serial_last: str | None = Field(default=None, max_length=40)


class Delivery(Signed):
    """Blanks by delivery note, by lot where it says so. With `expected_at` it is only announced; without, it is here."""

    note_number: str = Field(min_length=1, max_length=60)
    blanks: int = Field(ge=1, le=MOST)
    expected_at: AwareDatetime | None = None
    lots: tuple[LotGiven, ...] = Field(default=(), max_length=50)


class Count(Witnessed):
    """What was counted in the hopper and beside it, by two persons; blanks of reserved cards lie there too."""

    blanks: int = Field(ge=0, le=MOST)
    number: str | None = Field(default=None, min_length=1, max_length=60)


class TestCards(Witnessed):
    """Blanks used to try the printer, or misfed by it."""

    __test__ = False

    cards: int = Field(default=1, ge=1, le=100)
    cause: Literal["test_card", "misfeed"] = "test_card"
    number: str | None = Field(default=None, min_length=1, max_length=60)


class Roll(Signed):
    """A ribbon or film put in; `nominal`: the cards it is sold for; `previous`: why the one before it came out."""

    item: supplies.Item
    nominal: int | None = Field(default=None, ge=1, le=10_000)
    roll: str | None = Field(default=None, min_length=1, max_length=60)
    previous: supplies.Previous = "used_up"


@router.get("/stations/{station}/stock")
async def at_station(desk: DeskDep, actor: ActorDep, station: str) -> dict[str, Any]:
    found = await _station(desk, actor, station, "station.read")
    return await _shown(desk, found["office"], station)


@router.get("/offices/{office}/stock")
async def in_store(desk: DeskDep, actor: ActorDep, office: str) -> dict[str, Any]:
    """The office's own store: balances, deliveries, lots."""
    authorize(actor, "paper.read", office=office)
    async with desk.database.reading() as reader:
        found = [dict(row) for row in await lots.of_office(reader, office)]
    return {**await _shown(desk, office, STORE), "lots": found}


@router.post("/stations/{station}/stock")
async def deliver(desk: DeskDep, actor: ActorDep, station: str, body: Delivery) -> dict[str, Any]:
    """Announce or receive a delivery; receiving the same note again changes nothing. A station only receives."""
    found = await _station(desk, actor, station, "stock.load")
    if body.expected_at is not None and actor.station is not None:
        raise Forbidden
    return await _delivered(desk, actor, found["office"], station, body)


@router.post("/offices/{office}/stock")
async def deliver_to_store(desk: DeskDep, actor: ActorDep, office: str, body: Delivery) -> dict[str, Any]:
    await _office(desk, actor, office, "stock.write")
    return await _delivered(desk, actor, office, STORE, body)


@router.post("/stations/{station}/count")
async def count(desk: DeskDep, actor: ActorDep, station: str, body: Count) -> dict[str, Any]:
    """Make the ledger agree with a count; a difference is a move with a reason and two names, its sign is kept."""
    found = await _station(desk, actor, station, "stock.load")
    return await _counted(desk, actor, found["office"], station, body)


@router.post("/offices/{office}/count")
async def count_store(desk: DeskDep, actor: ActorDep, office: str, body: Count) -> dict[str, Any]:
    await _office(desk, actor, office, "stock.write")
    return await _counted(desk, actor, office, STORE, body)


@router.post("/stations/{station}/test-cards")
async def test_cards(desk: DeskDep, actor: ActorDep, station: str, body: TestCards) -> dict[str, Any]:
    found = await _station(desk, actor, station, "stock.load")
    return await paperwork.discard(
        desk,
        found["office"],
        station,
        cause=body.cause,
        n=body.cards,
        number=body.number,
        by=persons(actor, body),
        reason=body.reason,
    )


@router.post("/stations/{station}/supplies")
async def load(desk: DeskDep, actor: ActorDep, station: str, body: Roll) -> dict[str, Any]:
    """A ribbon or film was put into the printer."""
    found = await _station(desk, actor, station, "stock.load")
    return await supplies.load(
        desk,
        found["office"],
        station,
        item=body.item,
        roll=body.roll,
        nominal=body.nominal,
        previous=body.previous,
        by=persons(actor, body),
    )


def persons(actor: Actor, body: Any) -> Persons:
    """Who signs a request."""
    return Persons(actor=actor, person=body.person, second=getattr(body, "second_person", None))


async def _delivered(desk: Desk, actor: Actor, office: str, place: str, body: Delivery) -> dict[str, Any]:
    note = blanks.Note(
        number=body.note_number, blanks=body.blanks, expected_at=body.expected_at, lots=_lots(body)
    )
    return dict(await blanks.deliver(desk, office, place, note, persons(actor, body)))


async def _counted(desk: Desk, actor: Actor, office: str, place: str, body: Count) -> dict[str, Any]:
    return await blanks.count(
        desk,
        office,
        place,
        body.blanks,
        number=body.number,
        by=persons(actor, body),
        reason=body.reason,
    )


async def _shown(desk: Desk, office: str, place: str) -> dict[str, Any]:
    async with desk.database.reading() as reader:
        found = await left.at_station(desk, reader, office, place)
        notes = await stock.deliveries(reader, office)
        counts = await papers.at(reader, office, "count", place, 10)
    return {
        **found,
        "deliveries": [dict(note) for note in notes if note["place"] == place],
        "counts": [_count(row) for row in counts],
    }


def _count(row: Row) -> Mapping[str, Any]:
    kept = {key: row[key] for key in ("number", "at", "difference", "actor", "second_person", "reason")}
    return {**kept, "counted": row["n"], "expected": row["n"] - row["difference"]}


def _lots(body: Delivery) -> Sequence[Lot]:
    """The lots of a note; together they are the note. Raises Invalid."""
    try:
        given = [_lot(lot) for lot in body.lots]
    except NoSerial as error:
        raise _wrong("no_range", "Nomor seri pertama dan terakhir bukan satu rentang.", str(error)) from None
    if len({lot.lot for lot in given}) < len(given) or sum(lot.blanks for lot in given) not in (
        body.blanks,
        0,
    ):
        raise _wrong(
            "sum", "Jumlah semua lot harus sama dengan surat jalan.", "The lots do not add up to the note."
        )
    if any(lot.serials is not None and len(lot.serials) != lot.blanks for lot in given):
        raise _wrong(
            "range_length",
            "Rentang nomor seri tidak sama dengan jumlah blangko.",
            "A range of serials does not hold as many as the lot has blanks.",
        )
    return given


def _lot(given: LotGiven) -> Lot:
    first, last = given.serial_first, given.serial_last
    if first is None and last is None:
        return Lot(lot=given.lot, blanks=given.blanks)
    return Lot(lot=given.lot, blanks=given.blanks, serials=parse_range(first or "", last or ""))


def _wrong(code: str, message_id: str, message_en: str) -> Invalid:
    return Invalid(errors=[Fault(field="lots", code=code, message_id=message_id, message_en=message_en)])


async def _station(desk: Desk, actor: Actor, station: str, action: str) -> Row:
    async with desk.database.reading() as reader:
        found = await stations.find(reader, station)
    if found is None:
        raise NotFound
    authorize(actor, action, office=found["office"], station=station)
    return found


async def _office(desk: Desk, actor: Actor, office: str, action: str) -> None:
    authorize(actor, action, office=office)
    async with desk.database.reading() as reader:
        if not await lots.is_office(reader, office):
            raise NotFound

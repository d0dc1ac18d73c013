"""Papers: what takes two persons bears a number and counts once; its moves stand in the same transaction.

Transfers between places of an office, returns, test cards, the destruction of spoiled cards.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from backbone import failpoints
from backbone.database import Row, Transaction
from backbone.problems import Conflict, NotFound
from scheduler.domain.ledger import Move, attempt_move, destruction_moves, transfer_moves
from scheduler.store import lots, papers, stock
from scheduler.store.papers import Paper
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.persons import Persons

STORE = ""
"""The office's own store, as a place."""


class PaperDiffers(Conflict):
    slug = "paper-differs"
    message_id = "Nomor berita acara ini sudah dipakai dengan isi lain."
    message_en = "This paper's number is on record with other contents."


class NotEnough(Conflict):
    slug = "not-enough-blanks"
    message_id = "Jumlah itu tidak ada di sana menurut buku."
    message_en = "By the books there are not so many there."


class NotToDestroy(Conflict):
    slug = "not-to-destroy"
    message_id = "Ada kartu yang bukan kartu rusak stasiun ini, atau sudah dimusnahkan."
    message_en = "A card named is no spoiled card of this station, or was destroyed before."


async def transfer(
    desk: Desk, office: str, *, number: str, source: str, target: str, n: int, by: Persons, reason: str
) -> dict[str, Any]:
    """Blanks from one place of an office to another, both sides at once; the second person is who receives them."""
    out, into = transfer_moves(n)
    paper = Paper(kind="transfer", number=number, place=source, target=target, n=n)
    return await _act(desk, office, paper, by, reason, [(source, out), (target, into)])


async def give_back(
    desk: Desk, office: str, *, number: str, place: str, n: int, lot: str | None, by: Persons, reason: str
) -> dict[str, Any]:
    """Blanks that leave the office again, of a lot where it is named. Raises NotFound for an unknown lot."""
    move = Move(source="on_hand", target="returned", cause="return", n=n)
    paper = Paper(kind="return", number=number, place=place, n=n, detail={"lot": lot})

    async def of_lot(tx: Transaction) -> None:
        if lot is not None and not await lots.give_back(tx, office, lot, n):
            raise NotFound

    return await _act(desk, office, paper, by, reason, [(place, move)], also=of_lot)


async def discard(
    desk: Desk,
    office: str,
    station: str,
    *,
    cause: str,
    n: int,
    number: str | None,
    by: Persons,
    reason: str,
) -> dict[str, Any]:
    """Test cards and misfed blanks: out of the hopper, spoiled, waiting to be destroyed."""
    move = Move(source="on_hand", target="spoiled", cause=cause, n=n)
    paper = Paper(
        kind="test_card", number=number or str(desk.ids.new()), place=station, n=n, detail={"cause": cause}
    )
    return await _act(desk, office, paper, by, reason, [(station, move)])


async def destroy(
    desk: Desk,
    office: str,
    *,
    number: str,
    place: str,
    cards: int,
    blanks: int,
    attempts: Sequence[UUID],
    by: Persons,
    reason: str,
) -> dict[str, Any]:
    """Spoiled cards and damaged blanks destroyed under one record number, before two persons.

    Good cards whose cases lapsed since nobody collected them may be named too. `attempts` names those of the cards that are known; each can be destroyed once. Raises NotToDestroy.
    """
    named = sorted(set(attempts))
    paper = Paper(
        kind="destruction",
        number=number,
        place=place,
        n=cards + blanks,
        detail={"cards": cards, "blanks": blanks, "attempts": [str(attempt) for attempt in named]},
    )

    async def cards_named(tx: Transaction) -> None:
        await _give_up_uncollected(tx, office, named, paper, by, reason)
        found = await papers.to_destroy(tx, named, place)
        if len(found) < len(named):
            raise NotToDestroy
        one = Move(source="spoiled", target="destroyed", cause="destroyed")
        entries = [Entry(place=place, move=one, attempt_id=card) for card in found]
        await stock.post(tx, office, entries, actor=by.name, **_signature(paper, by, reason))

    moves = [(place, move) for move in destruction_moves(cards - len(named), blanks)]
    return await _act(desk, office, paper, by, reason, moves, also=cards_named)


async def _give_up_uncollected(
    tx: Transaction, office: str, named: Sequence[UUID], paper: Paper, by: Persons, reason: str
) -> None:
    assert by.second_name is not None
    given = await papers.give_up(
        tx, named, paper.place, actor=by.name, second_person=by.second_name, reason=reason
    )
    move = attempt_move("printed", "spoiled")
    assert move is not None
    entries = [Entry(place=paper.place, move=move, attempt_id=card) for card in given]
    await stock.post(tx, office, entries, actor=by.name, second_person=by.second_name, reason=reason)


async def _act(
    desk: Desk,
    office: str,
    paper: Paper,
    by: Persons,
    reason: str,
    moves: Sequence[tuple[str, Move]],
    also: Any = None,
) -> dict[str, Any]:
    """Enter a paper of two persons and make its moves, once for its number."""
    by.check()

    async def work(tx: Transaction) -> dict[str, Any]:
        row, again = await enter(tx, office, paper, by, reason)
        if not again:
            if also is not None:
                await also(tx)
            await post(tx, office, moves, paper, by, reason)
            tx.ring(desk.release_bell)
        return {**row, "again": again}

    try:
        return await desk.database.retrying(work)
    except (stock.Short, lots.TooMany):
        raise NotEnough from None


async def enter(
    tx: Transaction, office: str, paper: Paper, by: Persons, reason: str, difference: int | None = None
) -> tuple[Row, bool]:
    """The paper's row, and whether it was there before. Raises PaperDiffers."""
    assert by.second_name is not None
    row = await papers.enter(
        tx,
        office,
        paper,
        actor=by.name,
        second_person=by.second_name,
        reason=reason,
        difference=difference,
    )
    failpoints.hit("scheduler.paper")
    if row is not None:
        return row, False
    before = await known(tx, office, paper)
    assert before is not None
    return before, True


async def known(tx: Transaction, office: str, paper: Paper) -> Row | None:
    row = await papers.find(tx, office, paper.kind, paper.number)
    if row is None:
        return None
    if (row["place"], row["target"], row["n"], row["detail"]) != (
        paper.place,
        paper.target,
        paper.n,
        paper.detail,
    ):
        raise PaperDiffers
    return row


async def post(
    tx: Transaction,
    office: str,
    moves: Sequence[tuple[str, Move]],
    paper: Paper,
    by: Persons,
    reason: str,
) -> None:
    for place in {place for place, _ in moves}:
        await open_store(tx, office, place)
    entries = [Entry(place=place, move=move) for place, move in moves]
    try:
        await stock.post(tx, office, entries, actor=by.name, **_signature(paper, by, reason))
    except stock.NoAccounts:
        raise NotFound from None


def _signature(paper: Paper, by: Persons, reason: str) -> Mapping[str, Any]:
    return {"note_number": paper.number, "second_person": by.second_name, "reason": reason}


async def open_store(tx: Transaction, office: str, place: str) -> None:
    """The store of an office has no enrolment: its accounts are there from its first paper on."""
    if place == STORE:
        await stock.open_accounts(tx, office, STORE)

"""After a restore of the database: nothing is reserved or armed before every station has told its journal.

What the database says may be older than the world: a card it has as reserved may have been printed. `begin` raises the
office's epoch and stops it; stations tell their journals; `finish` merges them and lets the office go on.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from backbone.contracts.journal import JournalPage, JournalTaken
from backbone.contracts.station import Hello
from backbone.database import Reader, Row, Transaction
from backbone.problems import Conflict, NotFound
from scheduler.domain.ledger import attempt_move
from scheduler.store import lanes, stations, stock
from scheduler.store import recover as store
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station
from scheduler.use_cases.merging import merge_late, merge_office

log = structlog.get_logger()


class StillAwaited(Conflict):
    slug = "journals-awaited"
    message_id = "Masih menunggu jurnal stasiun. Nyalakan stasiunnya, atau nyatakan hilang."
    message_en = "Some stations have not told their journals. Start them, or declare them lost."


class OtherEpoch(Conflict):
    slug = "other-epoch"
    message_id = "Jurnal ini untuk pemulihan lain; sapa kantor lagi."
    message_en = "This journal is for another recovery; say hello again."


class OldRun(Conflict):
    slug = "station-superseded"
    message_id = "Proses stasiun yang lebih baru sudah melapor; proses ini harus berhenti."
    message_en = "A newer process of this station has said hello; this one must stop."


async def begin(desk: Desk, office: str, *, why: str, actor: str) -> None:
    """Stop reserve and arm, raise the epoch, lift the fence; where the office recovers already, nothing. Raises NotFound."""

    async def work(tx: Transaction) -> None:
        await lanes.come_first(tx, [office])
        if await tx.fetchrow(store.BEGIN, office, why, actor) is not None:
            await tx.fetchval(store.LIFT)
        elif await tx.fetchval("SELECT 1 FROM office WHERE code = $1", office) is None:
            raise NotFound

    await desk.database.retrying(work)


async def states(reader: Reader, prefix: str) -> list[dict[str, Any]]:
    """Each office below a prefix, with its last recovery and the stations whose journals are awaited."""
    offices = await store.offices(reader, prefix)
    found = await store.stations(reader, [row["office"] for row in offices])
    return [
        {
            **row,
            "stations": [{**station} for station in found if station["office"] == row["office"]],
            "awaited": _awaited([station for station in found if station["office"] == row["office"]]),
        }
        for row in offices
    ]


async def finish(desk: Desk, office: str, *, actor: str) -> None:
    """Merge what the stations told and let the office go on; twice is once. Raises StillAwaited naming the stations."""

    async def work(tx: Transaction) -> None:
        await lanes.come_first(tx, [office])
        await tx.fetch(store.HOLD_STATIONS, office)
        told = await store.stations(tx, [office])
        if awaited := _awaited(told):
            raise StillAwaited(stations=awaited)
        if await tx.fetchval(store.END, office) is None:
            return
        result = await merge_office(desk, tx, office, told)
        await tx.fetchval(store.LIFT)
        await tx.execute(store.FINISH, office, actor, result)
        tx.ring(desk.release_bell)
        tx.ring(desk.sweep_bell)

    await desk.database.retrying(work)


async def take_journal(desk: Desk, station: str, page: JournalPage) -> JournalTaken:
    """Keep a page of a station's journal; told twice is told once. One that comes after the finish is merged at once.

    Raises NotFound, OldRun where a newer process speaks for the station, OtherEpoch.
    """

    async def work(tx: Transaction) -> JournalTaken:
        await lanes.come_first(tx, station=station)
        await stations.hold(tx, station)
        found = await stations.find(tx, station)
        if found is None:
            raise NotFound
        if page.run < found["run"]:
            raise OldRun
        office = await tx.fetchrow("SELECT * FROM office WHERE code = $1", found["office"])
        assert office is not None
        if page.epoch != office["epoch"]:
            raise OtherEpoch(epoch=office["epoch"])
        entries = [entry.model_dump(mode="json") for entry in page.entries]
        await tx.execute(store.KEEP, station, page.epoch, entries)
        if page.last:
            await tx.execute(store.TOLD_WHOLE, station, page.epoch)
            if not office["recovering"]:
                await merge_late(desk, tx, station)
        told: int = await tx.fetchval(store.COUNT, station)
        return JournalTaken(epoch=page.epoch, entries=told, complete=page.last)

    return await desk.database.retrying(work)


async def suspected(desk: Desk, hello: Row, said: Hello) -> Row:
    """A hello's row as it stands after a look at what it proves: a station that knows more than the database is right."""
    if hello["recovering"] or not (said.knows_more or said.fence_seen > hello["fence"]):
        return hello
    why = (
        "a station has sent a card that is still reserved here"
        if said.knows_more
        else (f"a station has seen fence {said.fence_seen}, the last given here is {hello['fence']}")
    )
    await begin(desk, hello["office"], why=why, actor=f"station:{hello['id']}")
    async with desk.database.reading() as reader:
        epoch = await reader.fetchval("SELECT epoch FROM office WHERE code = $1", hello["office"])
    log.error("database_was_restored", office=hello["office"], station=hello["id"], why=why)
    return {**hello, "recovering": True, "journal_wanted": True, "epoch": epoch}


async def give_up(desk: Desk, tx: Transaction, station: Row, attempts: Sequence[UUID]) -> None:
    """Armed by a machine that another has replaced: its journal is gone, a person has to look."""
    move = attempt_move("armed", "uncertain")
    assert move is not None
    for row in await tx.fetch(store.GIVE_UP, list(attempts), station["id"], station["run"]):
        entry = Entry(place=row["station"], move=move, attempt_id=row["id"])
        await stock.post(tx, row["office"], [entry], actor=f"station:{row['station']}")
        await free_station(desk, tx, row["station"], "uncertain")


def _awaited(rows: Sequence[Row]) -> list[str]:
    return [row["station"] for row in rows if row["awaited"]]

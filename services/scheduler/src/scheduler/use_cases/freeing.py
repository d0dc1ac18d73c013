"""Reserved attempts given back: the blank returns to the hopper, the application keeps its place."""

from collections.abc import Sequence

from backbone.contracts.scheduler import ApprovalSpent
from backbone.database import Row, Transaction
from scheduler.domain.ledger import attempt_move
from scheduler.store import applications, attempts, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk


async def free_station(desk: Desk, tx: Transaction, station: str, who: str) -> int:
    """Free all that a station has reserved, in the transaction that says it may not print; how many."""
    freed = await attempts.free(tx, who, stations=[station])
    await put_back(tx, freed)
    tx.ring(desk.release_bell)
    return len(freed)


async def put_back(tx: Transaction, freed: Sequence[Row]) -> None:
    """After `attempts.free`: blanks and applications; approved where the approval still holds, else waiting."""
    await _blanks(tx, freed)
    for good, new in ((True, "approved"), (False, "waiting")):
        back = [Change(id=row["application_id"]) for row in freed if row["good"] is good]
        moved = await applications.move(
            tx, back, old=["printing"], new=new, cause="freed", actor="scheduler", even_frozen=True
        )
        tx.owe(*(_spent(row) for row in moved if not good))


def _spent(row: Row) -> ApprovalSpent:
    return ApprovalSpent(
        approval_id=row["was_approval"], application_id=row["id"], cause="expired", at=row["at"]
    )


async def _blanks(tx: Transaction, freed: Sequence[Row]) -> None:
    move = attempt_move("reserved", "released")
    assert move is not None
    by_office: dict[str, list[Entry]] = {}
    for row in freed:
        entry = Entry(place=row["station"], move=move, attempt_id=row["id"])
        by_office.setdefault(row["office"], []).append(entry)
    for office, entries in by_office.items():
        await stock.post(tx, office, entries, actor="scheduler")

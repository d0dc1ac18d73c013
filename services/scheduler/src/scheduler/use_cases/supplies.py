"""Ribbon and film as they are loaded. No card books them: what a roll has made is counted while it is in."""

from typing import Any, Literal

from backbone.database import Row
from backbone.problems import Conflict
from scheduler.domain.supplies import NOMINAL
from scheduler.store import stations, supplies
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.persons import Persons

Item = Literal["ribbon", "film"]
Previous = Literal["used_up", "removed"]


class RollKnown(Conflict):
    slug = "roll-known"
    message_id = "Gulungan dengan nomor ini sudah pernah dipasang."
    message_en = "A roll of this number was loaded before."


async def load(
    desk: Desk,
    office: str,
    station: str,
    *,
    item: Item,
    roll: str | None,
    nominal: int | None,
    previous: Previous,
    by: Persons,
) -> dict[str, Any]:
    """A fresh roll in the printer; the one before it has made what it has made. Raises RollKnown.

    The same roll again, or one on top of one that has printed nothing yet, is the same load told again.
    """
    by.check(two=False)
    cards = nominal or NOMINAL[item]
    async with desk.database.transaction() as tx:
        await stations.hold(tx, station)
        loaded = await supplies.loaded(tx, office, station)
        current = next((row for row in loaded if row["item"] == item), None)
        if current is not None and _same_roll(current, roll):
            row = await supplies.amend(tx, current["id"], roll=roll, nominal=cards, who=by.name)
            return _loaded(row, again=True)
        if current is not None:
            used_up = previous == "used_up" and current["used"] > 0
            await supplies.replace(tx, current["id"], cards=current["used"], used_up=used_up)
        fresh = await supplies.load(tx, office, station, item=item, roll=roll, nominal=cards, who=by.name)
        if fresh is None:
            raise RollKnown
        return _loaded(fresh, again=False)


def _same_roll(current: Row, roll: str | None) -> bool:
    if roll is not None and current["roll"] is not None:
        return bool(current["roll"] == roll)
    return bool(current["used"] == 0)


def _loaded(row: Row, *, again: bool) -> dict[str, Any]:
    kept = ("id", "item", "roll", "nominal", "loaded_at", "loaded_by")
    return {**{key: row[key] for key in kept}, "again": again}

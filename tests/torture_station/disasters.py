"""What happens to a station once in years: a twin, an old disk put back, a full journal, a wrong clock. Facts are kept."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

from .shop import Shop
from .workers import until


async def twin(shop: Shop, station: str, facts: dict[str, Any]) -> None:
    """A second process on the same disk; then one with the same name and token on a machine of its own."""
    shop.start(station)
    await until(lambda: len(shop.cards(station)) >= 1)
    second = shop.start(station)
    facts["second on the same disk ends"] = await until(lambda: second.dead, 20)
    other = shop.home.parent / "other-machine"
    other.mkdir()
    for name in ("cetak.json", "keys.json"):
        shutil.copy(shop.home / name, other / name)
    third = shop.start(station, home=other)
    before = len(shop.cards(station))
    await until(lambda: len(shop.cards(station)) >= before + 2, 10)
    third.kill()
    facts["ended"] = True


async def image(shop: Shop, station: str, facts: dict[str, Any]) -> None:
    """The disk is put back to what it was some cards ago."""
    worker = shop.start(station)
    await until(lambda: len(shop.cards(station)) >= 1)
    folder, kept = shop.home / "stations" / station, shop.home / f"image-{station}"
    kept.mkdir()
    with (
        closing(sqlite3.connect(folder / "journal.db")) as source,
        closing(sqlite3.connect(kept / "journal.db")) as target,
    ):
        source.backup(target)
    for _ in range(2):
        # Two more runs, of which the image knows nothing.
        worker.kill()
        worker, before = shop.start(station), len(shop.cards(station))
        await until(lambda before=before: len(shop.cards(station)) > before)  # type: ignore[misc]
    worker.kill()
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)
    shop.held.add(station)
    first = shop.start(station)
    cards = len(shop.cards(station))
    facts["ends by itself"] = await until(lambda: first.dead, 15)
    facts["cards meanwhile"] = len(shop.cards(station)) - cards
    await shop.say(station, "lost")
    run = shop.run_of(station)
    shop.start(station)
    # Brought back before the old disk has said hello, it would be refused again.
    await until(lambda: shop.run_of(station) > run)
    shop.held.discard(station)
    facts["prints again"] = await until(lambda: len(shop.cards(station)) > cards, 60)


async def full(shop: Shop, station: str, facts: dict[str, Any]) -> None:
    """Not a byte goes to the journal for a while."""
    worker = shop.start(station)
    await until(lambda: len(shop.cards(station)) >= 1)
    worker.fill_disk()
    # A card that is under way when the disk fills may still come out.
    await asyncio.sleep(1.5)
    before = len(shop.cards(station))
    await asyncio.sleep(2.5)
    facts["cards meanwhile"] = len(shop.cards(station)) - before
    if worker.dead:
        worker = shop.start(station)
    else:
        worker.free_disk()
    facts["prints again"] = await until(lambda: len(shop.cards(station)) > before, 60)


async def clock(shop: Shop, station: str, facts: dict[str, Any]) -> None:
    """Its machine believes that it is tomorrow."""
    worker = shop.start(station, clock_off=86_400)

    def told() -> bool:
        (row,) = (row for row in shop.stations if row["id"] == station)
        return "clock-off" in row["printer_reasons"]

    facts["says so"] = await until(told, 20)
    facts["cards meanwhile"] = len(shop.cards(station))
    worker.kill()
    shop.start(station)
    facts["prints again"] = await until(lambda: bool(shop.cards(station)), 60)


DISASTERS: dict[str, Callable[[Shop, str, dict[str, Any]], Awaitable[None]]] = {
    "twin": twin,
    "image": image,
    "full": full,
    "clock": clock,
}

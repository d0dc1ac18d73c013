"""What is left: blanks on hand, ribbon and film by measured yield, the days it will do, and what is low."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backbone.database import Reader, Row
from scheduler.domain.supplies import SUPPLIES, daily_rate, days_left, expected_yield, is_low
from scheduler.store import stock, supplies
from scheduler.use_cases.desk import Desk, Terms


@dataclass(frozen=True, kw_only=True)
class Left:
    """What is left of one thing at one place, in cards; None: never loaded. `days_left`: None while no rate is known."""

    item: str
    left: int | None
    days_left: float | None
    low: bool


@dataclass(frozen=True, kw_only=True)
class Shelves:
    """What one look at the tables found: offices' rates, stations with their blanks, loaded rolls, offices' stores."""

    terms: Terms
    rates: Mapping[str, float]
    stations: Mapping[str, Row]
    rolls: Mapping[tuple[str, str], Row]
    stores: Mapping[str, int]

    def at(self, station: str) -> list[Left]:
        """Blank, ribbon and film of a station. Those of an office that run share its rate evenly."""
        row = self.stations[station]
        running = Counter(other["office"] for other in self.stations.values() if other["state"] == "running")
        per_day = self.rates.get(row["office"], 0.0) / max(1, running[row["office"]])
        rolls = (self.rolls.get((station, item)) for item in SUPPLIES)
        amounts = [row["n"], *(None if roll is None else _of_roll(roll) for roll in rolls)]
        return self._lefts(amounts, per_day)

    def of(self, office: str) -> list[Left]:
        """An office's stations and store together; a printer whose roll nobody told of counts for nothing."""
        mine = [name for name, row in self.stations.items() if row["office"] == office]
        blanks = self.stores.get(office, 0) + sum(self.stations[name]["n"] for name in mine)
        amounts: list[int | None] = [blanks]
        for item in SUPPLIES:
            known = [_of_roll(self.rolls[name, item]) for name in mine if (name, item) in self.rolls]
            amounts.append(sum(known) if known else None)
        return self._lefts(amounts, self.rates.get(office, 0.0))

    def _lefts(self, amounts: Iterable[int | None], per_day: float) -> list[Left]:
        items = ("blank", *SUPPLIES)
        return [self._left(item, left, per_day) for item, left in zip(items, amounts, strict=True)]

    def _left(self, item: str, left: int | None, per_day: float) -> Left:
        if left is None:
            return Left(item=item, left=None, days_left=None, low=False)
        days = days_left(left, per_day)
        low = is_low(left, days, low_days=self.terms.low_days, low_cards=self.terms.low_cards)
        return Left(item=item, left=left, days_left=days, low=low)


async def look(desk: Desk, reader: Reader, prefix: str) -> Shelves:
    """All offices at or below a region code."""
    days = await supplies.printed_days(reader, prefix)
    return Shelves(
        terms=desk.terms,
        rates={office: daily_rate(printed) for office, printed in days.items()},
        stations={row["station"]: row for row in await supplies.blanks(reader, prefix)},
        rolls={(row["station"], row["item"]): row for row in await supplies.loaded(reader, prefix)},
        stores=await supplies.stores(reader, prefix),
    )


async def at_station(desk: Desk, reader: Reader, office: str, station: str) -> dict[str, Any]:
    """A station's balances, what is left, and what it made today."""
    shelves = await look(desk, reader, office)
    rows = await stock.balances(reader, office, station)
    lefts = shelves.at(station) if station in shelves.stations else []
    return {
        "station": station,
        "office": office,
        "as_of": await reader.fetchval("SELECT backbone.now()"),
        "blanks": {row["account"]: row["n"] for row in rows if row["item"] == stock.BLANK},
        "today": await supplies.today(reader, office, station),
        "per_day": shelves.rates.get(office, 0.0),
        "left": [{**asdict(left), **_roll(shelves.rolls.get((station, left.item)))} for left in lefts],
    }


async def in_prefix(desk: Desk, prefix: str) -> dict[str, Any]:
    """What is left at each station and in each office, and the list of what is low (`station` None: a whole office)."""
    async with desk.database.reading() as reader:
        shelves = await look(desk, reader, prefix)
    stations: dict[str, list[Any]] = {}
    offices: dict[str, list[Any]] = {}
    low = []
    for office, station, left in _all(shelves):
        shown = asdict(left)
        (stations.setdefault(station, []) if station else offices.setdefault(office, [])).append(shown)
        if left.low:
            low.append({"office": office, "station": station or None, **shown})
    return {"per_day": shelves.rates, "stations": stations, "offices": offices, "low": low}


async def everywhere(desk: Desk) -> list[tuple[str, str, Left]]:
    """(office, station, what is left); the station is '' for the whole office."""
    async with desk.database.reading() as reader:
        return _all(await look(desk, reader, ""))


def _all(shelves: Shelves) -> list[tuple[str, str, Left]]:
    found = [
        (row["office"], name, left) for name, row in shelves.stations.items() for left in shelves.at(name)
    ]
    codes = {row["office"] for row in shelves.stations.values()} | shelves.stores.keys()
    return found + [(code, "", left) for code in sorted(codes) for left in shelves.of(code)]


def _of_roll(roll: Row) -> int:
    used: int = roll["used"]
    return max(0, expected_yield(roll["nominal"], roll["measured"]) - used)


def _roll(roll: Row | None) -> dict[str, Any]:
    """How a roll's number came about, so that anyone can add it up."""
    if roll is None:
        return {}
    kept = ("used", "nominal", "measured", "roll", "loaded_at", "loaded_by")
    return {
        **{key: roll[key] for key in kept},
        "expected": expected_yield(roll["nominal"], roll["measured"]),
    }

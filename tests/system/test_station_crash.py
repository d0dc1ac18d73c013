"""The crash table with real agent processes: kill -9 and SIGSTOP at every effect boundary of a card, and four disasters.

Every (point x fault) pair has a station, a printer and an agent of its own; some play side by side in one office. A stopped
agent wakes after the officer's word. The office is in this process, agents are `cetak serve station` with the ipp driver.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.torture.failpoint_names import names
from tests.torture_station.disasters import DISASTERS
from tests.torture_station.shop import FREEZE, Shop, opened
from tests.torture_station.workers import Worker, until

from onebox.audit import Finding, Witnesses, audit
from onebox.homes import witnesses

PORT = 26370
POINTS = tuple(
    sorted({*(name for name in names() if name.startswith(("station.", "ipp."))), "station.created"})
)
PAIRS = [(point, fault) for point in POINTS for fault in ("kill", "stop")]
BOUNDARIES = {
    "station.prepared",
    "station.arming",
    "station.armed",
    "station.intent",
    "ipp.created",
    "ipp.sent",
    "station.sent",
    "station.outcome",
    "station.reported",
}


@dataclass
class Told:
    """What became of one pair: whether the fault struck, which cards came out after the officer's word."""

    hit: bool = False
    after_the_word: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Attempts that the station held when it was struck."""


@dataclass
class Story:
    pairs: dict[tuple[str, str], Told]
    disasters: dict[str, dict[str, Any]]
    findings: list[Finding]
    good: Counter[str]
    """Good cards by application, from the printers' own logs."""
    accepted: list[str]
    ledgers: dict[str, tuple[dict[str, int], dict[str, int]]]
    """By station: what lies in its printer and bins, and what the ledger says."""


def station_of(index: int) -> str:
    return f"2102-{index + 1:02d}"


@pytest.fixture(scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """Everything is played here, so that no test's order matters."""
    home = tmp_path_factory.mktemp("shop")
    stations = tuple(station_of(n) for n in range(len(PAIRS) + len(DISASTERS)))
    async with opened(home, stations, PORT) as shop:
        yield await played(shop)


async def played(shop: Shop) -> Story:
    pairs = {pair: Told() for pair in PAIRS}
    facts: dict[str, dict[str, Any]] = {name: {} for name in DISASTERS}
    work: list[Awaitable[None]] = [
        at_point(shop, station_of(n), pair, pairs[pair]) for n, pair in enumerate(PAIRS)
    ]
    work += [
        DISASTERS[name](shop, station_of(len(PAIRS) + n), facts[name]) for n, name in enumerate(DISASTERS)
    ]
    work.reverse()
    people = asyncio.create_task(come(shop))
    hands = asyncio.create_task(shop.tend())
    try:
        await asyncio.gather(*work)
        shop.closed = True
        await people
        await until(lambda: not shop.unprinted and not shop.board, 60)
        await asyncio.sleep(1)
    finally:
        for task in (people, hands):
            task.cancel()
        (_, end) = await asyncio.gather(people, hands, return_exceptions=True)
    assert isinstance(end, asyncio.CancelledError), end
    return await judged(shop, pairs, facts)


async def come(shop: Shop) -> None:
    """People come for as long as a fault waits for a card to strike at."""
    while not shop.closed:
        if shop.unprinted < len(shop.machines):
            await shop.come()
        await asyncio.sleep(0.05)


async def at_point(shop: Shop, station: str, pair: tuple[str, str], told: Told) -> None:
    """Strike once there; the people act; then the agent goes on."""
    point, fault = pair
    shop.held.add(station)
    async with shop.room:
        worker = shop.start(station, failpoint=f"{point}:{fault}")
        told.hit = await until(lambda: worker.dead if fault == "kill" else worker.stopped, 60)
        await asyncio.sleep(0.4)
        told.held = shop.open_at(station)
        if fault == "kill":
            worker = shop.start(station)
        else:
            await officers_word(shop, station, worker, told)
        await until(lambda: not shop.open_at(station), 30)
        # Others need the machine now: what it has reserved goes back, what is at its printer is finished.
        await shop.say(station, "retire")
        await asyncio.sleep(0.4)
        await until(lambda: not shop.open_at(station), 30)
        worker.kill()


async def officers_word(shop: Shop, station: str, worker: Worker, told: Told) -> None:
    """The supervisor declares the silent station lost, two persons settle its card; only then does the agent wake."""
    await asyncio.sleep(FREEZE + 0.5)
    await shop.say(station, "lost")
    await asyncio.sleep(0.4)
    await until(lambda: not shop.open_at(station), 20)
    before = len(shop.cards(station))
    worker.wake()
    await asyncio.sleep(FREEZE)
    told.after_the_word = [card for card in shop.cards(station)[before:] if card in told.held]


async def judged(shop: Shop, pairs: dict[tuple[str, str], Told], facts: dict[str, dict[str, Any]]) -> Story:
    owner = {
        row["id"]: row["application"]
        for row in await shop.rows(
            "SELECT id::text AS id, application_id::text AS application FROM scheduler.attempt"
        )
    }
    prints = [
        {"attempt_id": came.job_name, "outcome": "good" if came.outcome == "good" else "fault"}
        for machine in shop.machines.values()
        for came in machine.witness.seen
    ]
    calls = witnesses(shop.home).calls or []
    seen = Witnesses(accepted=shop.accepted, prints=prints, calls=calls)
    return Story(
        pairs=pairs,
        disasters=facts,
        findings=await audit(shop.storage.login("audit"), seen),
        good=Counter(owner[entry["attempt_id"]] for entry in prints if entry["outcome"] == "good"),
        accepted=shop.accepted,
        ledgers={name: await ledger(shop, name) for name in shop.machines},
    )


async def ledger(shop: Shop, station: str) -> tuple[dict[str, int], dict[str, int]]:
    machine = shop.machines[station]
    lies = {
        "hopper": machine.hopper,
        "good": len(machine.bins.good),
        "reject": len(machine.bins.reject),
        "open": 0,
    }
    held = (await shop.call("GET", f"/scheduler/v1/stations/{station}/stock"))["blanks"]
    said = {
        "hopper": held["on_hand"] + held["booked"],
        "good": held["printed"],
        "reject": held["spoiled"] + held["destroyed"],
        "open": held["uncertain"] + held["missing"],
    }
    return lies, said


def test_the_table_has_every_boundary_of_a_card() -> None:
    assert set(POINTS) >= BOUNDARIES


@pytest.mark.parametrize(("point", "fault"), PAIRS)
def test_the_fault_struck_there(story: Story, point: str, fault: str) -> None:
    assert story.pairs[point, fault].hit


@pytest.mark.parametrize("point", POINTS)
def test_an_agent_that_wakes_after_the_officers_word_prints_nothing(story: Story, point: str) -> None:
    assert story.pairs[point, "stop"].after_the_word == []


def test_everybody_has_one_card_and_nobody_two(story: Story) -> None:
    assert story.good == Counter(story.accepted)


def test_every_ledger_says_what_lies_in_its_printer_and_bins(story: Story) -> None:
    assert {name: said for name, (_, said) in story.ledgers.items()} == {
        name: lies for name, (lies, _) in story.ledgers.items()
    }


def test_every_promise_holds(story: Story) -> None:
    assert story.findings == []


def test_a_second_process_on_the_same_disk_ends_at_once(story: Story) -> None:
    assert story.disasters["twin"] == {"second on the same disk ends": True, "ended": True}


def test_a_disk_put_back_prints_nothing_until_its_station_is_declared_lost(story: Story) -> None:
    assert story.disasters["image"] == {"ends by itself": True, "cards meanwhile": 0, "prints again": True}


def test_a_full_journal_begins_no_card(story: Story) -> None:
    assert story.disasters["full"] == {"cards meanwhile": 0, "prints again": True}


def test_a_clock_that_is_off_begins_no_card_and_is_told(story: Story) -> None:
    assert story.disasters["clock"] == {"says so": True, "cards meanwhile": 0, "prints again": True}

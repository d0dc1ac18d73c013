"""The simulated card printer: every blank is somewhere, its log tells what came out, IPP tells what it believes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from backbone.clock import VirtualClock
from backbone.ids import Ids
from simulator.card_printer import ipp, service
from simulator.card_printer.machine import ABORTED, CANCELED, COMPLETED, Cut, Machine, Off, Unwilling
from simulator.card_printer.mishaps import KINDS, Kind, Mishap, drawn
from simulator.card_printer.witness import Witness, read

URI = "ipp://cards/ipp/print"
BLANKS = 9


class Room:
    """A printer in virtual time, its motor running."""

    def __init__(self, clock: VirtualClock, **settings: Any) -> None:
        self.clock = clock
        ids = Ids(clock, Random(1))
        self.machine = Machine(clock, ids, blanks=BLANKS, seconds_per_card=10, **settings)
        self.service = service.Service(self.machine, URI)
        self.motor = asyncio.create_task(self.machine.run())

    def send(self, name: str = "kartu") -> int:
        number = self.machine.create_job(name).id
        self.machine.send_document(number)
        return number

    async def printed(self, kind: Kind | None = None) -> int:
        """One card sent, a minute passed; the job's id."""
        if kind is not None:
            self.machine.mishaps.order(Mishap(kind=kind))
        number = self.send()
        await self.clock.sleep(60)
        return number

    def ask(self, operation: int, **said: ipp.Tagged) -> ipp.Message:
        attributes = {name.replace("_", "-"): value for name, value in said.items()}
        return self.service.answer(
            ipp.Message(code=operation, request_id=1, groups=((ipp.OPERATION, attributes),))
        )

    @property
    def blanks(self) -> int:
        bins, hand = self.machine.bins, self.machine.in_hand
        return self.machine.hopper + len(bins.good) + len(bins.reject) + int(hand is not None)


@pytest.fixture
async def clock() -> AsyncIterator[VirtualClock]:
    made = VirtualClock(datetime(2018, 6, 29, tzinfo=UTC))
    with made.at_work():
        driver = asyncio.create_task(made.run())
        yield made
    driver.cancel()
    await asyncio.gather(driver, return_exceptions=True)


@pytest.fixture
async def room(clock: VirtualClock) -> AsyncIterator[Room]:
    made = Room(clock)
    yield made
    made.motor.cancel()
    await asyncio.gather(made.motor, return_exceptions=True)


async def test_a_job_with_its_data_becomes_a_good_card(room: Room) -> None:
    number = await room.printed()

    assert room.machine.job(number).state == COMPLETED
    assert room.machine.bins.good == ["kartu"]


async def test_a_job_without_data_prints_nothing(room: Room) -> None:
    room.machine.create_job("kartu")
    await room.clock.sleep(600)

    assert room.machine.hopper == BLANKS


async def test_data_cannot_be_sent_twice(room: Room) -> None:
    number = room.send()

    with pytest.raises(Unwilling):
        room.machine.send_document(number)


async def test_a_jam_puts_the_blank_into_the_reject_bin_and_stops_the_printer(room: Room) -> None:
    number = await room.printed("jam")
    room.send()
    await room.clock.sleep(60)
    stuck = list(room.machine.bins.good)
    room.machine.clear_jam()
    await room.clock.sleep(60)

    assert room.machine.job(number).state == ABORTED
    assert room.machine.bins.reject == ["kartu"]
    assert stuck == []
    assert len(room.machine.bins.good) == 1


async def test_a_power_cut_forgets_every_job_and_uses_their_ids_again(room: Room) -> None:
    number = await room.printed("power_cut")
    with pytest.raises(Off):
        room.machine.job(number)
    room.machine.power_on()

    assert room.machine.bins.reject == ["kartu"]
    assert room.machine.create_job("lain").id == number


async def test_an_open_cover_holds_the_card_until_it_is_closed(room: Room) -> None:
    number = await room.printed("cover_open")
    held = room.machine.job(number).state
    room.machine.close_cover()
    await room.clock.sleep(60)

    assert held < CANCELED
    assert room.machine.bins.good == ["kartu"]


async def test_an_empty_hopper_stops_it_until_blanks_are_put_in(clock: VirtualClock) -> None:
    room = Room(clock)
    room.machine.hopper = 0
    room.send()
    await clock.sleep(60)
    reasons, before = room.machine.stoppers(), list(room.machine.bins.good)
    room.machine.load(3)
    await clock.sleep(60)
    room.motor.cancel()

    assert reasons == ("media-empty",)
    assert before == []
    assert room.machine.bins.good == ["kartu"]


@pytest.mark.parametrize("kind", ["answer_lost", "error_but_prints"])
async def test_a_card_comes_out_though_the_answer_was_lost_or_an_error(room: Room, kind: Kind) -> None:
    room.machine.mishaps.order(Mishap(kind=kind))
    with pytest.raises((Cut, Unwilling)):
        room.send()
    await room.clock.sleep(60)

    assert room.machine.bins.good == ["kartu"]


async def test_a_busy_printer_makes_no_job(room: Room) -> None:
    room.machine.mishaps.order(Mishap(kind="busy"))
    with pytest.raises(Unwilling):
        room.send()

    assert room.machine.jobs == {}


async def test_what_has_not_begun_can_be_cancelled(room: Room) -> None:
    room.machine.mishaps.order(Mishap(kind="slow"))
    room.send("pertama")
    second = room.send("kedua")
    await room.clock.sleep(5)
    room.machine.cancel(second)
    await room.clock.sleep(600)

    assert room.machine.bins.good == ["pertama"]
    assert room.machine.job(second).state == CANCELED


async def test_what_is_in_hand_cannot_be_cancelled(room: Room) -> None:
    number = room.send()
    await room.clock.sleep(5)

    with pytest.raises(Unwilling):
        room.machine.cancel(number)


async def test_an_empty_history_knows_no_job_though_its_card_came_out(room: Room) -> None:
    number = await room.printed("history_empty")

    with pytest.raises(Unwilling):
        room.machine.job(number)
    assert room.machine.bins.good == ["kartu"]


async def test_a_spooler_says_completed_before_the_card_is_there(clock: VirtualClock) -> None:
    room = Room(clock, spooler=True)
    number = room.send()
    said = room.machine.job(number).state
    before = list(room.machine.bins.good)
    room.motor.cancel()

    assert said == COMPLETED
    assert before == []


@pytest.mark.parametrize("seed", range(5))
async def test_no_blank_is_ever_lost(clock: VirtualClock, seed: int) -> None:
    room = Room(clock)
    for n, mishap in drawn(seed, jobs=8, share=0.7).items():
        room.machine.mishaps._by_job[n] = mishap
    for _ in range(8):
        with suppress(Off, Cut, Unwilling):
            room.send()
        await clock.sleep(7)
        assert room.blanks == BLANKS
        room.machine.power_on()
        room.machine.close_cover()
        room.machine.clear_jam()
    room.motor.cancel()


async def test_its_log_outlives_it(clock: VirtualClock, tmp_path: Path) -> None:
    path = tmp_path / "came.jsonl"
    room = Room(clock, witness=Witness(path))
    await room.printed()
    await room.printed("jam")
    room.motor.cancel()

    assert [came.outcome for came in read(path)] == ["good", "jam"]


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    assert drawn(3, jobs=20, share=0.5) == drawn(3, jobs=20, share=0.5)
    assert {mishap.kind for mishap in drawn(3, jobs=300, share=1).values()} == set(KINDS)


async def test_over_ipp_a_job_is_made_sent_and_seen(room: Room) -> None:
    made = room.ask(service.CREATE_JOB, job_name=ipp.texts(ipp.NAME, "kartu"))
    number = ipp.numbers(made.first("job-id", group=ipp.JOB))
    last = ipp.Tagged(tag=ipp.BOOLEAN, values=(True,))
    room.ask(service.SEND_DOCUMENT, job_id=number, last_document=last)
    await room.clock.sleep(60)
    seen = room.ask(service.GET_JOB, job_id=number)
    listed = room.ask(service.GET_JOBS, which_jobs=ipp.texts(ipp.KEYWORD, "completed"))

    assert seen.first("job-state", group=ipp.JOB) == COMPLETED
    assert seen.first("job-uuid", group=ipp.JOB) == made.first("job-uuid", group=ipp.JOB)
    assert listed.first("job-id", group=ipp.JOB) == 1


async def test_over_ipp_what_is_unknown_or_not_supported_is_an_error(room: Room) -> None:
    nobody = room.ask(service.GET_JOB, job_id=ipp.numbers(7))
    odd = room.ask(0x0002)

    assert nobody.code == 0x0406
    assert odd.code == service.NOT_SUPPORTED


async def test_over_ipp_it_says_why_it_is_stopped(room: Room) -> None:
    room.machine.open_cover()
    told = room.ask(service.GET_PRINTER)

    assert told.first("printer-state", group=ipp.PRINTER) == 5
    assert told.all("printer-state-reasons", group=ipp.PRINTER) == ("cover-open",)


@pytest.fixture
async def client(room: Room) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(service.create_app(room.machine, URI))
    async with httpx2.AsyncClient(transport=transport, base_url="http://cards") as made:
        yield made


async def test_over_http_it_answers_ipp_and_refuses_what_is_none(client: httpx2.AsyncClient) -> None:
    asked = ipp.encode(ipp.Message(code=service.GET_PRINTER, request_id=9))
    answer = ipp.decode((await client.post("/ipp/print", content=asked)).content)
    nonsense = await client.post("/ipp/print", content=b"hello")

    assert (answer.code, answer.request_id) == (0, 9)
    assert nonsense.status_code == 400


async def test_over_http_hands_tend_it(client: httpx2.AsyncClient) -> None:
    said: list[tuple[str, Mapping[str, object]]] = [("load", {"blanks": 5}), ("open-cover", {})]
    for act, body in said:
        assert (await client.post(f"/_control/{act}", json=body)).status_code == 204
    seen = (await client.get("/_control")).json()

    assert seen["hopper"] == BLANKS + 5
    assert "cover-open" in seen["reasons"]

"""A printer in trouble: what its health says, and what becomes of the card in it."""

import asyncio
from uuid import UUID, uuid5

import pytest
from tests.conformance.stages import CupsStage, IppEveStage, IppStage, until, until_health

from printer_agent.domain import reason
from printer_agent.session import Health, NotSent, SendUncertain, Supply

ONE = uuid5(UUID(int=0), "kartu 1")
TWO = uuid5(UUID(int=0), "kartu 2")


def _says(health: Health, cause: str) -> bool:
    return health.state == "stopped" and any(
        reason(word).severity == "stopped" and reason(word).message_id == reason(cause).message_id
        for word in health.reasons
    )


@pytest.mark.parametrize("cause", ["cover-open", "media-empty"])
async def test_trouble_in_the_middle_of_a_card_is_told_in_our_words(device: IppStage, cause: str) -> None:
    session = device.session()
    device.begin(cause)
    async with asyncio.TaskGroup() as group:
        group.create_task(device.print(session, ONE))
        # `ippeveprinter` sometimes lets a job lie that is made while it is asked how it is.
        await until(lambda: device.taken)
        await until_health(session, lambda said: _says(said, cause))
        device.end(cause)


@pytest.mark.parametrize("cause", ["cover-open", "media-empty"])
async def test_once_the_trouble_is_over_the_card_comes_out_and_the_printer_is_ready(
    device: IppStage, cause: str
) -> None:
    session = device.session()
    device.begin(cause)
    async with asyncio.TaskGroup() as group:
        group.create_task(device.print(session, ONE))
        # `ippeveprinter` sometimes lets a job lie that is made while it is asked how it is.
        await until(lambda: device.taken)
        await until_health(session, lambda said: said.state == "stopped")
        device.end(cause)
    assert device.cards() == [str(ONE)]
    assert (await session.health()).state == "ready"


async def test_a_cover_left_open_after_a_card_stops_the_printer_until_it_is_closed(device: IppStage) -> None:
    session = device.session()
    device.begin("left-open")
    await device.print(session, ONE)
    assert _says(await session.health(), "cover-open")
    device.end("left-open")
    await device.print(session, TWO)
    assert (await session.health()).state == "ready"


async def test_a_card_whose_time_is_up_is_uncertain(device: IppStage) -> None:
    device.begin("media-empty")
    with pytest.raises(SendUncertain):
        await device.print(device.session(), ONE)


async def test_a_card_given_up_does_not_come_out_when_the_trouble_is_over(device: IppStage) -> None:
    if isinstance(device, IppEveStage):
        device.cannot("2.4.2 lets a job's command go on after Cancel-Job")
    session = device.session()
    device.begin("media-empty")
    with pytest.raises(SendUncertain):
        await device.print(session, ONE)
    device.end("media-empty")
    await device.print(session, TWO)
    assert device.cards() == [str(TWO)]


async def test_a_jammed_card_is_uncertain(device: IppStage) -> None:
    device.begin("media-jam")
    with pytest.raises(SendUncertain):
        await device.print(device.session(), ONE)


async def test_after_a_jam_the_next_run_knows_nothing_for_sure(device: IppStage) -> None:
    told: list[str] = []
    device.begin("media-jam")
    with pytest.raises(SendUncertain):
        await device.print(device.session(), ONE, told)
    assert await device.session().resolve(told[0]) == "unknown"


async def test_a_printer_that_works_for_somebody_else_is_busy(device: IppStage) -> None:
    device.begin("hold")
    await device.stranger_prints()
    await until(lambda: device.taken)
    assert _says(await device.session().health(), "busy")
    device.end("hold")


async def test_a_busy_printer_is_sent_nothing(device: IppStage) -> None:
    if isinstance(device, CupsStage):
        device.cannot("a spooler is never busy: it queues; `busy` in its health keeps cards away")
    device.begin("hold")
    await device.stranger_prints()
    await until(lambda: device.taken)
    with pytest.raises(NotSent):
        await device.print(device.session(), ONE)
    device.end("hold")


async def test_a_printer_that_is_free_again_is_ready(device: IppStage) -> None:
    await device.stranger_prints()
    session = device.session()
    await until_health(session, lambda said: said.state == "ready")


async def test_a_printer_killed_with_a_card_in_it_leaves_it_uncertain(device: IppStage) -> None:
    device.begin("hold")
    task = asyncio.create_task(device.print(device.session(), ONE))
    await until(lambda: device.taken)
    await device.printer.kill()
    with pytest.raises(SendUncertain):
        await task


async def test_a_printer_that_comes_back_does_not_print_the_card_that_was_given_up(device: IppStage) -> None:
    session = device.session()
    device.begin("hold")
    task = asyncio.create_task(device.print(session, ONE))
    await until(lambda: device.taken)
    await device.printer.kill()
    with pytest.raises(SendUncertain):
        await task
    await device.printer.start()
    await until_health(session, lambda said: said.state == "ready")
    device.end("hold")
    await device.print(session, TWO)
    assert device.cards() == [str(TWO)]


async def test_after_the_printers_death_the_next_run_does_not_take_the_card_for_printed(
    device: IppStage,
) -> None:
    told: list[str] = []
    device.begin("hold")
    task = asyncio.create_task(device.print(device.session(), ONE, told))
    await until(lambda: device.taken)
    await device.printer.kill()
    await asyncio.gather(task, return_exceptions=True)
    await device.printer.start()
    assert await device.session().resolve(told[0]) == "unknown"


async def test_a_printer_that_is_gone_is_offline(device: IppStage) -> None:
    await device.printer.stop()
    assert _says(await device.session().health(), "offline")


async def test_a_printer_that_is_gone_is_sent_nothing(device: IppStage) -> None:
    await device.printer.stop()
    with pytest.raises(NotSent):
        await device.print(device.session(), ONE)


async def test_a_card_in_the_device_can_be_cancelled(device: IppStage) -> None:
    told: list[str] = []
    device.begin("hold")
    task = asyncio.create_task(device.print(device.session(), ONE, told))
    await until(lambda: device.taken)
    assert await device.session().cancel(told[0])
    device.end("hold")
    with pytest.raises(SendUncertain):
        await task


async def test_supplies_come_with_the_health(device: IppStage) -> None:
    session = device.session()
    await device.print(session, ONE)
    assert (await session.health()).supplies == (Supply(kind="ribbon", level=40),)


async def test_a_change_of_health_is_an_event(device: IppStage) -> None:
    events = device.session().events()
    first = await anext(events)
    await device.printer.stop()
    second = await anext(events)
    assert (first.state, second.reasons) == ("ready", ("offline",))


async def test_a_printer_without_pdf_is_stopped(device: IppStage) -> None:
    if not isinstance(device, IppEveStage):
        device.cannot("CUPS takes PDF at every queue")
    await device.eve.stop()
    await device.eve.start(formats="image/pwg-raster")
    assert _says(await device.session().health(), "document-format-unsupported")


async def test_a_printer_of_one_side_is_stopped(device: IppStage) -> None:
    if not isinstance(device, IppEveStage):
        device.cannot("a raw queue of CUPS says what it was told to say")
    await device.eve.stop()
    await device.eve.start(two_sided=False)
    assert _says(await device.session().health(), "one-sided-only")


async def test_a_queue_that_takes_no_jobs_is_stopped(device: IppStage) -> None:
    if not isinstance(device, CupsStage):
        device.cannot("has no such switch")
    await device.cups.control("cupsreject")
    assert _says(await device.session().health(), "not-accepting-jobs")


async def test_a_queue_that_takes_no_jobs_is_sent_nothing(device: IppStage) -> None:
    if not isinstance(device, CupsStage):
        device.cannot("has no such switch")
    await device.cups.control("cupsreject")
    with pytest.raises(NotSent):
        await device.print(device.session(), ONE)


async def test_a_paused_queue_is_stopped(device: IppStage) -> None:
    if not isinstance(device, CupsStage):
        device.cannot("has no such switch")
    await device.cups.control("cupsdisable")
    assert _says(await device.session().health(), "paused")

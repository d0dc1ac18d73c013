"""A wire to the printer that loses things: at most one card, and never "printed" without the printer's word."""

from contextlib import suppress
from uuid import UUID, uuid5

import pytest
from tests.conformance.lossy import CREATE_JOB, SEND_DOCUMENT
from tests.conformance.stages import IppEveStage, IppStage, until_health

from printer_agent.session import NotSent, SendUncertain

ONE = uuid5(UUID(int=0), "kartu 1")
TWO = uuid5(UUID(int=0), "kartu 2")


async def _printed_with_a_lost_answer(device: IppStage) -> str:
    """The reference. Whether the sender may be sure depends on whether the printer counts the data it took."""
    told: list[str] = []
    device.wire.faults[SEND_DOCUMENT] = "answer lost"
    with suppress(SendUncertain):
        await device.print(device.through_wire(), ONE, told)
    return told[0]


async def test_an_answer_lost_after_all_bytes_were_sent_is_one_card(device: IppStage) -> None:
    await _printed_with_a_lost_answer(device)
    assert device.cards() == [str(ONE)]


async def test_an_answer_lost_after_all_bytes_were_sent_is_never_asked_for_again(device: IppStage) -> None:
    await _printed_with_a_lost_answer(device)
    assert device.wire.seen.count(SEND_DOCUMENT) == 1


async def test_after_a_lost_answer_the_next_run_learns_it_from_the_printer(device: IppStage) -> None:
    if isinstance(device, IppEveStage):
        device.cannot("counts no data: only the run that sent it knows that all of it went")
    reference = await _printed_with_a_lost_answer(device)
    assert await device.session().resolve(reference) == "printed"


async def test_a_lost_answer_of_a_printer_that_counts_no_data_is_uncertain(device: IppStage) -> None:
    if not isinstance(device, IppEveStage):
        device.cannot("counts the data it took")
    device.wire.faults[SEND_DOCUMENT] = "answer lost"
    with pytest.raises(SendUncertain):
        await device.print(device.through_wire(), ONE)


async def test_data_that_was_cut_is_uncertain(device: IppStage) -> None:
    device.wire.faults[SEND_DOCUMENT] = "data cut"
    with pytest.raises(SendUncertain):
        await device.print(device.through_wire(), ONE)


async def test_data_that_was_cut_is_never_taken_for_a_card(device: IppStage) -> None:
    told: list[str] = []
    device.wire.faults[SEND_DOCUMENT] = "data cut"
    with pytest.raises(SendUncertain):
        await device.print(device.through_wire(), ONE, told)
    assert await device.session().resolve(told[0]) == "unknown"


async def test_after_data_that_was_cut_the_next_card_prints(device: IppStage) -> None:
    device.wire.faults[SEND_DOCUMENT] = "data cut"
    session = device.through_wire()
    with pytest.raises(SendUncertain):
        await device.print(session, ONE)
    device.wire.faults.clear()
    await until_health(session, lambda said: said.state == "ready")
    await device.print(session, TWO)
    assert device.cards()[-1] == str(TWO)


async def test_a_refused_document_was_not_sent(device: IppStage) -> None:
    device.wire.faults[SEND_DOCUMENT] = "refused"
    with pytest.raises(NotSent):
        await device.print(device.through_wire(), ONE)


async def test_after_a_refused_document_nothing_is_left_at_the_printer(device: IppStage) -> None:
    device.wire.faults[SEND_DOCUMENT] = "refused"
    with pytest.raises(NotSent):
        await device.print(device.through_wire(), ONE)
    assert (await device.session().health()).state == "ready"


@pytest.mark.parametrize("fault", ["redirected", "http error"])
async def test_a_redirect_or_a_proxys_error_is_not_followed_and_not_tried_again(
    device: IppStage, fault: str
) -> None:
    device.wire.faults[SEND_DOCUMENT] = fault  # type: ignore[assignment]  # one of the two above
    with pytest.raises(SendUncertain):
        await device.print(device.through_wire(), ONE)
    assert device.wire.seen.count(SEND_DOCUMENT) == 1
    assert device.cards() == []


async def test_a_lost_answer_to_create_job_was_not_sent(device: IppStage) -> None:
    device.wire.faults[CREATE_JOB] = "answer lost"
    with pytest.raises(NotSent):
        await device.print(device.through_wire(), ONE)


async def test_a_job_without_data_that_nobody_knows_of_is_cancelled(device: IppStage) -> None:
    device.wire.faults[CREATE_JOB] = "answer lost"
    session = device.through_wire()
    with pytest.raises(NotSent):
        await device.print(session, ONE)
    await until_health(session, lambda said: said.state == "ready")
    await device.print(device.session(), TWO)
    assert device.cards() == [str(TWO)]

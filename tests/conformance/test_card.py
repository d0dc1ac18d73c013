"""A card at any printer: sent once, known by its reference and by its attempt id, never taken for another."""

from uuid import UUID, uuid5

import pytest
from tests.conformance.stages import PDF, IppEveStage, IppStage, Stage

from backbone import failpoints
from printer_agent.drivers.ipp.job import Reference
from printer_agent.session import NotSent, PreparedCard, SessionError

ONE = uuid5(UUID(int=0), "kartu 1")
TWO = uuid5(UUID(int=0), "kartu 2")


async def test_a_ready_printer_says_so(stage: Stage) -> None:
    assert (await stage.session().health()).state == "ready"


async def test_it_says_whose_word_its_completed_is(stage: Stage) -> None:
    session = stage.session()
    await session.health()
    assert session.capabilities.evidence == stage.evidence


async def test_one_send_is_one_card(stage: Stage) -> None:
    await stage.print(stage.session(), ONE)
    assert stage.cards() == [str(ONE)]


async def test_a_printed_card_is_known_by_its_reference(stage: Stage) -> None:
    session = stage.session()
    assert await session.resolve(await stage.print(session, ONE)) == "printed"


async def test_another_run_knows_it_by_its_reference(stage: Stage) -> None:
    if isinstance(stage, IppEveStage):
        stage.cannot("counts no data: only the run that sent it knows that all of it went")
    reference = await stage.print(stage.session(), ONE)
    assert await stage.session().resolve(reference) == "printed"


async def test_another_run_knows_it_by_its_attempt_id(stage: Stage) -> None:
    if isinstance(stage, IppStage):
        stage.cannot("a job's count says nothing without the size that its reference keeps")
    await stage.print(stage.session(), ONE)
    assert await stage.session().resolve(str(ONE)) == "printed"


async def test_what_was_never_sent_is_unknown(stage: Stage) -> None:
    assert await stage.session().resolve(str(ONE)) == "unknown"


async def test_another_attempts_card_is_not_sent(stage: Stage) -> None:
    with pytest.raises(NotSent):
        await stage.session().submit(PreparedCard(attempt_id=TWO, document=PDF), ONE)


async def test_with_an_empty_history_a_card_is_unknown_never_not_printed(stage: Stage) -> None:
    reference = await stage.print(stage.session(), ONE)
    await stage.forget()
    assert await stage.session().resolve(reference) == "unknown"


async def test_with_an_empty_history_its_attempt_id_says_nothing_either(stage: Stage) -> None:
    await stage.print(stage.session(), ONE)
    await stage.forget()
    assert await stage.session().resolve(str(ONE)) == "unknown"


async def test_a_printed_card_cannot_be_cancelled(stage: Stage) -> None:
    session = stage.session()
    assert not await session.cancel(await stage.print(session, ONE))


async def test_a_run_that_dies_after_the_send_leaves_a_card_that_the_next_one_knows(stage: Stage) -> None:
    if isinstance(stage, IppEveStage):
        stage.cannot("counts no data: only the run that sent it knows that all of it went")
    told: list[str] = []
    point = "ipp.sent" if isinstance(stage, IppStage) else "folder.laid_down"
    failpoints.arm(f"{point}:raise")
    with pytest.raises(failpoints.Injected):
        await stage.print(stage.session(), ONE, told)
    assert await stage.session().resolve(told[0] if told else str(ONE)) == "printed"


async def test_the_reference_is_told_before_any_data_goes(device: IppStage) -> None:
    told: list[tuple[str, list[str]]] = []

    async def created(reference: str) -> None:
        told.append((reference, device.cards()))

    prepared = PreparedCard(attempt_id=ONE, document=PDF)
    reference = await device.session().submit(prepared, ONE, created)
    assert told == [(reference, [])]


async def test_the_reference_holds_the_jobs_own_uuid(device: IppStage) -> None:
    known = Reference.read(await device.print(device.session(), ONE))
    assert known is not None
    assert str(known.job_uuid).startswith("urn:uuid:")


async def test_a_journal_that_fails_stops_the_send(device: IppStage) -> None:
    async def fail(reference: str) -> None:
        raise OSError(reference)

    with pytest.raises(OSError, match=str(ONE)):
        await device.session().submit(PreparedCard(attempt_id=ONE, document=PDF), ONE, fail)
    assert device.cards() == []


async def test_a_job_id_used_again_is_another_card(device: IppStage) -> None:
    first = await device.print(device.session(), ONE)
    await device.forget()
    second = await device.print(device.session(), TWO)
    known, other = Reference.read(first), Reference.read(second)
    assert known is not None
    assert other is not None
    assert known.job_id == other.job_id
    assert await device.session().resolve(first) == "unknown"


async def test_a_run_that_dies_before_the_send_leaves_no_card(device: IppStage) -> None:
    failpoints.arm("ipp.created:raise")
    with pytest.raises(failpoints.Injected):
        await device.print(device.session(), ONE)
    assert await device.session().resolve(str(ONE)) == "unknown"
    assert device.cards() == []


async def test_a_newer_run_takes_away_the_job_of_one_that_was_frozen_before_the_data(
    device: IppStage,
) -> None:
    newer = device.session()

    async def frozen(reference: str) -> None:
        await newer.health()

    # CUPS takes data for a cancelled job, and drops it: there its answer is that nobody knows.
    with pytest.raises(SessionError):
        await device.session().submit(PreparedCard(attempt_id=ONE, document=PDF), ONE, frozen)
    assert device.cards() == []

"""What people at the station see and do, with the office or without."""

from typing import Any
from uuid import UUID

import pytest

from printer_agent.office import Unreachable
from printer_agent.session import Health, NotSent


async def test_a_pause_holds_at_once_without_the_office_and_over_a_restart(bench: Any) -> None:
    bench.office.give(1)
    await bench.work(0)
    bench.office.away = True
    told = await bench.station.pause("ganti pita", "Rina")
    bench.restart()
    bench.office.away = False
    await bench.work(2)
    view = bench.station.view()

    assert not told
    assert bench.printer.printed == []
    assert (view.word, view.reason, view.pause_waiting) == ("paused", "ganti pita (Rina)", False)


async def test_a_pause_that_nobody_was_told_of_shows(bench: Any) -> None:
    await bench.work(0)
    bench.office.away = True
    await bench.station.pause("ganti pita", "Rina")
    view = bench.station.view()

    assert (view.word, view.reason, view.pause_waiting) == ("paused", "ganti pita (Rina)", True)
    assert "office_unreachable" in view.blocked_by


async def test_it_goes_on_when_the_office_agrees(bench: Any) -> None:
    await bench.work(0)
    await bench.station.pause("ganti pita", "Rina")
    await bench.station.resume("pita sudah diganti", "Rina")
    bench.office.give(1)
    await bench.work(2)

    assert bench.office.of("resume") == [{"reason": "pita sudah diganti (Rina)"}]
    assert len(bench.printer.printed) == 1


async def test_without_the_office_nothing_is_resumed(bench: Any) -> None:
    await bench.work(0)
    await bench.station.pause("ganti pita", "Rina")
    bench.office.away = True
    with pytest.raises(Unreachable):
        await bench.station.resume("sudah", "Rina")

    assert bench.station.view().word == "paused"


async def test_an_uncertain_card_is_shown_until_people_have_answered(bench: Any) -> None:
    attempt = bench.office.give(1)
    bench.printer.creates = True

    def fails() -> None:
        raise NotSent("kabel lepas")

    bench.printer.meanwhile = fails
    await bench.work(2)
    during = bench.station.view()
    await bench.station.answer(attempt, "spoiled", person="Rina", second_person="Tono", note="kartu rusak")
    after = bench.station.view()

    assert (during.word, during.uncertain and during.uncertain.receipt_number) == (
        "uncertain",
        "2102-0000-0000-1",
    )
    assert (after.word, after.uncertain, after.spoiled_today) == ("ready", None, 1)
    assert bench.office.of("reconcile")[0]["second_person"] == "Tono"


async def test_an_uncertain_card_shows_without_the_office_and_over_a_restart(bench: Any) -> None:
    attempt = bench.office.give(1)
    await bench.work(0)
    bench.journal.record_arming(
        attempt_id=attempt,
        application_id=UUID(int=101),
        fence=1,
        nonce=UUID(int=9),
        run=1,
        receipt_number="2102-0000-0000-1",
    )
    bench.journal.record_intent(attempt, at=bench.began)
    bench.journal.record_outcome(attempt, outcome="uncertain", evidence={}, at=bench.began)
    bench.restart()
    bench.office.away = True
    await bench.work(1)
    view = bench.station.view()

    assert view.uncertain is not None
    assert (view.word, view.uncertain.receipt_number, view.owed) == ("uncertain", "2102-0000-0000-1", 1)


async def test_asked_again_the_printer_answers_without_the_office_too(bench: Any) -> None:
    bench.printer.state = Health(state="stopped", reasons=("media-empty",))
    await bench.work(0)
    stopped = bench.station.view().word
    bench.printer.state = Health(state="ready")
    bench.office.away = True

    assert stopped == "printer_stopped"
    assert (await bench.station.ask_printer()).state == "ready"
    assert bench.station.view().word == "offline"

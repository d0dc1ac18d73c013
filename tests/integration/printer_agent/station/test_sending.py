"""One card: when it is sent, and when no more."""

from typing import Any
from uuid import UUID

import pytest


async def test_a_card_is_printed_and_told_once(bench: Any) -> None:
    attempt = bench.office.give(1)
    await bench.work(2)

    assert bench.printer.printed == [attempt]
    assert bench.outcomes == [("printed", None)]
    assert bench.station.view().printed_today == 1


async def test_the_journal_has_the_devices_name_before_the_card_goes(bench: Any) -> None:
    attempt = bench.office.give(1)
    bench.printer.creates = True
    names: list[str | None] = []
    bench.office.on_arm = lambda: names.append(bench.reference(attempt))
    await bench.work(2)

    # Asked to arm, and once more between the device's job and the card.
    assert names == [None, f"job-{attempt}"]
    assert bench.outcomes == [("printed", None)]


async def test_frozen_before_the_intent_it_sends_nothing_and_says_so(bench: Any) -> None:
    bench.office.give(1)
    bench.office.on_arm = lambda: bench.pass_time(31)
    await bench.work(2)

    assert bench.printer.printed == []
    assert bench.outcomes == [("released", "woke_too_late")]


async def test_frozen_while_the_device_made_its_job_it_sends_nothing(bench: Any) -> None:
    bench.office.give(1)
    bench.printer.creates = True
    bench.printer.meanwhile = lambda: bench.pass_time(31)
    await bench.work(2)

    assert bench.printer.printed == []
    assert bench.outcomes == [("uncertain", "woke_too_late")]


@pytest.mark.parametrize("answer", ["no", "away"])
async def test_frozen_for_a_while_it_asks_again_and_sends_nothing_without_a_yes(
    bench: Any, answer: str
) -> None:
    bench.office.give(1)
    bench.printer.creates = True

    def officer() -> None:
        """Between the device's job and the card a person has said that the blank is intact."""
        bench.pass_time(15)
        bench.office.no["arm"] = {"type": "urn:cetak:not-armed", "veto": "attempt"}
        bench.office.away = answer == "away"

    bench.printer.meanwhile = officer
    await bench.work(2)
    bench.office.away = False
    await bench.work(1)

    assert bench.printer.printed == []
    assert bench.outcomes == [("uncertain", "no_more_allowed")]


async def test_a_printer_that_makes_no_job_first_is_asked_for_before_the_send(bench: Any) -> None:
    bench.office.give(1)
    asked: list[int] = []

    def slow() -> None:
        asked.append(1)
        bench.pass_time(4 if len(asked) == 1 else 0)

    bench.office.on_arm = slow
    await bench.work(2)

    assert len(asked) == 2
    assert len(bench.printer.printed) == 1


async def test_after_a_crash_an_open_job_is_cancelled_and_the_card_uncertain(bench: Any) -> None:
    attempt = bench.office.give(1)
    bench.journal.record_arming(
        attempt_id=attempt, application_id=UUID(int=101), fence=1, nonce=UUID(int=9), run=1
    )
    bench.journal.record_intent(attempt, at=bench.began)
    bench.journal.record_reference(attempt, f"job-{attempt}")
    bench.restart()
    await bench.work(2)

    assert bench.printer.cancelled == [f"job-{attempt}"]
    assert bench.outcomes == [("uncertain", "restarted_after_intent")]

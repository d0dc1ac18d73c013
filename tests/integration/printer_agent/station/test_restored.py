"""An office, or a station, whose memory is older than the world."""

from typing import Any
from uuid import UUID

import pytest

from printer_agent.office import Refused
from printer_agent.use_cases import Superseded


async def test_a_wanted_journal_is_told_whole_before_anything_else(bench: Any) -> None:
    first = bench.office.give(1)
    await bench.work(2)
    bench.office.give(2)
    bench.office.hello |= {"recovering": True, "journal_wanted": True, "epoch": 7}
    await bench.work(2)
    (page,) = bench.office.of("journal")

    assert (page["epoch"], page["last"]) == (7, True)
    assert [(e["attempt_id"], e["outcome"]) for e in page["entries"]] == [(str(first), "printed")]
    assert page["entries"][0]["approval_id"] == str(UUID(int=201))
    assert bench.printer.printed == [first]


async def test_a_long_journal_comes_in_pages(bench: Any) -> None:
    for n in range(1, 402):
        bench.journal.record_arming(
            attempt_id=UUID(int=n), application_id=UUID(int=n), fence=n % 7, nonce=UUID(int=n), run=1
        )
        bench.journal.record_intent(UUID(int=n), at=bench.began)
        bench.journal.record_outcome(UUID(int=n), outcome="printed", evidence={}, at=bench.began)
        bench.journal.record_reported(UUID(int=n), at=bench.began)
    bench.office.hello |= {"recovering": True, "journal_wanted": True, "epoch": 7}
    await bench.work(1)
    pages = bench.office.of("journal")

    assert [(len(page["entries"]), page["last"]) for page in pages] == [(200, False), (200, False), (1, True)]
    assert len({e["attempt_id"] for page in pages for e in page["entries"]}) == 401


async def test_a_refused_journal_is_told_again_after_the_next_hello(bench: Any) -> None:
    bench.office.hello |= {"recovering": True, "journal_wanted": True, "epoch": 7}
    bench.office.no["journal"] = {"type": "urn:cetak:other-epoch"}
    await bench.work(1)
    del bench.office.no["journal"]
    await bench.work(2)

    assert len(bench.office.of("journal")) == 2


async def test_a_card_that_is_reserved_again_though_sent_proves_a_restore(bench: Any) -> None:
    attempt = bench.office.give(1)
    await bench.work(2)
    bench.office.give(1)
    await bench.work(2)

    assert bench.office.of("hello")[-1]["knows_more"] is True
    assert bench.printer.printed == [attempt]


async def test_a_printed_card_that_the_office_never_armed_proves_a_restore(bench: Any) -> None:
    bench.office.give(1)
    bench.office.no["outcome"] = {"type": "urn:cetak:not-armed", "veto": "attempt"}
    await bench.work(2)

    assert bench.office.of("hello")[-1]["knows_more"] is True
    assert len(bench.printer.printed) == 1


async def test_an_armed_card_that_its_journal_does_not_know_is_given_up(bench: Any) -> None:
    attempt = bench.office.give(1, "armed")
    await bench.work(1)

    assert bench.office.of("hello")[-1]["gave_up"] == [str(attempt)]
    assert bench.printer.printed == []


async def test_a_machine_with_an_old_journal_stops_until_the_other_is_declared_lost(bench: Any) -> None:
    bench.office.no["hello"] = {"type": "urn:cetak:station-superseded", "run": 9, "declared_lost": False}
    with pytest.raises(Superseded):
        await bench.station.beat_once()


async def test_declared_lost_it_comes_back_with_a_number_above_the_offices(bench: Any) -> None:
    office = bench.office
    office.no["hello"] = {"type": "urn:cetak:station-superseded", "run": 9, "declared_lost": True}
    with pytest.raises(Refused):
        await bench.station.beat_once()

    assert [said["run"] for said in office.of("hello")] == [1, 10]


async def test_a_running_machine_is_superseded_for_good(bench: Any) -> None:
    await bench.work(0)
    bench.office.no["hello"] = {"type": "urn:cetak:station-superseded", "run": 9, "declared_lost": True}
    with pytest.raises(Superseded):
        await bench.station.beat_once()

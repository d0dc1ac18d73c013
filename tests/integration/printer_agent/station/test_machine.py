"""A machine that may not print: its disk full, its clock off."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from printer_agent.journal import Journal, JournalFull


async def test_with_a_full_disk_nothing_is_armed(bench: Any) -> None:
    bench.office.give(1)
    bench.fill_the_disk()
    await bench.work(2)
    await bench.work(0)
    view = bench.station.view()

    assert bench.office.of("arm") == []
    assert view.word == "journal_full"
    assert "journal-full" in bench.office.of("hello")[-1]["printer_reasons"]
    assert bench.office.of("hello")[-1]["printer"] == "stopped"


async def test_once_there_is_room_again_it_goes_on(bench: Any) -> None:
    bench.office.give(1)
    bench.fill_the_disk()
    await bench.work(2)
    bench.clear_the_disk()
    await bench.work(2)

    assert len(bench.printer.printed) == 1
    assert bench.station.view().word == "ready"


async def test_an_intent_that_found_no_room_is_not_sent_and_the_office_hears_it(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.office.give(1)

    def full(*_: Any, **__: Any) -> None:
        raise JournalFull

    monkeypatch.setattr(bench.journal, "record_intent", full)
    await bench.work(1)

    assert bench.printer.printed == []
    assert bench.outcomes == [("released", "journal_full")]
    assert bench.journal.all() == []


async def test_an_outcome_that_found_no_room_is_kept_and_written_later(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.office.give(1)
    bench.office.give(2)

    def full(*_: Any, **__: Any) -> None:
        raise JournalFull

    with monkeypatch.context() as patch:
        patch.setattr(bench.journal, "record_outcome", full)
        await bench.work(3)
        during = list(bench.printer.printed)
    await bench.work(3)

    assert during == [UUID(int=1)]
    assert [state for state, _ in bench.outcomes] == ["printed", "printed"]


@pytest.mark.parametrize("seconds", [31, -31])
async def test_with_its_clock_off_it_prints_nothing_and_says_so(bench: Any, seconds: int) -> None:
    bench.office.give(1)
    bench.office.off = timedelta(seconds=seconds)
    await bench.work(2)
    await bench.work(0)
    view = bench.station.view()

    assert bench.office.of("arm") == []
    assert (view.word, view.clock_off_seconds) == ("clock_off", seconds)
    assert "clock-off" in bench.office.of("hello")[-1]["printer_reasons"]


async def test_a_clock_a_little_off_does_not_matter(bench: Any) -> None:
    bench.office.give(1)
    bench.office.off = timedelta(seconds=29)
    await bench.work(2)

    assert len(bench.printer.printed) == 1


async def test_a_shut_station_sleeps_by_the_offices_clock(bench: Any) -> None:
    opens = bench.began + timedelta(hours=10)
    bench.office.hours = {"printing_until": None, "printing_from": opens.isoformat()}
    bench.office.off = timedelta(days=-1)
    due = await bench.station.beat_once()

    assert due == bench.began + timedelta(days=1, hours=10)


def test_a_journal_of_an_earlier_version_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    old = sqlite3.connect(path)
    old.executescript(
        """CREATE TABLE attempt (attempt_id TEXT PRIMARY KEY, application_id TEXT NOT NULL, fence INTEGER NOT NULL,
        nonce TEXT NOT NULL, run INTEGER NOT NULL, intent_at TEXT, reference TEXT, outcome TEXT, evidence TEXT,
        outcome_at TEXT, reported_at TEXT) STRICT"""
    )
    one = str(UUID(int=1))
    old.execute(
        "INSERT INTO attempt (attempt_id, application_id, fence, nonce, run) VALUES (?, ?, 4, ?, 1)",
        (one,) * 3,
    )
    old.commit()
    old.close()
    journal = Journal(path)
    (entry,) = journal.all()
    journal.close()

    assert (entry.fence, entry.approval_id, entry.receipt_number) == (4, None, "")

"""The journal on a real disk, across processes and kills."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from printer_agent.journal import Journal, JournalLocked

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def _arm(journal: Journal, attempt: UUID, fence: int = 1, nonce: int = 7) -> None:
    journal.record_arming(
        attempt_id=attempt, application_id=UUID(int=99), fence=fence, nonce=UUID(int=nonce), run=1
    )


def _printed(journal: Journal, attempt: UUID, fence: int = 1) -> None:
    _arm(journal, attempt, fence)
    journal.record_intent(attempt, at=AT)
    journal.record_reference(attempt, "job-1")
    journal.record_outcome(attempt, outcome="printed", evidence={"by": "device"}, at=AT)


def test_everything_is_there_after_reopening(path: Path) -> None:
    journal = Journal(path)
    _printed(journal, ONE)
    before = journal.all()
    journal.close()
    again = Journal(path)
    assert again.all() == before
    again.close()


def test_an_attempt_is_open_from_arming_to_its_outcome(journal: Journal) -> None:
    _arm(journal, ONE)
    assert [entry.attempt_id for entry in journal.open_attempts()] == [ONE]


def test_an_outcome_is_owed_until_it_is_reported(journal: Journal) -> None:
    _printed(journal, ONE)
    owed = [entry.attempt_id for entry in journal.unreported()]
    journal.record_reported(ONE, at=AT)
    assert (owed, journal.unreported()) == ([ONE], [])


def test_moments_and_evidence_come_back_as_they_went_in(journal: Journal) -> None:
    _printed(journal, ONE)
    (entry,) = journal.all()
    assert (entry.intent_at, entry.outcome_at, entry.evidence) == (AT, AT, {"by": "device"})


def test_attempts_come_oldest_fence_first(journal: Journal) -> None:
    _arm(journal, ONE, fence=5)
    _arm(journal, TWO, fence=3)
    assert [entry.fence for entry in journal.all()] == [3, 5]


def test_an_intent_stands_once(journal: Journal) -> None:
    _arm(journal, ONE)
    journal.record_intent(ONE, at=AT)
    with pytest.raises(LookupError):
        journal.record_intent(ONE, at=AT)


def test_an_intent_needs_arming(journal: Journal) -> None:
    with pytest.raises(LookupError):
        journal.record_intent(ONE, at=AT)


def test_a_reference_needs_an_intent(journal: Journal) -> None:
    _arm(journal, ONE)
    with pytest.raises(LookupError):
        journal.record_reference(ONE, "job-1")


def test_an_outcome_stands_once(journal: Journal) -> None:
    _printed(journal, ONE)
    with pytest.raises(LookupError):
        journal.record_outcome(ONE, outcome="uncertain", evidence={}, at=AT)


def test_no_report_without_an_outcome(journal: Journal) -> None:
    _arm(journal, ONE)
    with pytest.raises(LookupError):
        journal.record_reported(ONE, at=AT)


def test_arming_again_before_intent_takes_the_new_nonce(journal: Journal) -> None:
    _arm(journal, ONE, nonce=7)
    _arm(journal, ONE, nonce=8)
    assert [entry.nonce for entry in journal.all()] == [UUID(int=8)]


def test_nothing_is_armed_again_after_its_intent(journal: Journal) -> None:
    _arm(journal, ONE)
    journal.record_intent(ONE, at=AT)
    with pytest.raises(LookupError):
        _arm(journal, ONE, nonce=8)


def test_a_refused_arming_is_forgotten(journal: Journal) -> None:
    _arm(journal, ONE)
    journal.forget_arming(ONE)
    assert journal.all() == []


def test_an_intent_is_never_forgotten(journal: Journal) -> None:
    _arm(journal, ONE)
    journal.record_intent(ONE, at=AT)
    journal.forget_arming(ONE)
    assert [entry.attempt_id for entry in journal.open_attempts()] == [ONE]


def test_the_highest_fence_outlives_a_forgotten_arming(journal: Journal) -> None:
    _arm(journal, ONE, fence=41)
    journal.forget_arming(ONE)
    _arm(journal, TWO, fence=40)
    assert journal.highest_fence() == 41


def test_a_fresh_journal_has_seen_no_fence(journal: Journal) -> None:
    assert journal.highest_fence() == 0


def test_every_start_has_a_greater_run(path: Path) -> None:
    runs = []
    for _ in range(3):
        journal = Journal(path)
        runs.append(journal.next_run())
        journal.close()
    assert runs == [1, 2, 3]


def test_a_second_opener_is_refused(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalLocked):
        Journal(path)


def test_another_process_is_refused(journal: Journal, path: Path) -> None:
    program = (
        "import sys, pathlib; from printer_agent.journal import Journal; Journal(pathlib.Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=False)
    assert b"JournalLocked" in done.stderr


def test_closing_frees_the_lock(path: Path) -> None:
    first = Journal(path)
    first.close()
    first.close()
    second = Journal(path)
    second.close()


def test_what_was_recorded_survives_a_kill(path: Path) -> None:
    program = """
import pathlib, sys, time
from datetime import UTC, datetime
from uuid import UUID
from printer_agent.journal import Journal
journal = Journal(pathlib.Path(sys.argv[1]))
journal.next_run()
journal.record_arming(attempt_id=UUID(int=1), application_id=UUID(int=2), fence=9, nonce=UUID(int=3), run=1)
journal.record_intent(UUID(int=1), at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
print("recorded", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"recorded\n"
        os.kill(process.pid, signal.SIGKILL)
    journal = Journal(path)
    (entry,) = journal.open_attempts()
    assert (entry.intent_at, journal.highest_fence(), journal.next_run()) == (AT, 9, 2)
    journal.close()

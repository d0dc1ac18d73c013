"""The station's journal: every attempt from the question to arm until its outcome is reported. On disk before it counts.

SQLite's write-ahead log with `synchronous=FULL`: a call returns when its row is on the disk (one fsync). Calls are
synchronous on purpose: nothing else may happen meanwhile. An exclusive lock on
`<path>.lock` is held for the journal's life, so a newer run's lock proves the older process dead.
"""

import fcntl
import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID

from printer_agent.domain import Outcome

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (n INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS attempt (
  attempt_id TEXT PRIMARY KEY, application_id TEXT NOT NULL, fence INTEGER NOT NULL, nonce TEXT NOT NULL,
  run INTEGER NOT NULL, intent_at TEXT, reference TEXT, outcome TEXT CHECK (outcome IN ('printed', 'uncertain', 'released')),
  evidence TEXT, outcome_at TEXT, reported_at TEXT, CHECK (outcome IS NULL OR outcome_at IS NOT NULL)) STRICT;
CREATE TABLE IF NOT EXISTS fence_seen (one INTEGER PRIMARY KEY CHECK (one = 1), fence INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO fence_seen VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS fence_seen AFTER INSERT ON attempt BEGIN
  UPDATE fence_seen SET fence = max(fence, new.fence);
END;
CREATE INDEX IF NOT EXISTS owed ON attempt (fence) WHERE reported_at IS NULL;
"""


class JournalLocked(RuntimeError):
    """Another process of this station lives and holds its journal."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One attempt as the journal knows it."""

    attempt_id: UUID
    application_id: UUID
    fence: int
    nonce: UUID
    run: int
    intent_at: datetime | None
    reference: str | None
    outcome: Outcome | None
    evidence: dict[str, Any]
    outcome_at: datetime | None
    reported_at: datetime | None


class Journal:
    """Opens or makes the journal at `path`. Raises JournalLocked."""

    def __init__(self, path: Path, *, synchronous: Literal["FULL", "OFF"] = "FULL") -> None:
        self._lock = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise JournalLocked(str(path)) from None
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.row_factory = sqlite3.Row
        self._sql.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; {SCHEMA}")

    def close(self) -> None:
        """Release the file and its lock; closing twice does nothing."""
        if self._lock >= 0:
            self._sql.close()
            os.close(self._lock)
            self._lock = -1

    def next_run(self) -> int:
        """A number greater than that of every earlier run."""
        cursor = self._sql.execute("INSERT INTO run SELECT coalesce(max(n), 0) + 1 FROM run RETURNING n")
        return int(cursor.fetchone()["n"])

    def record_arming(
        self, *, attempt_id: UUID, application_id: UUID, fence: int, nonce: UUID, run: int
    ) -> None:
        """Before the question: so that a later run can answer for an attempt whose arming it never heard of.

        Asked again before intent (the answer was lost), the new nonce holds. Raises LookupError after intent.
        """
        changed = self._sql.execute(
            "INSERT INTO attempt (attempt_id, application_id, fence, nonce, run) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (attempt_id) DO UPDATE SET fence = excluded.fence, nonce = excluded.nonce,"
            " run = excluded.run WHERE intent_at IS NULL AND outcome IS NULL",
            (str(attempt_id), str(application_id), fence, str(nonce), run),
        )
        if changed.rowcount != 1:
            raise LookupError(f"{attempt_id} went further than arming")

    def forget_arming(self, attempt_id: UUID) -> None:
        """The scheduler says it was never armed: nothing was sent, so it may be asked for anew."""
        self._sql.execute(
            "DELETE FROM attempt WHERE attempt_id = ? AND intent_at IS NULL AND reported_at IS NULL",
            (str(attempt_id),),
        )

    def record_intent(self, attempt_id: UUID, *, at: datetime) -> None:
        """From here on the card may be in the world. Once in an attempt's life: LookupError the second time."""
        self._set(
            "UPDATE attempt SET intent_at = ? WHERE attempt_id = ? AND intent_at IS NULL AND outcome IS NULL",
            at.isoformat(),
            attempt_id,
        )

    def record_reference(self, attempt_id: UUID, reference: str) -> None:
        """The device's name for the send. LookupError before intent."""
        self._set(
            "UPDATE attempt SET reference = ? WHERE attempt_id = ? AND intent_at IS NOT NULL",
            reference,
            attempt_id,
        )

    def record_outcome(self, attempt_id: UUID, *, outcome: Outcome, evidence: Any, at: datetime) -> None:
        """The outcome is settled once; a second one is an error."""
        changed = self._sql.execute(
            "UPDATE attempt SET outcome = ?, evidence = ?, outcome_at = ? WHERE attempt_id = ? AND outcome IS NULL",
            (outcome, json.dumps(dict(evidence)), at.isoformat(), str(attempt_id)),
        )
        if changed.rowcount != 1:
            raise LookupError(f"{attempt_id} has an outcome, or was never armed")

    def record_reported(self, attempt_id: UUID, *, at: datetime) -> None:
        """The scheduler has the outcome. LookupError where there is none."""
        self._set(
            "UPDATE attempt SET reported_at = ? WHERE attempt_id = ? AND outcome IS NOT NULL",
            at.isoformat(),
            attempt_id,
        )

    def open_attempts(self) -> list[Entry]:
        """Attempts without an outcome, oldest fence first."""
        return self._entries("WHERE outcome IS NULL")

    def unreported(self) -> list[Entry]:
        """Outcomes that the scheduler does not have yet, oldest fence first."""
        return self._entries("WHERE outcome IS NOT NULL AND reported_at IS NULL")

    def all(self) -> list[Entry]:
        """Every attempt, oldest fence first: what is uploaded after a restore and for an audit."""
        return self._entries("")

    def highest_fence(self) -> int:
        """The highest fence ever seen, of forgotten attempts too; 0 at first."""
        return int(self._sql.execute("SELECT fence FROM fence_seen").fetchone()["fence"])

    def _set(self, sql: str, value: str, attempt_id: UUID) -> None:
        if self._sql.execute(sql, (value, str(attempt_id))).rowcount != 1:
            raise LookupError(f"{attempt_id} is not in the journal, or not in a state for this")

    def _entries(self, where: str) -> list[Entry]:
        return [_entry(row) for row in self._sql.execute(f"SELECT * FROM attempt {where} ORDER BY fence")]


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        attempt_id=UUID(row["attempt_id"]),
        application_id=UUID(row["application_id"]),
        fence=row["fence"],
        nonce=UUID(row["nonce"]),
        run=row["run"],
        intent_at=_moment(row["intent_at"]),
        reference=row["reference"],
        outcome=cast("Literal['printed', 'uncertain', 'released'] | None", row["outcome"]),
        evidence=json.loads(row["evidence"] or "{}"),
        outcome_at=_moment(row["outcome_at"]),
        reported_at=_moment(row["reported_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

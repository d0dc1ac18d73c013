"""The station's journal: every attempt from the question to arm until its outcome is reported. On disk before it counts.

SQLite's write-ahead log with `synchronous=FULL`: a call returns when its row is on the disk (one fsync). Calls are
synchronous on purpose: nothing else may happen meanwhile. An exclusive lock on
`<path>.lock` is held for the journal's life, so a newer run's lock proves the older process dead.
"""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
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
CREATE TABLE IF NOT EXISTS hold (one INTEGER PRIMARY KEY CHECK (one = 1), reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS answer (attempt_id TEXT PRIMARY KEY, verdict TEXT NOT NULL, at TEXT NOT NULL) STRICT;
"""
LATER = ("approval_id", "receipt_number", "district_code", "reason")
"""Columns that a journal of an earlier version lacks."""
ROOM = 8 * 2**20
"""Bytes that must be free beside the journal before a card is armed."""
TRIAL = 16_384
"""Bytes written to see whether a full disk takes something again: more than any row of ours."""


class JournalFull(RuntimeError):
    """The journal could not be written: nothing may be begun that it would have to remember."""


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
    approval_id: UUID | None
    receipt_number: str
    district_code: str
    reason: str


class Journal:
    """Opens or makes the journal at `path`. Raises JournalLocked.

    Whatever writes raises JournalFull where the disk does not take it; what was written before stands.
    """

    def __init__(self, path: Path, *, synchronous: Literal["FULL", "OFF"] = "FULL") -> None:
        self._lock = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise JournalLocked(str(path)) from None
        self._folder = path.parent
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.row_factory = sqlite3.Row
        self._sql.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; {SCHEMA}")
        known = {row["name"] for row in self._sql.execute("PRAGMA table_info(attempt)")}
        for column in LATER:
            if column not in known:
                self._sql.execute(f"ALTER TABLE attempt ADD COLUMN {column} TEXT")

    def close(self) -> None:
        """Release the file and its lock; closing twice does nothing."""
        if self._lock >= 0:
            self._sql.close()
            os.close(self._lock)
            self._lock = -1

    def has_room(self) -> bool:
        """Whether the disk has room for a card's whole story."""
        return shutil.disk_usage(self._folder).free >= ROOM

    def takes(self) -> bool:
        """Whether it can be written again, after a write that failed."""
        try:
            with _written():
                self._sql.execute("INSERT OR REPLACE INTO answer VALUES ('', ?, '')", (" " * TRIAL,))
                self._sql.execute("DELETE FROM answer WHERE attempt_id = ''")
        except JournalFull:
            return False
        return True

    def next_run(self, *, above: int = 0) -> int:
        """A number greater than that of every earlier run, and than `above`. Raises JournalFull."""
        with _written():
            cursor = self._sql.execute(
                "INSERT INTO run SELECT max(coalesce(max(n), 0), ?) + 1 FROM run RETURNING n", (above,)
            )
            return int(cursor.fetchone()["n"])

    def record_arming(
        self,
        *,
        attempt_id: UUID,
        application_id: UUID,
        fence: int,
        nonce: UUID,
        run: int,
        approval_id: UUID | None = None,
        receipt_number: str = "",
        district_code: str = "",
        reason: str = "",
    ) -> None:
        """Before the question: so that a later run can answer for an attempt whose arming it never heard of.

        Asked again before intent (the answer was lost), the new nonce holds. Raises LookupError after intent.
        """
        approval = None if approval_id is None else str(approval_id)
        with _written():
            changed = self._sql.execute(
                "INSERT INTO attempt (attempt_id, application_id, fence, nonce, run, approval_id, receipt_number,"
                " district_code, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (attempt_id) DO UPDATE SET fence = excluded.fence, nonce = excluded.nonce,"
                " run = excluded.run WHERE intent_at IS NULL AND outcome IS NULL",
                (
                    *(str(attempt_id), str(application_id), fence, str(nonce), run),
                    *(approval, receipt_number, district_code, reason),
                ),
            )
        if changed.rowcount != 1:
            raise LookupError(f"{attempt_id} went further than arming")

    def forget_arming(self, attempt_id: UUID) -> None:
        """The scheduler says it was never armed: nothing was sent, so it may be asked for anew."""
        with _written():
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
        with _written():
            changed = self._sql.execute(
                "UPDATE attempt SET outcome = ?, evidence = ?, outcome_at = ?"
                " WHERE attempt_id = ? AND outcome IS NULL",
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

    def record_answer(self, attempt_id: UUID, verdict: str, *, at: datetime) -> None:
        """What people said of a card at this station; the last word holds."""
        with _written():
            self._sql.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (str(attempt_id), verdict, at.isoformat())
            )

    def hold(self, reason: str | None) -> None:
        """Keep this station from beginning a card (None: no more) until the office has been told."""
        with _written():
            self._sql.execute("DELETE FROM hold")
            if reason is not None:
                self._sql.execute("INSERT INTO hold VALUES (1, ?)", (reason,))

    def held(self) -> str | None:
        row = self._sql.execute("SELECT reason FROM hold").fetchone()
        return None if row is None else str(row["reason"])

    def entry(self, attempt_id: UUID) -> Entry | None:
        row = self._sql.execute("SELECT * FROM attempt WHERE attempt_id = ?", (str(attempt_id),)).fetchone()
        return None if row is None else _entry(row)

    def pages(self, since: datetime, size: int) -> Iterator[list[Entry]]:
        """What is uploaded, in the order it was begun: attempts that ended after a moment, or never. One page at least."""
        above = 0
        while True:
            rows = self._sql.execute(
                "SELECT rowid, * FROM attempt WHERE rowid > ? AND (outcome_at IS NULL OR outcome_at >= ?)"
                " ORDER BY rowid LIMIT ?",
                (above, since.isoformat(), size),
            ).fetchall()
            yield [_entry(row) for row in rows]
            if len(rows) < size:
                return
            above = rows[-1]["rowid"]

    def counts_since(self, moment: datetime) -> dict[str, int]:
        """How many attempts ended how since a moment, with what people said of them ("spoiled", "intact")."""
        sql = """SELECT coalesce(a.verdict, t.outcome) AS said, count(*) AS n FROM attempt t LEFT JOIN answer a USING (attempt_id)
          WHERE coalesce(a.at, t.outcome_at) >= ? GROUP BY 1"""
        return {row["said"]: row["n"] for row in self._sql.execute(sql, (moment.isoformat(),))}

    def open_attempts(self) -> list[Entry]:
        """Attempts without an outcome, oldest fence first."""
        return self._entries("WHERE outcome IS NULL")

    def unreported(self) -> list[Entry]:
        """Outcomes that the scheduler does not have yet, oldest fence first."""
        return self._entries("WHERE outcome IS NOT NULL AND reported_at IS NULL")

    def all(self) -> list[Entry]:
        """Every attempt, oldest fence first."""
        return self._entries("")

    def highest_fence(self) -> int:
        """The highest fence ever seen, of forgotten attempts too; 0 at first."""
        return int(self._sql.execute("SELECT fence FROM fence_seen").fetchone()["fence"])

    def _set(self, sql: str, value: str, attempt_id: UUID) -> None:
        with _written():
            changed = self._sql.execute(sql, (value, str(attempt_id)))
        if changed.rowcount != 1:
            raise LookupError(f"{attempt_id} is not in the journal, or not in a state for this")

    def _entries(self, where: str) -> list[Entry]:
        return [_entry(row) for row in self._sql.execute(f"SELECT * FROM attempt {where} ORDER BY fence")]


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalFull(str(error)) from None


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
        approval_id=None if row["approval_id"] is None else UUID(row["approval_id"]),
        receipt_number=row["receipt_number"] or "",
        district_code=row["district_code"] or "",
        reason=row["reason"] or "",
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

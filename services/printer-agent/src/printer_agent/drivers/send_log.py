"""The printer's own log of sends, one fsynced JSON line each: the outside witness that tests and the audit read.

It is written as a camera would: every send of an attempt has its line, a second one too.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

Sync = Callable[[int], None]
"""Puts what was written to a file on the disk; virtual time, whose machine never crashes, does without."""


class SendLog:
    """Appends to `path`; a line is on disk when `add` returns."""

    def __init__(self, path: Path, sync: Sync = os.fsync) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._sync = sync

    def add(self, attempt_id: UUID, at: datetime, outcome: Literal["good", "fault"]) -> None:
        line = json.dumps({"attempt_id": str(attempt_id), "at": at.isoformat(), "outcome": outcome}) + "\n"
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644)
        try:
            # What a power cut tore stays a line of its own.
            os.write(descriptor, b"\n" * _torn(descriptor) + line.encode())
            self._sync(descriptor)
        finally:
            os.close(descriptor)

    def good(self) -> set[str]:
        """The attempts of which a good card came out. A torn line says nothing."""
        if not self._path.exists():
            return set()
        said = [_said(line) for line in self._path.read_text().splitlines()]
        return {str(line["attempt_id"]) for line in said if line.get("outcome") == "good"}


def _torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _said(line: str) -> dict[str, str]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}

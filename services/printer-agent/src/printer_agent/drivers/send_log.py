"""The printer's own log of sends, one fsynced JSON line each: the outside witness that tests and the audit read."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID


class SendLog:
    """Appends to `path`; a line is on disk when `add` returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def add(self, attempt_id: UUID, at: datetime, outcome: Literal["good", "fault"]) -> None:
        line = json.dumps({"attempt_id": str(attempt_id), "at": at.isoformat(), "outcome": outcome}) + "\n"
        descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def holds(self, attempt_id: str) -> bool:
        """Whether a good card of this attempt is in the log."""
        if not self._path.exists():
            return False
        good = f'"attempt_id": "{attempt_id}"'
        return any(good in line and '"good"' in line for line in self._path.read_text().splitlines())

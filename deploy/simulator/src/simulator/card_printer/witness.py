"""The printer's own log of what physically came out, one fsynced JSON line a card: a witness outside Cetak.

It is written as a camera over the two bins would: `good` fell into the one, `jam` and `half` into the other.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Outcome = Literal["good", "jam", "half"]


@dataclass(frozen=True, kw_only=True)
class Came:
    """One card that left the printer."""

    at: datetime
    job_uuid: str
    job_name: str
    outcome: Outcome


class Witness:
    """Appends to `path` and goes on where it ended. `sync` off: for virtual time, whose machine never crashes."""

    def __init__(self, path: Path | None = None, *, sync: bool = True) -> None:
        self.seen: list[Came] = list(read(path)) if path is not None else []
        self._path = path
        self._sync = sync

    def add(self, came: Came) -> None:
        """On disk when this returns."""
        self.seen.append(came)
        if self._path is None:
            return
        line = json.dumps(asdict(came) | {"at": came.at.isoformat()}) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line.encode())
            if self._sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(path: Path) -> Sequence[Came]:
    """The cards of a log, in order; a last line that a crash cut off never was."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [Came(**{**line, "at": datetime.fromisoformat(line["at"])}) for line in found]

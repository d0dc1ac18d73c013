"""The centre's own log of calls: an outside witness of what it was asked, when, and what it answered.

A JSON line when a call starts, on disk before its answer goes out, and one when it ends. A NIK stands there as its
SHA-256 only.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """`answered`: ok | refused:<code or text> | closed | quota | rate | credentials | invalid | fault:<name>.

    None while there is no answer.
    """

    seq: int
    started_at: datetime
    method: str
    nik_sha256: str | None
    institution: str
    user: str
    ended_at: datetime | None = None
    answered: str | None = None

    def to_json(self) -> dict[str, Any]:
        ended = None if self.ended_at is None else self.ended_at.isoformat()
        return {**asdict(self), "started_at": self.started_at.isoformat(), "ended_at": ended}


class CallLog:
    """Appends to a file and goes on counting where it ended; without a path it only remembers."""

    def __init__(self, path: Path | None = None, *, sync: bool = True) -> None:
        self._calls: list[Call] = []
        self._file: int | None = None
        self._sync = sync
        self._written = 0
        self._synced = 0
        self._syncing = asyncio.Lock()
        if path is not None:
            self._calls = read_calls(path)
            self._file = _open(path)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def since(self, seq: int) -> list[Call]:
        """The calls with a greater `seq`."""
        return self._calls[max(0, seq) :]

    def start(
        self, *, started_at: datetime, method: str, nik: str | None, institution: str, user: str
    ) -> Call:
        """Write down that a call began; `on_disk` makes it last."""
        call = Call(
            seq=len(self._calls) + 1,
            started_at=started_at,
            method=method,
            nik_sha256=None if nik is None else hashlib.sha256(nik.encode()).hexdigest(),
            institution=institution,
            user=user,
        )
        self._calls.append(call)
        line = call.to_json()
        del line["ended_at"], line["answered"]
        self._write({"event": "start", **line})
        return call

    def end(self, call: Call, *, ended_at: datetime, answered: str) -> None:
        self._calls[call.seq - 1] = replace(call, ended_at=ended_at, answered=answered)
        self._write({"event": "end", "seq": call.seq, "ended_at": ended_at.isoformat(), "answered": answered})

    async def on_disk(self) -> None:
        """Wait until all lines written so far are on disk; calls that wait together share one fsync."""
        if self._file is None or not self._sync:
            return
        mine = self._written
        async with self._syncing:
            if self._synced < mine:
                reached = self._written
                await asyncio.to_thread(os.fsync, self._file)
                self._synced = reached

    def close(self) -> None:
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            os.write(self._file, json.dumps(line).encode() + b"\n")
            self._written += 1


def read_calls(path: Path) -> list[Call]:
    """The calls of a log, in order; a last line that a crash cut off was never answered and does not count."""
    calls: list[Call] = []
    for text in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
        line = json.loads(text)
        if line.pop("event") == "start":
            calls.append(Call(**{**line, "started_at": datetime.fromisoformat(line["started_at"])}))
        else:
            ended_at = datetime.fromisoformat(line["ended_at"])
            place = line["seq"] - 1
            calls[place] = replace(calls[place], ended_at=ended_at, answered=line["answered"])
    return calls


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    os.ftruncate(file, path.read_bytes().rfind(b"\n") + 1)
    os.fsync(file)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return file

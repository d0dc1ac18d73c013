"""What a check is, and the world it looks at."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backbone.database import Reader


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A promise that is broken, and where."""

    check: str
    subject: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """What those outside the system saw. Each may be absent; then only the tables are checked."""

    accepted: Sequence[str] | None = None
    """The kiosks' own list of application ids answered 202."""
    prints: Sequence[Mapping[str, Any]] | None = None
    """The printers' log of sends."""
    calls: Sequence[Mapping[str, Any]] | None = None
    """The centre's own log of calls."""
    canaries: Sequence[str] = ()
    """Personal data that must stand nowhere it does not belong."""
    texts: Sequence[Path] = ()
    """Logs and other files in which no canary may stand."""


@dataclass(frozen=True, kw_only=True)
class World:
    reader: Reader
    witnesses: Witnesses = field(default_factory=Witnesses)


Look = Callable[[World], Awaitable[Sequence[tuple[str, str]]]]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One executable piece of a promise; `look` returns (subject, detail) for each breach."""

    promise: int
    name: str
    look: Look

    async def findings(self, world: World) -> list[Finding]:
        return [
            Finding(check=self.name, subject=subject, detail=detail)
            for subject, detail in await self.look(world)
        ]


def by_sql(sql: str) -> Look:
    """A check that is one query: each row (subject, detail) is a breach."""

    async def look(world: World) -> Sequence[tuple[str, str]]:
        return [(str(row["subject"]), str(row["detail"])) for row in await world.reader.fetch(sql)]

    return look


def read_log(*paths: Path) -> list[dict[str, Any]]:
    """The lines of JSON logs; a last line that a crash cut short is left out."""
    found: list[dict[str, Any]] = []
    for path in paths:
        if not path.exists():
            continue
        for line in path.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found

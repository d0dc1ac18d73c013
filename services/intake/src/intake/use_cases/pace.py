"""How fast an import's letters go: never more under way than the scheduler answers soon, so that a walk-in's letter
stands behind few of them, in our outbox and in the broker's queue alike."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backbone.clock import Bell, Clock
from backbone.database import Reader
from intake.store import applications

UNDER_WAY: Final = 2
"""Batches that may be with the scheduler, unanswered."""
LOOK_AGAIN: Final = timedelta(milliseconds=25)
LOOK_AT_IMPORT: Final = timedelta(milliseconds=250)
PATIENCE: Final = timedelta(seconds=30)
"""So long a batch's answer is waited for; then it is given up, and the sweep tells again what is still unheard of."""
GIVE_WAY: Final = timedelta(seconds=60)
"""So long the letters stand back behind the import that brings them."""


class ImportPace:
    """The pace of one relay (a `backbone.outbox.Pace`). A batch is answered when its last application got a status."""

    def __init__(self, clock: Clock, bell: Bell) -> None:
        self._clock = clock
        self._bell = bell
        self._last: list[UUID] = []
        self._moved_at = clock.now()
        self._imports = 0
        self._held_since: datetime | None = None

    @contextmanager
    def importing(self) -> Iterator[None]:
        """An import runs: its letters wait for its end, or for GIVE_WAY."""
        self._held_since = self._held_since or self._clock.now()
        self._imports += 1
        try:
            yield
        finally:
            self._imports -= 1
            if not self._imports:
                self._held_since = None
            self._bell.ring()

    async def look_again_at(self, reader: Reader) -> datetime | None:
        now = self._clock.now()
        if self._held_since is not None and now < self._held_since + GIVE_WAY:
            return min(now + LOOK_AT_IMPORT, self._held_since + GIVE_WAY)
        if len(self._last) < UNDER_WAY:
            return None
        await self._learn(reader, now)
        return now + LOOK_AGAIN if len(self._last) >= UNDER_WAY else None

    def went(self, subjects: Sequence[str]) -> None:
        self._last.append(UUID(subjects[-1]))
        self._moved_at = self._clock.now()

    async def _learn(self, reader: Reader, now: datetime) -> None:
        unheard = {row["id"] for row in await reader.fetch(applications.STILL_UNHEARD_OF, self._last)}
        if now >= self._moved_at + PATIENCE:
            unheard.clear()
        if len(unheard) < len(self._last):
            self._last = [named for named in self._last if named in unheard]
            self._moved_at = now

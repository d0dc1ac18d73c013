"""The `folder` printer: one PDF a card in a folder, the embedded default. Its evidence is the file itself.

It plays a real printer's pace by waiting on the clock, and keeps the printer's own log of sends. Like a real printer
it does not refuse a second send of an attempt: its log would show it.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

from backbone import failpoints
from backbone.clock import Clock
from printer_agent.card_face import CardFace
from printer_agent.drivers.send_log import SendLog, Sync
from printer_agent.drivers.watching import changes
from printer_agent.session import (
    Capabilities,
    Card,
    Created,
    Health,
    NotSent,
    PreparedCard,
    Resolved,
    SendUncertain,
)

Fault = Callable[[UUID], str | None]
"""Says of each send whether it goes wrong: an IPP reason, or None. The blank is lost, nothing comes out."""


ROOM = 16 * 2**20
"""Bytes that must be free before a card is begun."""


class FolderSession:
    """Prints into `folder`, which several stations may share."""

    def __init__(
        self,
        folder: Path,
        face: CardFace,
        clock: Clock,
        *,
        seconds_per_card: float = 0,
        fault: Fault | None = None,
        sync: Sync = os.fsync,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.capabilities = Capabilities(evidence="device", seconds_per_card=seconds_per_card)
        self._folder = folder
        self._face = face
        self._clock = clock
        self._fault = fault
        self._sync = sync
        self._log = SendLog(folder / "prints.jsonl", sync)
        self._logged: set[str] = set()

    async def health(self) -> Health:
        if not os.access(self._folder, os.W_OK):
            return Health(state="stopped", reasons=("shutdown",))
        if shutil.disk_usage(self._folder).free < ROOM:
            return Health(state="stopped", reasons=("spool-area-full",))
        return Health(state="ready")

    async def prepare(self, card: Card) -> PreparedCard:
        """On a thread: typst renders outside the GIL. Raises card_face.Unprintable."""
        document = await asyncio.to_thread(self._face.render, card)
        return PreparedCard(attempt_id=card.attempt_id, document=document)

    async def submit(self, prepared: PreparedCard, attempt_id: UUID, created: Created | None = None) -> str:
        """Wait as long as a card takes, then lay it down whole: written aside, synced, renamed, folder synced."""
        if prepared.attempt_id != attempt_id:
            raise NotSent("another attempt's card")
        if self.capabilities.seconds_per_card:
            await self._clock.sleep(self.capabilities.seconds_per_card)
        cause = None if self._fault is None else self._fault(attempt_id)
        if cause is not None:
            self._log.add(attempt_id, self._clock.now(), "fault")
            raise SendUncertain(cause)
        self._lay_down(attempt_id, prepared.document)
        failpoints.hit("folder.laid_down")
        self._log_good(attempt_id)
        return str(attempt_id)

    async def resolve(self, reference: str) -> Resolved:
        """A card that is not there may have been taken away: absent is unknown, never "not printed"."""
        if not self._path(reference).exists():
            return "unknown"
        if reference not in self._logged and reference not in self._log.good():
            # The power went between the card and its line.
            self._log_good(UUID(reference))
        return "printed"

    async def cancel(self, reference: str) -> bool:
        """Always too late."""
        return False

    def events(self) -> AsyncIterator[Health]:
        return changes(self.health, self._clock)

    def _log_good(self, attempt_id: UUID) -> None:
        self._log.add(attempt_id, self._clock.now(), "good")
        self._logged.add(str(attempt_id))

    def _path(self, reference: str) -> Path:
        return self._folder / f"{UUID(reference)}.pdf"

    def _lay_down(self, attempt_id: UUID, document: bytes) -> None:
        target = self._path(str(attempt_id))
        fresh = target.with_suffix(".part")
        try:
            with fresh.open("wb") as file:
                file.write(document)
                file.flush()
                self._sync(file.fileno())
        except OSError as error:
            raise NotSent(f"the folder took nothing: {error.strerror}") from None
        fresh.rename(target)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            self._sync(folder)
        finally:
            os.close(folder)

"""The `folder` printer: one PDF a card in a folder, the embedded default. Its evidence is the file itself.

It plays a real printer's pace by waiting on the clock, and keeps the printer's own log of sends.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from backbone.clock import Clock
from printer_agent.card_face import CardFace
from printer_agent.drivers.send_log import SendLog
from printer_agent.session import Capabilities, Card, Health, PreparedCard, Resolved, SendUncertain

Fault = Callable[[UUID], str | None]
"""Says of each send whether it goes wrong: an IPP reason, or None. The blank is lost, nothing comes out."""


class FolderSession:
    def __init__(
        self,
        folder: Path,
        face: CardFace,
        clock: Clock,
        *,
        seconds_per_card: float = 0,
        fault: Fault | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.capabilities = Capabilities(evidence="device", seconds_per_card=seconds_per_card)
        self._folder = folder
        self._face = face
        self._clock = clock
        self._fault = fault
        self._log = SendLog(folder / "prints.jsonl")

    async def health(self) -> Health:
        return Health(state="ready")

    async def prepare(self, card: Card) -> PreparedCard:
        document = await asyncio.to_thread(self._face.render, card)
        return PreparedCard(attempt_id=card.attempt_id, document=document)

    async def submit(self, prepared: PreparedCard, attempt_id: UUID) -> str:
        """Wait as long as a card takes, then lay it down whole: written aside, synced, renamed, folder synced."""
        if self.capabilities.seconds_per_card:
            await self._clock.sleep(self.capabilities.seconds_per_card)
        cause = None if self._fault is None else self._fault(attempt_id)
        if cause is not None:
            self._log.add(attempt_id, self._clock.now(), "fault")
            raise SendUncertain(cause)
        self._lay_down(attempt_id, prepared.document)
        self._log.add(attempt_id, self._clock.now(), "good")
        return str(attempt_id)

    async def resolve(self, reference: str) -> Resolved:
        """A card that is not there may have been taken away: absent is unknown, never "not printed"."""
        return "printed" if self._path(reference).exists() else "unknown"

    async def cancel(self, reference: str) -> bool:
        return False

    def _path(self, reference: str) -> Path:
        return self._folder / f"{UUID(reference)}.pdf"

    def _lay_down(self, attempt_id: UUID, document: bytes) -> None:
        target = self._path(str(attempt_id))
        fresh = target.with_suffix(".part")
        with fresh.open("wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(target)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

"""The `null` printer: keeps no card, only the log of sends. For benches and tests that print thousands.

It takes no time unless it is told to.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from backbone.clock import Clock
from printer_agent.drivers.send_log import SendLog
from printer_agent.drivers.watching import changes
from printer_agent.session import Capabilities, Card, Created, Health, NotSent, PreparedCard, Resolved


class NullSession:
    def __init__(self, log: Path, clock: Clock, *, seconds_per_card: float = 0) -> None:
        self.capabilities = Capabilities(evidence="device", seconds_per_card=seconds_per_card)
        self._clock = clock
        self._log = SendLog(log)
        self._good = self._log.good()

    async def health(self) -> Health:
        return Health(state="ready")

    async def prepare(self, card: Card) -> PreparedCard:
        return PreparedCard(attempt_id=card.attempt_id, document=b"")

    async def submit(self, prepared: PreparedCard, attempt_id: UUID, created: Created | None = None) -> str:
        if prepared.attempt_id != attempt_id:
            raise NotSent("another attempt's card")
        if self.capabilities.seconds_per_card:
            await self._clock.sleep(self.capabilities.seconds_per_card)
        self._log.add(attempt_id, self._clock.now(), "good")
        self._good.add(str(attempt_id))
        return str(attempt_id)

    async def resolve(self, reference: str) -> Resolved:
        return "printed" if reference in self._good else "unknown"

    async def cancel(self, reference: str) -> bool:
        return False

    def events(self) -> AsyncIterator[Health]:
        return changes(self.health, self._clock)

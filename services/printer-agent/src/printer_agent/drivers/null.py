"""The `null` printer: keeps no card, only the log of sends. For benches and tests that print thousands."""

from pathlib import Path
from uuid import UUID

from backbone.clock import Clock
from printer_agent.drivers.send_log import SendLog
from printer_agent.session import Capabilities, Card, Health, PreparedCard, Resolved


class NullSession:
    def __init__(self, log: Path, clock: Clock) -> None:
        self.capabilities = Capabilities(evidence="device", seconds_per_card=0)
        self._clock = clock
        self._log = SendLog(log)

    async def health(self) -> Health:
        return Health(state="ready")

    async def prepare(self, card: Card) -> PreparedCard:
        return PreparedCard(attempt_id=card.attempt_id, document=b"")

    async def submit(self, prepared: PreparedCard, attempt_id: UUID) -> str:
        self._log.add(attempt_id, self._clock.now(), "good")
        return str(attempt_id)

    async def resolve(self, reference: str) -> Resolved:
        return "printed" if self._log.holds(reference) else "unknown"

    async def cancel(self, reference: str) -> bool:
        return False

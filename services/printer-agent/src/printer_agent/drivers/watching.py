"""A printer's events by asking: its health now, and again whenever it has changed."""

from collections.abc import AsyncIterator, Awaitable, Callable

from backbone.clock import Clock
from printer_agent.session import Health

EVERY = 5.0
"""Seconds between two looks."""


async def changes(
    health: Callable[[], Awaitable[Health]], clock: Clock, *, every: float = EVERY
) -> AsyncIterator[Health]:
    """Asks for ever; ends with its reader."""
    last: Health | None = None
    while True:
        now = await health()
        if now != last:
            yield now
        last = now
        await clock.sleep(every)

"""A printer's events: its health now, and again only when it has changed."""

from collections.abc import Iterator

from backbone.clock import SystemClock
from printer_agent.drivers.watching import changes
from printer_agent.session import Health

READY, STOPPED = Health(state="ready"), Health(state="stopped", reasons=("cover-open",))


async def test_only_changes_are_told() -> None:
    looks: Iterator[Health] = iter((READY, READY, STOPPED, STOPPED, READY))

    async def health() -> Health:
        return next(looks)

    events = changes(health, SystemClock(), every=0)
    assert [await anext(events) for _ in range(3)] == [READY, STOPPED, READY]

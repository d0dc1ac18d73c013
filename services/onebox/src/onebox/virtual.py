"""Virtual time over a storage: the clock in Python and its mirror in SQL jump together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from backbone.clock import VirtualClock
from backbone.database import Login


@asynccontextmanager
async def virtual_clock(owner: Login, start: datetime) -> AsyncIterator[VirtualClock]:
    """A clock at `start`, not running yet. The database must have been prepared for virtual time."""
    connection = await asyncpg.connect(**owner.arguments())
    await connection.execute("DELETE FROM backbone.clock")
    await connection.execute("INSERT INTO backbone.clock VALUES ($1)", start)

    async def mirror(moment: datetime) -> None:
        await connection.execute("UPDATE backbone.clock SET moment = $1", moment)

    try:
        yield VirtualClock(start, mirror)
    finally:
        await connection.close()

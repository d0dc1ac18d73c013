"""Where the broker is, and what losing it looks like."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aio_pika import Connection, connect
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPError, ChannelInvalidStateError

from backbone.definitions import VHOST

# Every loss is told once, by us.
for _name in ("aio_pika", "aiormq"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

ANSWER = 5.0
"""Seconds the broker may take for anything before it counts as lost."""
FAREWELL = 1.0
"""Seconds for a line to close in good order; the library ends it in the background after that."""
HEARTBEAT = 10
"""Seconds. The broker ends a line that has been silent for two of them, the library after three."""
DROPPED = (AMQPError, ChannelInvalidStateError, ConnectionError, TimeoutError, OSError)


class BrokerLost(ConnectionError):
    """The broker does not answer, or a queue that holds messages gives none."""


class BrokerBlocked(BrokerLost):
    """The broker is short of memory or disk, and reads nothing from those who publish."""


class NoCertificate(ValueError):
    """The file of certificates cannot be read: no retry mends a setting."""


class _Line(Connection):
    """Closed where it could not connect: the library would else close it whenever it is collected, loop or none."""

    async def connect(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # the library's own signature
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the broker is and who asks. `ca_file` turns TLS on."""

    host: str = "127.0.0.1"
    port: int = 5672
    user: str
    password: str = field(repr=False)
    vhost: str = VHOST
    ca_file: str | None = None

    async def connect(self) -> AbstractConnection:
        """A line to the broker. Raises one of DROPPED, or NoCertificate."""
        tls = self._tls()
        async with answered():
            return await connect(
                host=self.host,
                port=self.port,
                login=self.user,
                password=self.password,
                virtualhost=self.vhost,
                ssl=tls is not None,
                ssl_context=tls,
                timeout=ANSWER,
                client_properties={"connection_name": self.user},
                heartbeat=HEARTBEAT,
                connection_class=_Line,
            )

    def _tls(self) -> ssl.SSLContext | None:
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise NoCertificate(f"{self.ca_file}: {type(error).__name__}") from None


@asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """Ask the broker something: done within ANSWER seconds, or one of DROPPED is raised.

    The library cancels its callers, or calls its own state invalid, when a line drops. A cancellation that nobody asked
    for would end a task without a word.
    """
    task = asyncio.current_task()
    asked = 0 if task is None else task.cancelling()
    try:
        async with asyncio.timeout(ANSWER):
            yield
    except ChannelInvalidStateError:
        raise
    except RuntimeError as error:
        raise BrokerLost("no line") from error
    except asyncio.CancelledError:
        if task is None or task.cancelling() > asked:
            raise
        raise BrokerLost("dropped") from None


async def hang_up(line: AbstractConnection | AbstractChannel) -> None:
    """Close a line, or a channel of it, whatever its state."""
    with suppress(*DROPPED):
        async with asyncio.timeout(FAREWELL):
            await line.close()

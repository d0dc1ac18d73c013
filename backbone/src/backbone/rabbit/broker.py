"""One service's line to RabbitMQ."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aio_pika.abc import AbstractConnection
from aiormq.exceptions import AMQPChannelError

from backbone.broker import Consumer
from backbone.clock import Clock
from backbone.letters import Letter
from backbone.rabbit.address import DROPPED, Address, BrokerLost, hang_up
from backbone.rabbit.publisher import Publisher
from backbone.rabbit.reader import QueueLost, Reader, Source
from backbone.tasks import together
from backbone.topology import Queue, only_wakes

log = structlog.get_logger()

LONGEST_REST = 15.0
"""Seconds between two tries to come back."""


class RabbitBroker:
    """One service's line to the broker. `run` consumes until `stop`; `publish` connects by itself."""

    def __init__(self, address: Address, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._sources: list[Source] = []
        self._troubles: dict[str, str] = {}
        self._publisher = Publisher(address, self.sent, self.settled)
        self._waker = Publisher(address, self.sent, self.settled)
        self._no_waking_before = 0.0
        self._stopping = asyncio.Event()

    def consume(self, queue: Queue, consumer: Consumer) -> None:
        self._sources.append(Source(queue=queue.name, consumer=consumer))
        if not queue.fleeting:
            self._sources.append(Source(queue=queue.dead, consumer=consumer, dead=True))
        self._troubles |= {source.queue: "not_connected" for source in self._sources}

    def trouble(self) -> str:
        return next(filter(None, (*self._troubles.values(), self._publisher.trouble)), "")

    async def publish(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        """Publish with confirms; the letters that were not taken, or may not have been. Raises BrokerLost."""
        kept: Sequence[Letter] = []
        if others := [letter for letter in letters if not only_wakes(letter.key)]:
            kept = await self._publisher.publish(others)
        await self._wake([letter for letter in letters if only_wakes(letter.key)])
        return kept

    async def run(self) -> None:
        """Consume every queue and its dead letters; comes back after every loss, backing off from 1 s to 15 s.

        Any error but a loss is a fault of ours: it ends this, as an ExceptionGroup, and should end the process.
        """
        failures = 0
        while self._sources and not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await self._read_all()
            except* DROPPED as lost:
                error = _first(lost)
                failures = failures + 1 if asyncio.get_running_loop().time() - began < LONGEST_REST else 1
                self._troubles |= dict.fromkeys(self._troubles, error)
                log.warning("broker_lost", error=error, failures=failures)
            await self._rest(failures)
        await self._stopping.wait()

    async def stop(self) -> None:
        """Let each consumer finish the batch it has in hand, then close; what else was fetched goes back."""
        self._stopping.set()

    async def close(self) -> None:
        await self._publisher.close()
        await self._waker.close()

    def sent(self, message_id: str) -> None:
        """Called before a message leaves: for a process that plays both ends in virtual time."""

    def settled(self, message_ids: Sequence[str]) -> None:
        """Called when messages are settled, or never left."""

    async def _wake(self, letters: Sequence[Letter]) -> None:
        """On a line of their own, and none is kept: a station's queue that hangs must not hold up any other letter."""
        now = asyncio.get_running_loop().time()
        if not letters or now < self._no_waking_before:
            return
        with suppress(*DROPPED):
            if not await self._waker.publish(letters):
                return
        self._no_waking_before = now + LONGEST_REST

    async def _read_all(self) -> None:
        connection = await self._address.connect()
        try:
            await together(*(self._keep_reading(connection, source) for source in self._sources))
        finally:
            await hang_up(connection)

    async def _keep_reading(self, connection: AbstractConnection, source: Source) -> None:
        """Read one queue: what is wrong with it alone, as its deletion, holds up no other."""
        failures = 0
        while not self._stopping.is_set():
            if not connection.connected.is_set():
                raise BrokerLost("disconnected")
            try:
                reader = await Reader.open(connection, source, self._clock, self._stopping, self.settled)
                self._troubles[source.queue], failures = "", 0
                await reader.run()
            except (AMQPChannelError, QueueLost) as error:
                if not connection.connected.is_set():
                    raise BrokerLost("disconnected") from error
                failures += 1
                self._troubles[source.queue] = type(error).__name__
                log.warning("queue_lost", queue=source.queue, error=type(error).__name__, failures=failures)
                await self._rest(failures)

    async def _rest(self, failures: int) -> None:
        """Wait in real time, as networks do, at most until `stop`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(LONGEST_REST, 2.0 ** min(failures - 1, 4))):
                await self._stopping.wait()


def _first(lost: BaseExceptionGroup[BaseException]) -> str:
    """The name of the first error in a group of groups."""
    error: BaseException = lost
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__

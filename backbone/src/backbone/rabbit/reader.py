"""One queue's consumer: batches in, one transaction, one ack."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from backbone import failpoints
from backbone.broker import Consumer, deliver
from backbone.clock import Clock
from backbone.database import INFRASTRUCTURE
from backbone.rabbit.address import ANSWER, BrokerLost, answered, hang_up
from backbone.rabbit.opening import opened

log = structlog.get_logger()

PREFETCH = 100
"""Messages of the broker a consumer may hold; each holds up to letters.MOST_EVENTS letters."""
MOST = 500
"""Letters handled in one transaction."""
QUIET = 30.0
"""Seconds without a delivery after which a consumer asks whether its queue really is empty."""
Settled = Callable[[Sequence[str]], None]
Work = Callable[[], Awaitable[None]]


class QueueLost(BrokerLost):
    """This queue's channel or consumer is gone; the line may be as it was."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A queue and who handles its letters.

    `dead`: the queue of what the broker gave up. Up to PREFETCH innocent messages die with the one that killed their
    consumer, or of nothing but a line that dropped again and again; so each is tried again, alone.
    """

    queue: str
    consumer: Consumer
    dead: bool = False


class Reader:
    """One queue's consumer on one connection, until its channel is lost or the broker is to stop."""

    def __init__(
        self,
        source: Source,
        clock: Clock,
        stopping: asyncio.Event,
        settled: Settled,
        channel: AbstractChannel,
    ) -> None:
        self._source = source
        self._clock = clock
        self._stopping = stopping
        self._settled = settled
        self._channel = channel
        self._arrived: deque[AbstractIncomingMessage] = deque()
        self._last_tag = 0
        self._wake = asyncio.Event()
        self._lost = ""

    @classmethod
    async def open(
        cls,
        connection: AbstractConnection,
        source: Source,
        clock: Clock,
        stopping: asyncio.Event,
        settled: Settled,
    ) -> "Reader":
        """A consumer at work. Raises one of DROPPED."""
        async with answered():
            channel = await connection.channel(publisher_confirms=False)
            await channel.set_qos(prefetch_count=1 if source.dead else PREFETCH)
            found = cls(source, clock, stopping, settled, channel)
            queue = await channel.declare_queue(source.queue, passive=True)
            underlay = await channel.get_underlay_channel()
            underlay.on_consumer_cancel_callbacks.add(lambda _: found._end("consumer cancelled"))
            await queue.consume(found._arrive)
        return found

    async def run(self) -> None:
        """Handle what comes, until `stopping`; what is unacknowledged then goes back. Raises one of DROPPED."""
        closed = asyncio.ensure_future(self._channel.closed())
        stopping = asyncio.create_task(self._stopping.wait())
        closed.add_done_callback(lambda _: self._end("channel closed"))
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while (batch := await self._next()) is not None:
                await self._settle(batch)
        finally:
            closed.cancel()
            stopping.cancel()
            await hang_up(self._channel)

    async def _arrive(self, message: AbstractIncomingMessage) -> None:
        # The library cancels this callback with its channel: work must not be done here.
        self._arrived.append(message)
        self._wake.set()

    def _end(self, reason: str) -> None:
        self._lost = self._lost or reason
        self._wake.set()

    async def _next(self) -> list[AbstractIncomingMessage] | None:
        """What has arrived, at most PREFETCH messages; None when it is time to stop."""
        waiting, quiet = False, QUIET
        while not self._stopping.is_set():
            if self._lost:
                raise QueueLost(self._lost)
            if self._arrived:
                return self._take()
            self._wake.clear()
            try:
                async with asyncio.timeout(quiet):
                    await self._wake.wait()
            except TimeoutError:
                # Messages may have come just now: only those that are still there the next time were withheld.
                before, waiting = waiting, await self._waits()
                if before and waiting:
                    raise BrokerLost("withheld") from None
                quiet = ANSWER if waiting else QUIET
        return None

    def _take(self) -> list[AbstractIncomingMessage]:
        batch = [self._arrived.popleft() for _ in range(min(len(self._arrived), PREFETCH))]
        tags = [message.delivery_tag for message in batch]
        # One ack settles all up to its tag: a gap would be a message acknowledged unseen.
        if tags != [*range(self._last_tag + 1, self._last_tag + 1 + len(batch))]:
            raise RuntimeError(f"deliveries out of order after {self._last_tag}")
        self._last_tag += len(batch)
        return batch

    async def _waits(self) -> bool:
        """Whether messages wait in the queue while none is in hand here."""
        async with answered():
            queue = await self._channel.declare_queue(self._source.queue, passive=True)
        return bool(queue.declaration_result.message_count) and not self._arrived

    async def _settle(self, batch: Sequence[AbstractIncomingMessage]) -> None:
        """Handle, commit, then one ack for all: in this order a crash brings them again, never loses one."""
        for work in self._work(batch):
            if not await self._patiently(work):
                return
        failpoints.hit("broker.before_ack")
        async with answered():
            await batch[-1].ack(multiple=True)
        self._settled([message.message_id or "" for message in batch])

    def _work(self, batch: Sequence[AbstractIncomingMessage]) -> Iterator[Work]:
        letters, bad = opened(batch, dead=self._source.dead)
        for letter, reason in bad:
            yield partial(self._source.consumer.bury, letter, reason)
        for start in range(0, len(letters), MOST):
            yield partial(deliver, self._source.consumer, letters[start : start + MOST])

    async def _patiently(self, work: Work) -> bool:
        """An infrastructure error stops consuming, it counts against no letter: the batch is kept and tried again.

        False where the broker is to stop first.
        """
        seconds = 1.0
        while True:
            try:
                await work()
            except INFRASTRUCTURE as error:
                log.warning(
                    "consumer_backs_off",
                    queue=self._source.queue,
                    seconds=seconds,
                    error=type(error).__name__,
                )
            else:
                return True
            await self._rest(seconds)
            seconds = min(30.0, 2 * seconds)
            if self._lost:
                raise QueueLost(self._lost)
            if self._stopping.is_set():
                return False

    async def _rest(self, seconds: float) -> None:
        """Sleep on the clock, at most until the broker is to stop."""
        asleep = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({asleep, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asleep.cancel()
            stopping.cancel()

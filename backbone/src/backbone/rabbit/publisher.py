"""Letters out, with confirms: only the broker's own ack counts."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from enum import Enum, auto

import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aiormq.exceptions import AMQPChannelError, ChannelInvalidStateError, DeliveryError, PublishError
from pamqp.commands import Basic

from backbone.letters import LARGEST, Letter, Parcel, pack
from backbone.rabbit.address import ANSWER, DROPPED, Address, BrokerBlocked, BrokerLost, answered, hang_up
from backbone.tasks import together
from backbone.topology import EXCHANGE, only_wakes

log = structlog.get_logger()


class Fate(Enum):
    """What became of one message."""

    TAKEN = auto()
    REFUSED = auto()
    CUT = auto()  # its channel was closed: it, or another message, is what the broker will not have
    LOST = auto()  # unknown: it may be delivered yet


class Publisher:
    """One user's line for publishing; it connects by itself. `sent` and `settled` are told the messages' ids."""

    def __init__(
        self, address: Address, sent: Callable[[str], None], settled: Callable[[Sequence[str]], None]
    ) -> None:
        self.trouble = ""
        self._address = address
        self._sent = sent
        self._settled = settled
        self._line: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._opening = asyncio.Lock()

    async def publish(self, letters: Sequence[Letter]) -> list[Letter]:
        """The letters that were not taken, or may not have been. Raises BrokerLost where none got an answer."""
        parcels = pack(self._address.user, letters)
        fates = await self._send_all(await self._open(), parcels)
        if Fate.CUT in fates:
            fates = await self._send_singly(parcels, fates)
        if fates and all(fate is Fate.LOST for fate in fates):
            self.trouble = "no_answer"
            raise BrokerLost(self.trouble)
        return [
            letter
            for parcel, fate in zip(parcels, fates, strict=True)
            if fate is not Fate.TAKEN
            for letter in parcel.letters
        ]

    async def close(self) -> None:
        line, self._line, self._exchange = self._line, None, None
        if line is not None:
            await hang_up(line)

    async def _open(self) -> AbstractExchange:
        async with self._opening:
            try:
                found = await self._exchange_now()
            except DROPPED as error:
                self.trouble = type(error).__name__
                raise BrokerLost(self.trouble) from None
            self.trouble = ""
            return found

    async def _exchange_now(self) -> AbstractExchange:
        if self._line is not None and self._line.connected.is_set():
            await _until_unblocked(self._line)
        if self._exchange is None or self._channel is None or self._channel.is_closed:
            await self.close()
            self._line = await self._address.connect()
            async with answered():
                self._channel = await self._line.channel(publisher_confirms=True, on_return_raises=True)
                self._exchange = await self._channel.get_exchange(EXCHANGE, ensure=False)
        return self._exchange

    async def _send_all(self, exchange: AbstractExchange, parcels: Sequence[Parcel]) -> list[Fate]:
        return await together(*(self._send(exchange, parcel) for parcel in parcels))

    async def _send_singly(self, parcels: Sequence[Parcel], fates: Sequence[Fate]) -> list[Fate]:
        """One message that the broker will not have closes the channel on all: each goes alone, that one stays."""
        found: list[Fate] = [Fate.LOST if fate is Fate.CUT else fate for fate in fates]
        for place, parcel in enumerate(parcels):
            if fates[place] is not Fate.CUT:
                continue
            try:
                fate = await self._send(await self._open(), parcel)
            except BrokerLost:
                break
            if fate is Fate.CUT:
                log.error("broker_forbids", key=parcel.key, types=sorted({x.type for x in parcel.letters}))
                fate = Fate.REFUSED
            found[place] = fate
            if fate is Fate.LOST:
                break
        return found

    async def _send(self, exchange: AbstractExchange, parcel: Parcel) -> Fate:
        """Send one message. Its id is fresh for every try: the library tells returns apart by it."""
        if len(parcel.body) > LARGEST:
            log.error("too_large", key=parcel.key, size=len(parcel.body))
            return Fate.REFUSED
        message = Message(
            parcel.body,
            content_type=parcel.content_type,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=secrets.token_hex(12),
            user_id=self._address.user,
        )
        assert message.message_id is not None
        self._sent(message.message_id)
        fate = await self._fate(exchange, message, parcel.key)
        if fate is Fate.LOST and self._exchange is exchange:
            self._exchange = None  # The next one goes on a new line.
        if fate is not Fate.LOST and fate is not Fate.TAKEN:
            self._settled([message.message_id])
        return fate

    async def _fate(self, exchange: AbstractExchange, message: Message, key: str) -> Fate:
        try:
            async with answered():
                answer = await exchange.publish(message, key, mandatory=True)
        except PublishError:
            return self._unroutable(message, key)
        except DeliveryError:
            log.warning("broker_refuses", key=key)
            return Fate.REFUSED
        except (AMQPChannelError, ChannelInvalidStateError):
            return Fate.CUT
        except DROPPED as error:
            log.warning("publish_in_doubt", key=key, error=type(error).__name__)
            return Fate.LOST
        return Fate.TAKEN if isinstance(answer, Basic.Ack) else Fate.LOST

    def _unroutable(self, message: Message, key: str) -> Fate:
        """No queue waits for this key."""
        if only_wakes(key):
            self._settled([message.message_id or ""])
            return Fate.TAKEN
        log.warning("unroutable", key=key)
        return Fate.REFUSED


async def _until_unblocked(line: AbstractConnection) -> None:
    """Wait a little while a broker reads nothing: it delivers later what was sent, to send it again is to double it."""
    assert line.transport is not None
    try:
        async with asyncio.timeout(ANSWER):
            await line.transport.ready()
    except TimeoutError:
        raise BrokerBlocked from None

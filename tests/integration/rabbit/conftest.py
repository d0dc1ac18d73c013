"""A real RabbitMQ node for the folder, consumers that keep what came, and a proxy that falls silent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from backbone.clock import SystemClock
from backbone.letters import SINGLE, Letter, pack
from backbone.rabbit.address import DROPPED, hang_up
from backbone.rabbit.broker import RabbitBroker
from backbone.topology import EXCHANGE, QUEUES, station_queue
from local_cluster.rabbit_node import MISSING, SERVER, RabbitNode

PORT = 26100
STATIONS = ("2102-1", "2102-2")
PATIENCE = 40.0
"""Seconds for what must come to pass."""
QUEUE = {queue.name: queue for queue in (*QUEUES, *map(station_queue, STATIONS))}


class Desk:
    """A consumer that keeps what came. `fault` is raised, or awaited, for each batch while it is set."""

    def __init__(self) -> None:
        self.batches: list[list[Letter]] = []
        self.buried: list[tuple[Letter, str]] = []
        self.calls = 0
        self.fault: Callable[[Sequence[Letter]], Any] | None = None

    @property
    def came(self) -> list[str]:
        return [letter.subject for batch in self.batches for letter in batch]

    async def handle(self, letters: Sequence[Letter]) -> None:
        self.calls += 1
        if self.fault is not None:
            await self.fault(letters)
        self.batches.append([*letters])

    async def bury(self, letter: Letter, reason: str) -> None:
        self.buried.append((letter, reason))


class Bystanders:
    """Bare lines of the users, kept from test to test."""

    def __init__(self, node: RabbitNode) -> None:
        self._node = node
        self._lines: dict[str, AbstractConnection] = {}

    async def channel(self, user: str, *, confirms: bool) -> AbstractChannel:
        line = self._lines.get(user)
        if line is not None and line.connected.is_set():
            # The test before may have killed the node: the line need not know yet.
            with suppress(*DROPPED):
                return await line.channel(publisher_confirms=confirms, on_return_raises=confirms)
        line = self._lines[user] = await self._node.address(user).connect()
        return await line.channel(publisher_confirms=confirms, on_return_raises=confirms)

    async def close(self) -> None:
        for line in self._lines.values():
            await line.close()


class Rig:
    """The node, and whatever connects to it."""

    def __init__(self, node: RabbitNode, bystanders: Bystanders) -> None:
        self.node = node
        self._bystanders = bystanders
        self._channels: list[AbstractChannel] = []
        self._taken: list[AbstractIncomingMessage] = []
        self._publishers: dict[str, RabbitBroker] = {}

    def letter(
        self, subject: object, *, type_name: str = "application.received.v1", key: str = "", body: str = "{}"
    ) -> Letter:
        return Letter(
            type=type_name, key=key or type_name.rsplit(".", 1)[0], subject=str(subject), body=body, id="1"
        )

    def letters(self, count: int, **kind: str) -> list[Letter]:
        return [self.letter(number, **kind) for number in range(count)]

    def publisher(self, user: str = "intake") -> RabbitBroker:
        if user not in self._publishers:
            self._publishers[user] = RabbitBroker(self.node.address(user), SystemClock())
        return self._publishers[user]

    async def publish(self, *letters: Letter, user: str = "intake") -> Sequence[Letter]:
        return await self.publisher(user).publish(letters)

    @asynccontextmanager
    async def consuming(
        self, desk: Desk, queue: str = "scheduler", *, port: int | None = None
    ) -> AsyncIterator[RabbitBroker]:
        """A service that consumes its queue into `desk` while the body runs."""
        broker = self.consumer(desk, queue, port)
        run = asyncio.create_task(broker.run())
        try:
            await until(lambda: run.done() or not broker.trouble())
            yield broker
        finally:
            await broker.stop()
            async with asyncio.timeout(PATIENCE):
                await run

    async def die_handling(self, desk: Desk, queue: str = "scheduler") -> None:
        """A consumer that ends in the midst of a batch."""
        calls = desk.calls
        run = asyncio.create_task(self.consumer(desk, queue).run())
        await until(lambda: desk.calls > calls)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    def consumer(self, desk: Desk, queue: str = "scheduler", port: int | None = None) -> RabbitBroker:
        broker = RabbitBroker(self.node.address(queue, port=port), SystemClock())
        broker.consume(QUEUE[queue], desk)
        return broker

    async def channel(self, user: str, *, confirms: bool = True) -> AbstractChannel:
        """A bare channel of this user, as somebody would open who does not use our code."""
        found = await self._bystanders.channel(user, confirms=confirms)
        self._channels.append(found)
        return found

    async def send(
        self,
        body: bytes,
        *,
        user: str = "intake",
        key: str = "application.received",
        content_type: str = SINGLE,
        exchange: str = EXCHANGE,
        user_id: str | None = None,
    ) -> None:
        """Publish these bytes. Raises as the broker refuses."""
        channel = await self.channel(user)
        message = Message(body, content_type=content_type, message_id="1", user_id=user_id or user)
        target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
        async with asyncio.timeout(PATIENCE):
            await target.publish(message, key, mandatory=True)

    async def take(self, queue: str) -> AbstractIncomingMessage:
        """The next message of a queue; it stays unacknowledged until the test ends."""
        found = await self.queue(queue)
        async with asyncio.timeout(PATIENCE):
            while (message := await found.get(fail=False)) is None:
                await asyncio.sleep(0.02)
        taken: AbstractIncomingMessage = message
        self._taken.append(taken)
        return taken

    async def queue(self, name: str) -> Any:
        owner = name.removesuffix(".dead")
        return await (await self.channel(owner)).declare_queue(name, passive=True)

    async def depth(self, name: str) -> int:
        """Messages that are ready in a queue."""
        found = await self.queue(name)
        return int(found.declaration_result.message_count)

    async def holds(self, name: str, count: float) -> bool:
        """Whether so many messages are ready in a queue, now or soon: what goes back takes a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while await self.depth(name) != count:
                    await asyncio.sleep(0.02)
        return await self.depth(name) == count

    async def close(self) -> None:
        for broker in self._publishers.values():
            await broker.close()
        for message in self._taken:
            if not message.processed:
                with suppress(*DROPPED):
                    await message.ack()
        for channel in self._channels:
            await hang_up(channel)
        self._taken.clear()
        self._publishers.clear()
        self._channels.clear()


async def until(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a fact; fails the test where it does not come to pass."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


class Proxy:
    """A wire to the node that can fall silent: both ends stay connected and hear nothing more."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, tls: ssl.SSLContext | None = None, port: int | None = None) -> asyncio.Server:
        return await asyncio.start_server(self._connected, "127.0.0.1", port or self.port, ssl=tls)

    def fall_silent(self) -> None:
        """The wires that are up now carry nothing more; new ones do."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def close(self) -> None:
        self.fall_silent()
        for writer in self._writers:
            writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, far_writer]
        self._tasks += [
            asyncio.create_task(_copy(reader, far_writer)),
            asyncio.create_task(_copy(far_reader, writer)),
        ]


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.fixture(scope="session")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RabbitNode]:
    if not SERVER.exists():
        pytest.skip(MISSING)
    found = RabbitNode(tmp_path_factory.mktemp("node"), port=PORT, stations=STATIONS)
    try:
        await found.start()
        yield found
    finally:
        await found.stop()
        found.erase()


@pytest.fixture(scope="session")
async def bystanders(node: RabbitNode) -> AsyncIterator[Bystanders]:
    found = Bystanders(node)
    yield found
    await found.close()


@pytest.fixture
async def rig(node: RabbitNode, bystanders: Bystanders) -> AsyncIterator[Rig]:
    """The node with empty queues."""
    found = Rig(node, bystanders)
    for name in (queue for one in QUEUES for queue in (one.name, one.dead)):
        await (await found.queue(name)).purge()
    await found.close()
    yield found
    await found.close()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def proxy(node: RabbitNode) -> AsyncIterator[Proxy]:
    found = Proxy(PORT + 10, PORT)
    server = await found.serve()
    yield found
    await found.close()
    server.close()


@pytest.fixture
def eventually() -> Callable[..., Any]:
    return until


@pytest.fixture
def parcels() -> Callable[[Letter], bytes]:
    """What one letter looks like on the wire, from intake."""
    return lambda letter: pack("intake", [letter])[0].body

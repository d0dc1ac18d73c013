"""RabbitMQ between services that live in one process: what a test of the whole suite runs on instead of the embedded broker.

Each service speaks as its own user. `publish` returns when every message it sent has been settled by its consumer, so
that it promises what the embedded broker's does, virtual time included: the relay is at work until then.
"""

import asyncio
from collections.abc import Sequence

from aio_pika.abc import AbstractConnection

from backbone.broker import Consumer
from backbone.clock import SystemClock
from backbone.letters import Letter
from backbone.rabbit.broker import RabbitBroker
from backbone.topology import PUBLISHERS, QUEUES, Queue
from local_cluster.rabbit_node import RabbitNode

PATIENCE = 60.0
"""Real seconds for a message to be settled."""


class _Line(RabbitBroker):
    """One user's line; tells the one process what left and what was settled."""

    def __init__(self, node: RabbitNode, user: str, pending: set[str], settled: asyncio.Condition) -> None:
        super().__init__(node.address(user), SystemClock())
        self._pending = pending
        self._settled_now = settled
        self._tasks: set[asyncio.Task[None]] = set()

    def sent(self, message_id: str) -> None:
        self._pending.add(message_id)

    def settled(self, message_ids: Sequence[str]) -> None:
        self._pending.difference_update(message_ids)
        task = asyncio.ensure_future(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._settled_now:
            self._settled_now.notify_all()


class InOneProcess:
    """A broker for one process and one event loop. `close` ends its lines; the node stays."""

    def __init__(self, node: RabbitNode) -> None:
        self._node = node
        self._pending: set[str] = set()
        self._settled = asyncio.Condition()
        self._lines: dict[str, _Line] = {}
        self._runs: list[asyncio.Task[None]] = []
        self._opening = asyncio.Lock()
        self._opened = False

    def consume(self, queue: Queue, consumer: Consumer) -> None:
        self._line(queue.name).consume(queue, consumer)

    async def publish(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        await self._open()
        here = [letter for letter in letters if self._is_here(letter)]
        by_user: dict[str, list[Letter]] = {}
        for letter in here:
            by_user.setdefault(PUBLISHERS.get(letter.type, "scheduler"), []).append(letter)
        left = [one for user, sent in by_user.items() for one in await self._line(user).publish(sent)]
        async with self._settled, asyncio.timeout(PATIENCE):
            await self._settled.wait_for(lambda: not self._pending)
        return left

    def trouble(self) -> str:
        return ""

    async def close(self) -> None:
        for line in self._lines.values():
            await line.stop()
        await asyncio.gather(*self._runs)
        for line in self._lines.values():
            await line.close()

    def _is_here(self, letter: Letter) -> bool:
        """A look for a station that is not in this process wakes nobody, as with the embedded broker."""
        return not letter.key.startswith("station.") or letter.key.removesuffix(".look") in self._lines

    def _line(self, user: str) -> _Line:
        if user not in self._lines:
            self._lines[user] = _Line(self._node, user, self._pending, self._settled)
        return self._lines[user]

    async def _open(self) -> None:
        async with self._opening:
            if self._opened:
                return
            self._opened = True
            await self._purge()
            self._runs = [asyncio.create_task(line.run()) for line in self._lines.values()]
            while any(line.trouble() for line in self._lines.values()):
                await asyncio.sleep(0.005)  # noqa: TID251  # real time: a connection is made

    async def _purge(self) -> None:
        """What an earlier owner of the node left behind is not ours; what nobody here consumes is dropped."""
        for queue in QUEUES:
            connection: AbstractConnection = await self._node.address(queue.name).connect()
            channel = await connection.channel()
            for name in (queue.name, queue.dead):
                await (await channel.declare_queue(name, passive=True)).purge()
            await connection.close()

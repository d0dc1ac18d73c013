"""Applies a schedule's faults to a running cluster and takes them back; `heal` makes everything whole again."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import asyncpg
from aio_pika import DeliveryMode, Message

from backbone.database import Login
from backbone.embedded_postgres import OWNER
from backbone.letters import SINGLE, pack
from backbone.rabbit.address import DROPPED
from backbone.topology import EXCHANGE, QUEUES
from local_cluster.rabbit_node import RabbitFailed

from . import late_letters
from .ground import Ground
from .schedule import Fault

CRASHES = ("broker_kill", "broker_restart")
HUNG_AFTER = 18.0
"""Seconds; a consumer that lost its queue tries again after 15 s at the latest."""
FULL_MEMORY, MEMORY = "0.00001", "0.3"
SPOILER = {"intake": "scheduler", "scheduler": "intake", "gateway": "scheduler"}
"""Who may publish what lands in a queue."""
SPOILT_KEY = {
    "intake": "application.status",
    "scheduler": "application.received",
    "gateway": "verification.requested",
}
# rabbitmqctl knows no word for it.
UNBIND = (
    'rabbit_binding:remove({binding, {resource, <<"cetak">>, exchange, <<"cetak">>}, <<"%s">>, '
    '{resource, <<"cetak">>, queue, <<"%s">>}, []}, <<"test">>), '
)
OVERSIZE = 8 * 1024 * 1024
END = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()"
# What a dead gateway was asking is asked anew after its lease of 90 s, and only then a centre on trial is tried again;
# schedules do not wait for that.
END_LEASES = """WITH trials AS (UPDATE gateway.account SET probe_until = NULL WHERE probe_until IS NOT NULL)
UPDATE gateway.request SET due_at = backbone.now() WHERE state = 'calling'"""
BLOWS = 20
BROKER = ("broker_kill", "broker_restart", "broker_alarm", "queue_unbound", "queue_deleted", "vhost_wiped")


class Nemesis:
    """Faults of one component follow one another; those of different components overlap as drawn."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.failed: list[str] = []
        self.replaced: list[str] = []
        self.died_at: Counter[str] = Counter()
        self.healed_at = 0.0

    async def play(self, faults: Sequence[Fault]) -> None:
        """Every fault at its time; returns when each is undone."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                group.create_task(self._inflict(fault))

    async def heal(self, faults: Sequence[Fault]) -> None:
        """Every process running and awake, broker and database up, queues as they should be, links behaving.

        `healed_at` (monotonic) tells when; a queue replaced later is the end of the healing.
        """
        ground = self._ground
        for proxy in ground.links.values():
            proxy.clear()
        await ground.postgres.start()
        if any(fault.kind in BROKER for fault in faults):
            await ground.node.start()
            await ground.node.control("set_vm_memory_high_watermark", MEMORY)
            await ground.node.apply()
        for name in ground.processes:
            ground.resume(name)
            if not ground.alive(name):
                await ground.start(name)
        await end_leases(ground)
        self.healed_at = time.monotonic()

    async def replace_hung(self, faults: Sequence[Fault]) -> None:
        """What an operator does some time after a broker's crash: delete queues that nobody can consume, and apply.

        RabbitMQ 3.10 leaves a quorum queue hanging when it was made anew shortly before a kill -9. Where a vhost was deleted
        shortly after one, its segment writer may stand still, and no quorum queue can be made until the node is restarted.
        """
        if not any(fault.kind in CRASHES for fault in faults):
            return
        await asyncio.sleep(HUNG_AFTER)
        node = self._ground.node
        with suppress(RabbitFailed):
            said = await node.control("list_queues", "-p", "cetak", "name", "consumers", "--no-table-headers")
            hung = [words[0] for line in said.splitlines() if (words := line.split())[1:] == ["0"]]
            for name in hung:
                await node.control("delete_queue", "--vhost", "cetak", name)
                self.replaced.append(name)
            if hung:
                await self._apply_again()
                # Only now is the broker whole again, and what was in those queues was lost just now.
                self.healed_at = time.monotonic()

    async def _apply_again(self) -> None:
        node = self._ground.node
        try:
            await node.apply()
        except RabbitFailed:
            await node.stop()
            await node.start()
            await node.apply()

    async def _inflict(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        async with self._locks[_component(fault)]:
            try:
                await self._acts[fault.kind](self, fault)
            except (RabbitFailed, asyncpg.PostgresError, OSError) as error:
                # Another fault stood in the way: the broker cannot be asked while it is down.
                self.failed.append(f"{fault.kind} {fault.target}: {type(error).__name__}")

    async def _kill(self, fault: Fault) -> None:
        await self._ground.kill9(fault.target)
        await asyncio.sleep(fault.seconds)
        await self._ground.start(fault.target)

    async def _failpoint(self, fault: Fault) -> None:
        """Started anew with the fault set, it dies by itself when it comes there; or else it is ended."""
        name, process = fault.target.split("@")
        await self._ground.kill9(process)
        await self._ground.start(process, failpoint=f"{name}:kill")
        with suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await self._ground.until_dead(process)
                self.died_at[name] += 1
        await self._ground.kill9(process)
        await self._ground.start(process)

    async def _pause(self, fault: Fault) -> None:
        self._ground.pause(fault.target)
        await asyncio.sleep(fault.seconds)
        self._ground.resume(fault.target)

    async def _broker_kill(self, fault: Fault) -> None:
        await self._ground.node.kill()
        await asyncio.sleep(fault.seconds)
        await self._ground.node.start()

    async def _broker_restart(self, fault: Fault) -> None:
        await self._ground.node.stop()
        await self._ground.node.start()

    async def _broker_alarm(self, fault: Fault) -> None:
        await self._ground.node.control("set_vm_memory_high_watermark", FULL_MEMORY)
        await asyncio.sleep(fault.seconds)
        await self._ground.node.control("set_vm_memory_high_watermark", MEMORY)

    async def _queue_unbound(self, fault: Fault) -> None:
        """Nothing that is in the queue is lost, nothing more comes in: what is published cannot be routed."""
        keys = next(queue.keys for queue in QUEUES if queue.name == fault.target)
        await self._ground.node.control(
            "eval", "".join(UNBIND % (key, fault.target) for key in sorted(keys)) + "ok."
        )
        await asyncio.sleep(fault.seconds)
        await self._ground.node.apply()

    async def _queue_deleted(self, fault: Fault) -> None:
        await self._ground.node.control("delete_queue", "--vhost", "cetak", fault.target)
        await asyncio.sleep(fault.seconds)
        await self._ground.node.apply()

    async def _vhost_wiped(self, fault: Fault) -> None:
        await self._ground.node.control("delete_vhost", "cetak")
        await asyncio.sleep(fault.seconds)
        await self._ground.node.apply()

    async def _database_restart(self, fault: Fault) -> None:
        await self._ground.postgres.stop()
        await asyncio.sleep(fault.seconds)
        await self._ground.postgres.start()

    async def _backends_killed(self, fault: Fault) -> None:
        """Again and again for a while: one blow seldom finds a handler in the middle of its work."""
        for _ in range(BLOWS):
            await as_owner(self._ground.postgres.login(OWNER), END, fault.target)
            await asyncio.sleep(0.1)

    async def _cut(self, fault: Fault) -> None:
        self._ground.links[fault.target].cut()

    async def _refuse(self, fault: Fault) -> None:
        self._ground.links[fault.target].refuse()
        await self._clear_later(fault)

    async def _half_open(self, fault: Fault) -> None:
        self._ground.links[fault.target].half_open()
        await self._clear_later(fault)

    async def _delay(self, fault: Fault) -> None:
        self._ground.links[fault.target].delay(0.4, slice_bytes=1024)
        await self._clear_later(fault)

    async def _clear_later(self, fault: Fault) -> None:
        await asyncio.sleep(fault.seconds)
        self._ground.links[fault.target].clear()

    async def _poison(self, fault: Fault) -> None:
        """Unreadable, of an unknown type, and of a known type with nothing in it."""
        event = {"specversion": "1.0", "id": "1", "source": "/cetak/test", "subject": "", "data": {}}
        known = "verification.answered.v1" if fault.target == "scheduler" else "verification.requested.v1"
        texts = [b"{", json.dumps(event | {"type": "invented.v1"}).encode()]
        if fault.target == "gateway":
            texts.append(json.dumps(event | {"type": known}).encode())
        await self._publish(fault.target, texts)

    async def _late_again(self, fault: Fault) -> None:
        """What a queue had long ago comes again, as at-least-once allows."""
        rows = await as_owner(self._ground.postgres.login(OWNER), late_letters.SQL[fault.target])
        user = SPOILER[fault.target]
        for parcel in pack(user, late_letters.letters(fault.target, rows)):
            await self._publish(fault.target, [parcel.body], parcel.content_type)

    async def _oversize(self, fault: Fault) -> None:
        await self._publish(fault.target, [b"{" + b" " * OVERSIZE])

    async def _publish(self, queue: str, bodies: Sequence[bytes], content_type: str = SINGLE) -> None:
        user = SPOILER[queue]
        with suppress(*DROPPED):
            connection = await self._ground.node.address(user).connect()
            async with connection, asyncio.timeout(5):
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                exchange = await channel.get_exchange(EXCHANGE, ensure=False)
                for body in bodies:
                    message = Message(
                        body, content_type=content_type, delivery_mode=DeliveryMode.PERSISTENT, user_id=user
                    )
                    await exchange.publish(message, SPOILT_KEY[queue], mandatory=True)

    _acts: dict[str, Callable[["Nemesis", Fault], Awaitable[None]]] = {  # noqa: RUF012  # a table of methods
        "kill": _kill,
        "failpoint": _failpoint,
        "pause": _pause,
        "broker_kill": _broker_kill,
        "broker_restart": _broker_restart,
        "broker_alarm": _broker_alarm,
        "queue_unbound": _queue_unbound,
        "queue_deleted": _queue_deleted,
        "vhost_wiped": _vhost_wiped,
        "database_restart": _database_restart,
        "backends_killed": _backends_killed,
        "cut": _cut,
        "refuse": _refuse,
        "half_open": _half_open,
        "delay": _delay,
        "poison": _poison,
        "oversize": _oversize,
        "late_again": _late_again,
    }


def _component(fault: Fault) -> str:
    """What a fault lays hands on."""
    if fault.kind in BROKER:
        return "the broker"
    if fault.kind == "failpoint":
        return fault.target.split("@")[1]
    return f"link {fault.target}" if fault.kind in ("cut", "refuse", "half_open", "delay") else fault.target


async def end_leases(ground: Ground) -> None:
    await as_owner(ground.postgres.login(OWNER), END_LEASES)


async def as_owner(login: Login, sql: str, *values: object) -> list[asyncpg.Record]:
    """Run a statement as the database's owner."""
    connection = await asyncpg.connect(**login.arguments())
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()

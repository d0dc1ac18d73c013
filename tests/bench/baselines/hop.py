"""The hop as a textbook has it: three services, each with its tables and its outbox; one message and one transaction an
item and stage; an outbox polled in small batches, each message confirmed, then removed; quorum queues.

`python -m tests.bench.baselines.hop <intake|scheduler|gateway> <specification> <n>`; says `ready`; intake then waits
for a line and publishes what it has accepted.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import asyncpg
import uvloop
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage
from tests.bench import parts

HEAD_START = timedelta(days=365)
PREFETCH = 50
BATCH = 100
POLL = 0.05
OUTBOX = """CREATE TABLE hop_outbox (id bigserial PRIMARY KEY, key text NOT NULL, body jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now())"""
TABLES = {
    "intake": """CREATE TABLE hop_application (id uuid PRIMARY KEY, office text NOT NULL, reason text NOT NULL,
      district text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), state text NOT NULL DEFAULT 'received',
      rank_at timestamptz, place int)""",
    "scheduler": """CREATE TABLE hop_application (id uuid PRIMARY KEY, office text NOT NULL, reason text NOT NULL,
      district text NOT NULL, received_at timestamptz NOT NULL, rank_at timestamptz NOT NULL,
      state text NOT NULL, approved_until timestamptz);
      CREATE INDEX ON hop_application (office, rank_at) WHERE state = 'verifying'""",
    "gateway": """CREATE TABLE hop_request (application_id uuid PRIMARY KEY, outcome text NOT NULL,
      approved_until timestamptz NOT NULL)""",
}
KEYS = {
    "intake": ("application.ranked", "application.status"),
    "scheduler": ("application.received", "verification.answered"),
    "gateway": ("verification.requested",),
}
OWE = "INSERT INTO hop_outbox (key, body) VALUES ($1, $2)"
Body = dict[str, Any]
Handler = Callable[[asyncpg.Connection, Body], Awaitable[None]]


async def received(tx: asyncpg.Connection, body: Body) -> None:
    """Take an application in, tell its place, ask for its verification."""
    received_at = datetime.fromisoformat(body["received_at"])
    rank_at = received_at - (HEAD_START if body["reason"] == "first_issue" else timedelta())
    new = await tx.execute(
        "INSERT INTO hop_application VALUES ($1, $2, $3, $4, $5, $6, 'verifying') ON CONFLICT DO NOTHING",
        UUID(body["id"]),
        body["office"],
        body["reason"],
        body["district"],
        received_at,
        rank_at,
    )
    if new == "INSERT 0 0":
        return
    place = await tx.fetchval(
        "SELECT count(*) FROM hop_application WHERE office = $1 AND state = 'verifying' AND rank_at < $2",
        body["office"],
        rank_at,
    )
    await tx.execute(
        OWE, "application.ranked", {"id": body["id"], "rank_at": rank_at.isoformat(), "place": place + 1}
    )
    await tx.execute(OWE, "verification.requested", {"id": body["id"]})


async def requested(tx: asyncpg.Connection, body: Body) -> None:
    """The centre says yes at once."""
    until = await tx.fetchval(
        """INSERT INTO hop_request VALUES ($1, 'approved', now() + interval '24 hours')
        ON CONFLICT DO NOTHING RETURNING approved_until""",
        UUID(body["id"]),
    )
    if until is not None:
        await tx.execute(OWE, "verification.answered", {"id": body["id"], "until": until.isoformat()})


async def answered(tx: asyncpg.Connection, body: Body) -> None:
    moved = await tx.execute(
        "UPDATE hop_application SET state = 'approved', approved_until = $2 WHERE id = $1 AND state = 'verifying'",
        UUID(body["id"]),
        datetime.fromisoformat(body["until"]),
    )
    if moved == "UPDATE 1":
        await tx.execute(OWE, "application.status", {"id": body["id"], "state": "approved"})


async def ranked(tx: asyncpg.Connection, body: Body) -> None:
    await tx.execute(
        "UPDATE hop_application SET rank_at = $2, place = $3 WHERE id = $1",
        UUID(body["id"]),
        datetime.fromisoformat(body["rank_at"]),
        body["place"],
    )


async def status(tx: asyncpg.Connection, body: Body) -> None:
    await tx.execute("UPDATE hop_application SET state = $2 WHERE id = $1", UUID(body["id"]), body["state"])


HANDLERS: dict[str, Handler] = {
    "application.received": received,
    "application.ranked": ranked,
    "application.status": status,
    "verification.requested": requested,
    "verification.answered": answered,
}


async def handle(pool: asyncpg.Pool, message: AbstractIncomingMessage) -> None:
    """One message, one transaction; acknowledged after the commit."""
    async with message.process(requeue=True), pool.acquire() as connection, connection.transaction():
        await HANDLERS[message.routing_key or ""](connection, json.loads(message.body))


async def publish_outbox(pool: asyncpg.Pool, exchange: AbstractExchange) -> None:
    """Poll the outbox for ever: publish each message with a confirm, then remove it."""
    while True:
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(
                "SELECT * FROM hop_outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED", BATCH
            )
            for row in rows:
                message = aio_pika.Message(
                    json.dumps(row["body"]).encode(),
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    message_id=str(row["id"]),
                )
                await exchange.publish(message, row["key"])
            await connection.execute("DELETE FROM hop_outbox WHERE id = ANY($1)", [row["id"] for row in rows])
        if not rows:
            await asyncio.sleep(POLL)


async def accept(pool: asyncpg.Pool, n: int) -> list[tuple[str, Body]]:
    """Store `n` applications; what is to be published of them."""
    ids = [uuid4() for _ in range(n)]
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            """INSERT INTO hop_application (id, office, reason, district)
            SELECT id, $2, 'data_change', '21.02.03' FROM unnest($1::uuid[]) id RETURNING *""",
            ids,
            parts.OFFICE,
        )
    fields = ("office", "reason", "district")
    return [
        (
            "application.received",
            {"id": str(row["id"]), "received_at": row["received_at"].isoformat()}
            | {f: row[f] for f in fields},
        )
        for row in rows
    ]


async def connect(name: str, spec: parts.Spec) -> asyncpg.Pool:
    """The service's pool, its tables new."""

    async def speak_json(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)

    pool = await asyncpg.create_pool(
        **spec.login(name, spec.textbook_database).arguments(), min_size=10, max_size=10, init=speak_json
    )
    await pool.execute(OUTBOX)
    await pool.execute(TABLES[name])
    return pool


async def main(name: str, spec: parts.Spec, n: int) -> None:
    pool = await connect(name, spec)
    owed = await accept(pool, n) if name == "intake" else []
    connection = await aio_pika.connect_robust(spec.amqp_url())
    channel = await connection.channel(publisher_confirms=True)
    await channel.set_qos(prefetch_count=PREFETCH)
    exchange = await channel.declare_exchange("textbook.hop", aio_pika.ExchangeType.TOPIC, durable=True)
    queue = await channel.declare_queue(f"hop.{name}", durable=True, arguments={"x-queue-type": "quorum"})
    for key in KEYS[name]:
        await queue.bind(exchange, key)
    await queue.consume(partial(handle, pool))
    relay = asyncio.create_task(publish_outbox(pool, exchange))
    print("ready", flush=True)
    if owed:
        await asyncio.to_thread(sys.stdin.readline)
        await pool.executemany(OWE, owed)
    word = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, word.set)
    await asyncio.wait([relay, asyncio.create_task(word.wait())], return_when=asyncio.FIRST_COMPLETED)
    relay.cancel()
    await connection.close()
    await pool.close()


if __name__ == "__main__":
    _, named, given, count = sys.argv
    uvloop.run(main(named, parts.read(Path(given)), int(count)))

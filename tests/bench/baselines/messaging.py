"""What each service of the end-to-end textbook has beside its work: sessions, an outbox with its relay, a consumer.

One message and one transaction an item; the outbox is polled in small batches, each message confirmed, then removed;
quorum queues.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from sqlalchemy import BigInteger, DateTime, Identity, Table, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from tests.bench.parts import Spec

EXCHANGE = "textbook"
BATCH = 100
POLL = 0.05
Body = dict[str, Any]
Handler = Callable[[AsyncSession, Body], Awaitable[None]]
Sessions = async_sessionmaker[AsyncSession]


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), Body: JSONB}  # noqa: RUF012  # as SQLAlchemy has it


class Outbox(Base):
    """Messages owed: written with the change that owes them."""

    __tablename__ = "textbook_outbox"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str]
    body: Mapped[Body]


def owe(session: AsyncSession, key: str, **body: Any) -> None:
    session.add(Outbox(key=key, body=body))


async def publish_outbox(sessions: Sessions, exchange: AbstractExchange) -> None:
    """Poll the outbox for ever: publish each message with a confirm, then remove it."""
    query = select(Outbox).order_by(Outbox.id).limit(BATCH).with_for_update(skip_locked=True)
    while True:
        async with sessions() as session:
            owed = list(await session.scalars(query))
            for row in owed:
                message = aio_pika.Message(
                    json.dumps(row.body).encode(),
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    message_id=str(row.id),
                )
                await exchange.publish(message, row.key)
                await session.delete(row)
            await session.commit()
        if not owed:
            await asyncio.sleep(POLL)


async def handle(
    sessions: Sessions, handlers: Mapping[str, Handler], message: AbstractIncomingMessage
) -> None:
    """One message, one transaction; acknowledged after the commit."""
    async with message.process(requeue=True), sessions() as session:
        await handlers[message.routing_key or ""](session, json.loads(message.body))
        await session.commit()


async def declare(channel: AbstractChannel, name: str, *keys: str) -> tuple[AbstractExchange, AbstractQueue]:
    """The exchange, and a quorum queue bound to it by `keys`."""
    exchange = await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
    queue = await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
    for key in keys:
        await queue.bind(exchange, key)
    return exchange, queue


@asynccontextmanager
async def service(
    schema: str,
    spec: Spec,
    queue_name: str,
    handlers: Mapping[str, Handler],
    *,
    tables: Sequence[type[Base]] = (),
    prefetch: int,
    pool: int,
) -> AsyncIterator[Sessions]:
    """A service at work on its queue, with its own tables made, until the block ends."""
    engine = create_async_engine(spec.sqlalchemy_url(schema), pool_size=pool, max_overflow=0)
    models: list[type[Base]] = [*tables, Outbox]
    made = [model.__table__ for model in models if isinstance(model.__table__, Table)]
    async with engine.begin() as database:
        await database.run_sync(partial(Base.metadata.create_all, tables=made))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    connection = await aio_pika.connect_robust(spec.amqp_url())
    channel = await connection.channel(publisher_confirms=True)
    await channel.set_qos(prefetch_count=prefetch)
    exchange, queue = await declare(channel, queue_name, *handlers)
    await queue.consume(partial(handle, sessions, handlers))
    relay = asyncio.create_task(publish_outbox(sessions, exchange))
    yield sessions
    relay.cancel()
    await connection.close()
    await engine.dispose()

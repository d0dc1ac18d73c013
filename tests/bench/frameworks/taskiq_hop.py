"""The hop's shape in taskiq: quorum queues, acknowledged when done, one worker a service.

Nothing is stored: it does less than ours and than the textbook.
"""

import asyncio

from shape import AMQP, Counter
from taskiq import TaskiqEvents
from taskiq_aio_pika import AioPikaBroker, Exchange, Queue, QueueType


def make(name):
    """A broker of its own for each service: a worker takes all the tasks of its broker's queue."""
    return AioPikaBroker(
        AMQP,
        qos=50,
        exchange=Exchange(name=f"taskiq.{name}"),
        task_queues=[Queue(name=f"taskiq.{name}", type=QueueType.QUORUM)],
        dead_letter_queue=Queue(name=f"taskiq.{name}.dead"),
        delay_queue=Queue(name=f"taskiq.{name}.delay"),
    )


intake, scheduler, gateway = make("intake"), make("scheduler"), make("gateway")
for worker, others in ((scheduler, (gateway, intake)), (gateway, (scheduler,))):

    async def connect(state, others=others):
        for other in others:
            await other.startup()

    worker.add_event_handler(TaskiqEvents.WORKER_STARTUP, connect)
home = Counter()
WHEN_DONE = {"ack_type": "when_executed"}


@scheduler.task(**WHEN_DONE)
async def received(body):
    await requested.kiq(body)


@gateway.task(**WHEN_DONE)
async def requested(body):
    await answered.kiq({**body, "outcome": "approved"})


@scheduler.task(**WHEN_DONE)
async def answered(body):
    await status.kiq({**body, "state": "approved"})


@intake.task(**WHEN_DONE)
async def status(body):
    home.count()


async def send(n):
    await scheduler.startup()
    for number in range(n):
        await received.kiq(
            {"id": str(number), "office": "21.02", "reason": "data_change", "sealed": "x" * 200}
        )
    await scheduler.shutdown()


def submit(n):
    asyncio.run(send(n))

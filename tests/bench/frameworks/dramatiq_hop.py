"""The hop's shape in Dramatiq: durable queues (it declares no quorum queues), confirmed delivery, one worker a service.

Nothing is stored: it does less than ours and than the textbook.
"""

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from shape import AMQP, Counter

dramatiq.set_broker(RabbitmqBroker(url=AMQP, confirm_delivery=True))
home = Counter()


@dramatiq.actor(queue_name="dramatiq.scheduler")
def received(body):
    requested.send(body)


@dramatiq.actor(queue_name="dramatiq.gateway")
def requested(body):
    answered.send({**body, "outcome": "approved"})


@dramatiq.actor(queue_name="dramatiq.scheduler")
def answered(body):
    status.send({**body, "state": "approved"})


@dramatiq.actor(queue_name="dramatiq.intake")
def status(body):
    home.count()


def submit(n):
    for number in range(n):
        received.send({"id": str(number), "office": "21.02", "reason": "data_change", "sealed": "x" * 200})

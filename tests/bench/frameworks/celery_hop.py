"""The hop's shape in Celery: quorum queues, late acknowledgement, persistent and confirmed messages, one worker a service.

Nothing is stored: it does less than ours and than the textbook.
"""

from celery import Celery
from kombu import Queue
from shape import AMQP, Counter

app = Celery("hop", broker=AMQP)
app.conf.update(
    task_queues=[
        Queue(name, queue_arguments={"x-queue-type": "quorum"})
        for name in ("celery.intake", "celery.scheduler", "celery.gateway")
    ],
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=50,
    worker_detect_quorum_queues=True,
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
    worker_enable_remote_control=False,
)
home = Counter()


@app.task(queue="celery.scheduler")
def received(body):
    requested.delay(body)


@app.task(queue="celery.gateway")
def requested(body):
    answered.delay({**body, "outcome": "approved"})


@app.task(queue="celery.scheduler")
def answered(body):
    status.delay({**body, "state": "approved"})


@app.task(queue="celery.intake")
def status(body):
    home.count()


def submit(n):
    for number in range(n):
        received.delay({"id": str(number), "office": "21.02", "reason": "data_change", "sealed": "x" * 200})

"""The broker that many processes share: RabbitMQ 3.10 to 4.x through aio-pika, one connection to publish, one to consume.

Publishing succeeds only by the broker's own ack: a return, a refusal, silence or a lost connection leaves the letter to
the outbox. One message that the broker will not have closes the channel on all: they go again one by one, so that it
holds up no other. Consuming hands a batch over in one transaction and acknowledges it with one multiple-ack after the
commit; an infrastructure error keeps the batch and tries again; a letter at fault is found one by one and buried. What
the broker itself gave up is tried again alone, then buried. Nothing is declared here: the topology is the deployment's
(`definitions`), a service has no right to change it. A loss is waited out; a fault of our own ends `run`.
"""

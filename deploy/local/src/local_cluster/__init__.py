"""The distributed form on one machine, without containers: a private RabbitMQ, PostgreSQL, one process a service."""

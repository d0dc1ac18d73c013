"""RabbitMQ's definitions of a deployment: vhost, exchange, queues, users and what each may do. Pure.

The document is what `rabbitmqctl import_definitions` and `load_definitions` take; applying it twice changes nothing.
Services and stations declare nothing: they may not. Every queue argument is explicit and known to RabbitMQ 3.10 to 4.x,
so that an upgrade of the broker changes none.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from backbone.topology import EXCHANGE, PUBLISHED, QUEUES, Queue, station_queue

VHOST = "cetak"
DEAD_EXCHANGE = "cetak.dead"
NOTHING = "^$"
DELIVERIES = 50
"""A message that has killed its consumer so often is dead; what merely fails is buried by the consumer itself."""
NEVER = 1_000_000_000
"""Deliveries of a dead letter. No limit at all would be 20 from RabbitMQ 4.0 on, and then the message is gone."""
MOST = 100_000
"""Messages a queue holds before it refuses more: the outboxes keep the rest."""
FLEETING = 10
"""Messages a queue holds whose letters only wake: a station that is away must not fill the broker."""
KIND = {"x-queue-type": "quorum"}
KEEPING = {"x-overflow": "reject-publish", "x-max-length": MOST}


def definitions(
    passwords: Mapping[str, str], stations: Iterable[str], *, salts: Mapping[str, bytes]
) -> dict[str, Any]:
    """The whole document. `passwords` and `salts` (4 bytes) by user: the services' names and `station_user(id)`."""
    queues = (*QUEUES, *(station_queue(station) for station in stations))
    names = [*PUBLISHED, *(station_user(station) for station in stations)]
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(name, passwords[name], salts[name]) for name in names],
        "permissions": [_permission(name) for name in names],
        "topic_permissions": [_topics(name) for name in names],
        "exchanges": [_exchange(EXCHANGE, "topic"), _exchange(DEAD_EXCHANGE, "direct")],
        "queues": [_named(name, arguments) for queue in queues for name, arguments in _pair(queue)],
        "bindings": [
            *(_binding(EXCHANGE, key, queue.name) for queue in queues for key in sorted(queue.keys)),
            *(_binding(DEAD_EXCHANGE, queue.dead, queue.dead) for queue in queues if not queue.fleeting),
        ],
    }


def station_user(station: str) -> str:
    return f"station.{station}"


def _user(name: str, password: str, salt: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }


def _permission(name: str) -> dict[str, Any]:
    """A service reads its own queues and writes to the exchange; a station reads its own queue and nothing else."""
    own = re.escape(name)
    return {
        "user": name,
        "vhost": VHOST,
        "configure": NOTHING,
        "write": f"^{EXCHANGE}$" if name in PUBLISHED else NOTHING,
        "read": rf"^{own}(\.dead)?$" if name in PUBLISHED else f"^{own}$",
    }


def _topics(name: str) -> dict[str, Any]:
    """Only one's own keys: a topic right that is not set would allow all."""
    keys = sorted({_key_pattern(message.TYPE) for message in PUBLISHED.get(name, ())})
    return {
        "user": name,
        "vhost": VHOST,
        "exchange": EXCHANGE,
        "write": f"^({'|'.join(keys)})$" if keys else NOTHING,
        "read": NOTHING,
    }


def _key_pattern(type_name: str) -> str:
    key = type_name.rsplit(".", 1)[0]
    # A look goes to one station: its key bears the station's id.
    return r"station\.[^.]+\.look" if key == "station.look" else re.escape(key)


def queue_arguments(queue: Queue) -> dict[str, Any]:
    """A queue's arguments: it refuses what it has no room for, and gives up what kills its consumers.

    A fleeting one drops the oldest instead, and has no dead letters.
    """
    if queue.fleeting:
        return KIND | {"x-overflow": "drop-head", "x-max-length": FLEETING, "x-delivery-limit": NEVER}
    return (
        KIND
        | KEEPING
        | {
            "x-delivery-limit": DELIVERIES,
            "x-dead-letter-exchange": DEAD_EXCHANGE,
            "x-dead-letter-routing-key": queue.dead,
            "x-dead-letter-strategy": "at-least-once",
        }
    )


def _pair(queue: Queue) -> Iterable[tuple[str, dict[str, Any]]]:
    """A queue and the queue of its dead letters."""
    yield queue.name, queue_arguments(queue)
    if not queue.fleeting:
        yield queue.dead, KIND | KEEPING | {"x-delivery-limit": NEVER}


def _named(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "vhost": VHOST, "durable": True, "auto_delete": False, "arguments": arguments}


def _exchange(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": VHOST,
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _binding(source: str, key: str, queue: str) -> dict[str, Any]:
    return {
        "source": source,
        "vhost": VHOST,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }

"""The AsyncAPI 3.0 document of what services say to each other, made from the contracts and the topology.

`python -m backbone.asyncapi` writes it to docs/asyncapi.json; every service serves it as /asyncapi.json.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from backbone.contracts.message import Message
from backbone.contracts.scheduler import StationLook
from backbone.definitions import VHOST, queue_arguments
from backbone.letters import BATCH, LONGEST, MOST_EVENTS, SINGLE
from backbone.topology import CONTRACTS, EXCHANGE, PUBLISHED, QUEUES, Queue, station_queue

WRITTEN = Path("docs/asyncapi.json")
BINDINGS = "0.3.0"
STATION = "{station}"
ALL_QUEUES = (*QUEUES, station_queue(STATION))
ABOUT = (
    "Messages between Cetak's services: CloudEvents 1.0 in JSON on one RabbitMQ exchange. What is owed under one key goes "
    f"out together, up to {MOST_EVENTS} events a message. Each may come twice, late and out of order; unknown fields "
    "are to be ignored."
)


@cache
def document() -> dict[str, Any]:
    """The whole document; not to be changed by whoever gets it."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Cetak", "version": "1", "description": ABOUT},
        "defaultContentType": SINGLE,
        "servers": {
            "rabbitmq": {
                "host": "127.0.0.1:5672",
                "pathname": f"/{VHOST}",
                "protocol": "amqp",
                "protocolVersion": "0-9-1",
                "description": "RabbitMQ 3.10 or later; the deployment says where. One user a service and a station.",
                "security": [{"$ref": "#/components/securitySchemes/user"}],
            }
        },
        "channels": {
            **{key: _key_channel(key, sent) for key, sent in _by_key().items()},
            **{_queue_id(queue): _queue_channel(queue) for queue in ALL_QUEUES},
        },
        "operations": {**_sending(), **_receiving()},
        "components": {
            "messages": {name: one for model in CONTRACTS.values() for name, one in _messages(model).items()},
            "schemas": {
                **_payloads(),
                **{f"{model.TYPE}.event": _event(model) for model in CONTRACTS.values()},
            },
            "securitySchemes": {
                "user": {"type": "userPassword", "description": "May do its own, and nothing else."}
            },
        },
    }


@cache
def text() -> str:
    """The document as it is written."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _key(model: type[Message]) -> str:
    """The routing key of a contract; a look's bears the station's id."""
    return model.model_construct(station=STATION).routing_key()


def _by_key() -> dict[str, list[type[Message]]]:
    found: dict[str, list[type[Message]]] = {}
    for model in CONTRACTS.values():
        found.setdefault(_key(model), []).append(model)
    return found


def _queue_id(queue: Queue) -> str:
    return f"queue.{queue.name}"


def _sender(model: type[Message]) -> str:
    return next(name for name, sent in PUBLISHED.items() if model in sent)


def _key_channel(key: str, sent: Iterable[type[Message]]) -> dict[str, Any]:
    exchange = {"name": EXCHANGE, "type": "topic", "durable": True, "autoDelete": False, "vhost": VHOST}
    binding = {"is": "routingKey", "exchange": exchange, "bindingVersion": BINDINGS}
    return _channel(key, f"The routing key {key}.", sent, binding)


def _queue_channel(queue: Queue) -> dict[str, Any]:
    there = {"name": queue.name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": VHOST}
    binding = {
        "is": "queue",
        "queue": there,
        "bindingVersion": BINDINGS,
        "x-arguments": queue_arguments(queue),
        "x-routing-keys": sorted(queue.keys),
    }
    sent = (model for model in CONTRACTS.values() if _key(model) in queue.keys)
    return _channel(queue.name, f"The queue {queue.name}.", sent, binding)


def _channel(
    address: str, title: str, sent: Iterable[type[Message]], binding: dict[str, Any]
) -> dict[str, Any]:
    station = {"station": {"description": "The id of one station."}}
    return {
        "address": address,
        "title": title,
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for model in sent for name in _messages(model)
        },
        **({"parameters": station} if STATION in address else {}),
        "bindings": {"amqp": binding},
    }


def _sending() -> dict[str, Any]:
    return {
        f"{service}.sends.{model.TYPE}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_key(model)}"},
            "summary": _summary(model),
            "messages": [{"$ref": f"#/channels/{_key(model)}/messages/{name}"} for name in _messages(model)],
            "bindings": {
                "amqp": {
                    "userId": service,
                    "deliveryMode": 2,
                    "mandatory": True,
                    "bindingVersion": BINDINGS,
                }
            },
        }
        for service, sent in PUBLISHED.items()
        for model in sent
    }


def _receiving() -> dict[str, Any]:
    return {
        f"{'station' if queue.fleeting else queue.name}.receives": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{_queue_id(queue)}"},
            "bindings": {"amqp": {"ack": True, "bindingVersion": BINDINGS}},
        }
        for queue in ALL_QUEUES
    }


def _messages(model: type[Message]) -> dict[str, dict[str, Any]]:
    """One event as it is, and a batch of them."""
    event = {"$ref": f"#/components/schemas/{model.TYPE}.event"}
    common = {"title": model.__name__, "summary": _summary(model)}
    many = {"type": "array", "items": event, "minItems": 2, "maxItems": MOST_EVENTS}
    return {
        model.TYPE: {"name": model.TYPE, **common, "contentType": SINGLE, "payload": event},
        f"{model.TYPE}.batch": {
            "name": f"{model.TYPE}.batch",
            **common,
            "contentType": BATCH,
            "payload": many,
        },
    }


def _event(model: type[Message]) -> dict[str, Any]:
    """The envelope: CloudEvents 1.0."""
    word = {"type": "string", "maxLength": LONGEST}
    about = "the station's id" if model is StationLook else "what it is about; never a person"
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**word, "description": "the sender's own number for it"},
            "source": {"const": f"/cetak/{_sender(model)}"},
            "type": {"const": model.TYPE},
            "subject": {**word, "description": about},
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": f"#/components/schemas/{model.__name__}"},
        },
    }


def _payloads() -> dict[str, Any]:
    _, found = models_json_schema(
        [(model, "validation") for model in CONTRACTS.values()], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _summary(model: type[Message]) -> str:
    return (model.__doc__ or "").split("\n")[0]


if __name__ == "__main__":
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(text())

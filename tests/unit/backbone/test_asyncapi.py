"""The AsyncAPI document: valid, complete, as written in docs, and true of what is really sent."""

import json
import runpy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from backbone import asyncapi
from backbone.asyncapi import WRITTEN, document, text
from backbone.auth import Authority
from backbone.contracts.gateway import VerificationReturned
from backbone.contracts.intake import ApplicationReceived
from backbone.contracts.message import Message
from backbone.contracts.scheduler import StationLook
from backbone.http import make_app
from backbone.letters import Letter, pack
from backbone.topology import CONTRACTS, PUBLISHED, QUEUES

DOCUMENT = document()
AT = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
SENT: list[tuple[str, Message]] = [
    ("gateway", VerificationReturned(application_id=UUID(int=1), round=1, cause="window", at=AT)),
    ("scheduler", StationLook(station="2102-1")),
    (
        "intake",
        ApplicationReceived(
            application_id=UUID(int=1),
            office="21.02",
            reason="lost",
            district_code="21.02.01",
            received_at=AT,
            receipt_number="2102-7K3F-9QXM-4",
            sealed=b"\xff\xfe",
            source="kiosk",
        ),
    ),
]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "$ref":
                yield one
            else:
                yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def found(pointer: str) -> Any:
    value: Any = DOCUMENT
    for part in pointer.removeprefix("#/").split("/"):
        value = value[part]
    return value


def valid(message: str, body: bytes) -> bool:
    """Whether a message on the wire is what the document says."""
    schema = {**DOCUMENT["components"]["messages"][message]["payload"], "components": DOCUMENT["components"]}
    return bool(Draft202012Validator(schema).is_valid(json.loads(body)))


def test_the_document_is_asyncapi_3(data: Path) -> None:
    schema = json.loads((data / "asyncapi" / "asyncapi-3.0.0.schema.json").read_text())
    errors = [error.message for error in Draft7Validator(schema).iter_errors(DOCUMENT)]
    assert errors == []


def test_the_document_in_docs_is_the_present_one() -> None:
    written = Path(__file__).parents[3] / WRITTEN
    assert written.read_text() == text(), "it has changed; write it anew: python -m backbone.asyncapi"


def test_the_document_is_written_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(asyncapi.__file__, run_name="__main__")
    assert (tmp_path / WRITTEN).read_text() == text()


@pytest.mark.parametrize(
    "wrong",
    [
        {"asyncapi": "2.6.0"},
        {"info": {"title": "Cetak"}},
        {"channels": {"x": {"address": 1}}},
        {"channels": {"x": {"bindings": {"amqp": {"is": "queue", "bindingVersion": "0.3.0"}}}}},
        {"operations": {"x": {"action": "shout", "channel": {"$ref": "#/channels/x"}}}},
    ],
    ids=["version", "info", "address", "binding", "action"],
)
def test_a_wrong_document_would_be_noticed(data: Path, wrong: dict[str, Any]) -> None:
    schema = json.loads((data / "asyncapi" / "asyncapi-3.0.0.schema.json").read_text())
    assert not Draft7Validator(schema).is_valid(DOCUMENT | wrong)


def test_every_reference_leads_somewhere() -> None:
    assert all(found(pointer) is not None for pointer in references(DOCUMENT))


def test_every_contract_is_a_message_and_a_batch() -> None:
    assert set(DOCUMENT["components"]["messages"]) == {n for t in CONTRACTS for n in (t, f"{t}.batch")}


def test_every_message_is_sent_by_its_service() -> None:
    sends = {name for name, one in DOCUMENT["operations"].items() if one["action"] == "send"}
    assert sends == {f"{name}.sends.{m.TYPE}" for name, sent in PUBLISHED.items() for m in sent}


def test_every_message_is_received_by_one_service_or_a_station() -> None:
    received = [
        message
        for one in DOCUMENT["operations"].values()
        if one["action"] == "receive"
        for message in found(one["channel"]["$ref"])["messages"]
    ]
    assert sorted(received) == sorted(DOCUMENT["components"]["messages"])


def test_every_operation_names_messages_of_its_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(one["$ref"].startswith(f"{channel}/") for one in operation.get("messages", ()))


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_a_queue_says_what_is_bound_to_it(queue: Any) -> None:
    binding = DOCUMENT["channels"][f"queue.{queue.name}"]["bindings"]["amqp"]
    assert binding["x-routing-keys"] == sorted(queue.keys)
    assert binding["x-arguments"]["x-queue-type"] == "quorum"


def test_a_stations_channels_bear_its_id() -> None:
    for channel in DOCUMENT["channels"].values():
        assert ("{station}" in channel["address"]) == ("parameters" in channel)


@pytest.mark.parametrize(("source", "message"), SENT, ids=lambda value: getattr(value, "TYPE", value))
def test_what_is_sent_is_what_the_document_says(source: str, message: Message) -> None:
    letter = Letter(
        type=message.TYPE,
        key=message.routing_key(),
        subject=message.subject(),
        body=message.model_dump_json(),
        id="1",
    )
    (single,), (batch,) = pack(source, [letter]), pack(source, [letter, letter])
    assert valid(message.TYPE, single.body)
    assert valid(f"{message.TYPE}.batch", batch.body)
    assert not valid(message.TYPE, batch.body)
    assert not valid(message.TYPE, pack("another", [letter])[0].body)


async def test_every_service_serves_it(authority: Authority) -> None:
    async def checks() -> tuple[()]:
        return ()

    app = make_app("test", authority=authority, checks=checks)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/asyncapi.json")
    assert answer.text == text()
    assert answer.headers["content-type"].startswith("application/vnd.aai.asyncapi+json")

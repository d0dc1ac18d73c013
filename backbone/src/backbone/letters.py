"""Letters, and their envelope on a broker: CloudEvents 1.0 in JSON (https://cloudevents.io, AMQP and JSON formats).

What is owed under one key goes out together: a single event as it is, more as a batch of at most MOST_EVENTS events
and MOST_BYTES bytes. Pure.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_EVENTS = 100
MOST_BYTES = 256 * 1024
LARGEST = 4 * 1024 * 1024
"""Bytes of a message that is read at all; brokers from 4.0 on refuse more than 16 MiB."""
LONGEST = 200
"""Characters of a type, a subject or an id."""
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


class Unreadable(ValueError):
    """A message's content is no CloudEvent of ours; the text says what is missing, never what was there."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as it travels: `body` is its JSON; `id` is its sender's own number for it."""

    type: str
    key: str
    subject: str
    body: str
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One message of the broker: letters of one key and what they look like on the wire."""

    key: str
    content_type: str
    body: bytes
    letters: tuple[Letter, ...]


def pack(source: str, letters: Sequence[Letter]) -> list[Parcel]:
    """Letters as messages; those of one key keep their order."""
    by_key: dict[str, list[tuple[Letter, bytes]]] = {}
    for letter in letters:
        by_key.setdefault(letter.key, []).append((letter, _event(source, letter)))
    return [_parcel(key, [*chunk]) for key, events in by_key.items() for chunk in _chunks(events) if chunk]


def unpack(content_type: str | None, key: str, body: bytes) -> list[Letter]:
    """The letters of one message. Raises Unreadable."""
    try:
        return _unpack(content_type, key, body)
    except RecursionError:
        raise Unreadable("too deep") from None


def _unpack(content_type: str | None, key: str, body: bytes) -> list[Letter]:
    if content_type not in (SINGLE, BATCH):
        raise Unreadable("content type")
    if len(body) > LARGEST:
        raise Unreadable("too large")
    try:
        found = json.loads(body)
    except ValueError:
        raise Unreadable("no JSON") from None
    events = [found] if content_type == SINGLE else found
    if not isinstance(events, list):
        raise Unreadable("no list")
    return [_letter(key, event) for event in events]


def _event(source: str, letter: Letter) -> bytes:
    head = {
        "specversion": "1.0",
        "id": letter.id,
        "source": f"/cetak/{source}",
        "type": letter.type,
        "subject": letter.subject,
        "datacontenttype": "application/json",
    }
    # The body is JSON already: to parse it here only to write it again would double the cost of a message.
    return f'{json.dumps(head)[:-1]}, "data": {letter.body}}}'.encode()


def _chunks(events: Iterable[tuple[Letter, bytes]]) -> Iterable[list[tuple[Letter, bytes]]]:
    chunk: list[tuple[Letter, bytes]] = []
    size = 0
    for letter, event in events:
        if len(chunk) == MOST_EVENTS or (chunk and size + len(event) > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((letter, event))
        size += len(event) + 1
    yield chunk


def _parcel(key: str, chunk: Sequence[tuple[Letter, bytes]]) -> Parcel:
    letters = tuple(letter for letter, _ in chunk)
    if len(chunk) == 1:
        return Parcel(key=key, content_type=SINGLE, body=chunk[0][1], letters=letters)
    body = b"[" + b",".join(event for _, event in chunk) + b"]"
    return Parcel(key=key, content_type=BATCH, body=body, letters=letters)


def _letter(key: str, event: object) -> Letter:
    if not isinstance(event, dict) or event.get("specversion") != "1.0" or "data" not in event:
        raise Unreadable("no CloudEvent 1.0")
    kind, subject, identity = (_word(event, name) for name in ("type", "subject", "id"))
    if not kind:
        raise Unreadable("no type")
    return Letter(type=kind, key=key, subject=subject, body=json.dumps(event["data"]), id=identity)


def _word(event: dict[str, object], name: str) -> str:
    """One of an event's short texts. What no database column holds (NUL, half a character) is unreadable."""
    found = event.get(name, "")
    if not isinstance(found, str) or len(found) > LONGEST or not found.isprintable():
        raise Unreadable(f"{name} is no plain text")
    return found

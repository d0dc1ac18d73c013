"""From messages to letters: what cannot be read, was sent by somebody who may not, or has killed its consumers."""

from collections.abc import Sequence

from aio_pika.abc import AbstractIncomingMessage

from backbone.letters import Letter, Unreadable, unpack
from backbone.topology import PUBLISHERS

LAST_TRIES = 3
"""Deliveries of a message that the broker had given up, after which nobody tries it again."""
KEPT = 100_000
"""Bytes kept of a message that cannot be read."""

Bad = tuple[Letter, str]


def opened(batch: Sequence[AbstractIncomingMessage], *, dead: bool) -> tuple[list[Letter], list[Bad]]:
    """The letters of these messages, and those to be buried with the reason for it."""
    good: list[Letter] = []
    bad: list[Bad] = []
    for message in batch:
        try:
            letters = unpack(message.content_type, message.routing_key or "", message.body)
        except Unreadable as error:
            bad.append((_unreadable(message), f"Unreadable: {error}"))
            continue
        for letter in letters:
            if reason := _fault(message, letter, dead=dead):
                bad.append((letter, reason))
            else:
                good.append(letter)
    return good, bad


def _fault(message: AbstractIncomingMessage, letter: Letter, *, dead: bool) -> str:
    """Why a letter that can be read must not be handled; empty where it may be."""
    if message.user_id != PUBLISHERS.get(letter.type, message.user_id):
        return "forged_sender"
    return "broker_gave_up" if dead and _deliveries(message) >= LAST_TRIES else ""


def _deliveries(message: AbstractIncomingMessage) -> int:
    """How often this message was delivered before, and not settled."""
    count = message.headers.get("x-delivery-count", 0) if message.redelivered else 0
    return count if isinstance(count, int) else 0


def _unreadable(message: AbstractIncomingMessage) -> Letter:
    text = message.body[:KEPT].decode("utf-8", "replace").replace("\x00", "")
    return Letter(type="unreadable", key=message.routing_key or "", subject="", body=text)

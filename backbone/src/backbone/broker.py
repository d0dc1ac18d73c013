"""The one broker interface. The embedded implementation hands letters to the consumers of this process.

`publish` returns when every letter is safe: taken by each queue bound to its key (embedded: handled and committed, or
buried as a dead letter; RabbitMQ: confirmed). It returns the letters that were not taken, or of which it cannot tell:
the outbox keeps them. It raises where it could do nothing at all.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog
from pydantic import ValidationError

from backbone.database import INFRASTRUCTURE
from backbone.failpoints import Injected
from backbone.letters import Letter
from backbone.topology import Queue

log = structlog.get_logger()


class Consumer(Protocol):
    async def handle(self, letters: Sequence[Letter]) -> None:
        """Handle a batch, idempotently; raises where any letter of it is at fault."""

    async def bury(self, letter: Letter, reason: str) -> None:
        """Keep a letter that cannot be handled for its content."""


class Broker(Protocol):
    async def publish(self, letters: Sequence[Letter]) -> Sequence[Letter]: ...

    def consume(self, queue: Queue, consumer: Consumer) -> None: ...

    def trouble(self) -> str:
        """What keeps letters from moving now, in a word; empty where nothing does."""


async def deliver(consumer: Consumer, letters: Sequence[Letter]) -> None:
    """Hand over a batch; a bad letter is found one by one and buried, infrastructure's errors are raised."""
    try:
        await consumer.handle(letters)
    except (*INFRASTRUCTURE, Injected):
        raise
    except Exception as error:
        if len(letters) > 1:
            for letter in letters:
                await deliver(consumer, [letter])
            return
        log.exception("letter_buried", type=letters[0].type, subject=letters[0].subject)
        await consumer.bury(letters[0], cause(error))


class EmbeddedBroker:
    """In this process: durable because the outbox is, at least once because its rows go after the handlers' commits."""

    def __init__(self) -> None:
        self._consumers: dict[str, tuple[Queue, Consumer]] = {}

    def consume(self, queue: Queue, consumer: Consumer) -> None:
        self._consumers[queue.name] = (queue, consumer)

    async def publish(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        routed: set[str] = set()
        for queue, consumer in list(self._consumers.values()):
            bound = [letter for letter in letters if letter.key in queue.keys]
            routed |= queue.keys
            if bound:
                await deliver(consumer, bound)
        # A look is for whoever is there: the station asks for its jobs when it comes.
        return [x for x in letters if x.key not in routed and not x.key.startswith("station.")]

    def trouble(self) -> str:
        return ""


def cause(error: Exception) -> str:
    """What was wrong, without the values that were: an error's own text may quote a person's data."""
    if isinstance(error, ValidationError):
        places = (f"{'.'.join(map(str, item['loc']))} {item['type']}" for item in error.errors())
        return f"ValidationError: {', '.join(places)}"[:500]
    constraint = getattr(error, "constraint_name", None)
    return type(error).__name__ + (f": {constraint}" if constraint else "")

"""What the services' tests share: an ear on a queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from backbone.contracts.message import Message
from backbone.letters import Letter
from backbone.topology import contract


@dataclass
class Recorder:
    """Stands where another service's queue is, and keeps what came."""

    messages: list[Message] = field(default_factory=list)

    async def handle(self, letters: Sequence[Letter]) -> None:
        self.messages += [contract(letter.type).model_validate_json(letter.body) for letter in letters]

    async def bury(self, letter: Letter, reason: str) -> None:
        raise AssertionError(reason)

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]


@pytest.fixture(scope="session")
def new_recorder() -> Callable[[], Recorder]:
    return Recorder

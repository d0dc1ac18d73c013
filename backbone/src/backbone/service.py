"""What a service is made of, so that one process can host one of them or all."""

import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI

from backbone import failpoints
from backbone.contracts.message import Message
from backbone.database import Database, Transaction
from backbone.letters import Letter
from backbone.loops import Loop
from backbone.topology import contract

Handler = Callable[[Any, Transaction, Sequence[Any]], Awaitable[None]]

BURY = "INSERT INTO dead_letter (queue, type, subject, body, error) VALUES ($1, $2, $3, $4, $5)"


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service, built and not yet running: its HTTP app, its loops, what to open first and close last."""

    name: str
    app: FastAPI
    loops: tuple[Loop, ...] = ()
    databases: tuple[Database, ...] = ()
    on_start: tuple[Callable[[], Awaitable[None]], ...] = ()
    on_stop: tuple[Callable[[], Awaitable[None]], ...] = ()


def settle() -> None:
    """Once, before the first request: what start-up made stays, and the collector need not go through it again and again.

    Else a full collection stops every request for as long as it takes to look at all that the libraries have made.
    """
    gc.collect()
    gc.freeze()


class QueueConsumer:
    """Hands a batch to the handlers of its types, in order of appearance: one transaction a type.

    A type's handler takes its locks in one order; two of them in one transaction could wait for each other.
    """

    def __init__(
        self, queue: str, database: Database, desk: object, handlers: Mapping[type[Message], Handler]
    ) -> None:
        self._queue = queue
        self._database = database
        self._desk = desk
        self._handlers = handlers

    async def handle(self, letters: Sequence[Letter]) -> None:
        groups: dict[type[Message], list[Message]] = {}
        for letter in letters:
            model = contract(letter.type)
            groups.setdefault(model, []).append(model.model_validate_json(letter.body))

        for model, messages in groups.items():
            await self._database.retrying(partial(self._hand_over, self._handlers[model], messages))
        failpoints.hit(f"{self._queue}.handled")

    async def _hand_over(
        self, handler: Handler, messages: Sequence[Message], transaction: Transaction
    ) -> None:
        await handler(self._desk, transaction, messages)

    async def bury(self, letter: Letter, reason: str) -> None:
        async with self._database.transaction() as transaction:
            await transaction.execute(
                BURY,
                self._queue,
                letter.type,
                letter.subject,
                letter.body,
                reason,
            )

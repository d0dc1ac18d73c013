"""A station's line to its office in this process: it loses calls, or their answers, as it is told."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from backbone.broker import Broker, Consumer
from backbone.letters import Letter
from backbone.topology import Queue

from .station_clock import StationClock

PATHS = {"/hello": "hello", "/jobs": "jobs", "/arm": "arm", "/outcome": "outcome"}


class Ears:
    """A station's place at the broker: all its processes hear a look, a twin takes none away from the first."""

    def __init__(self) -> None:
        self._hearing: list[Consumer] = []

    def at(self, broker: Broker) -> Broker:
        """The broker as an agent sees it."""
        self._broker = broker
        return self

    def consume(self, queue: Queue, consumer: Consumer) -> None:
        self._hearing.append(consumer)
        self._broker.consume(queue, self)

    async def publish(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        return await self._broker.publish(letters)

    def trouble(self) -> str:
        return ""

    async def handle(self, letters: Sequence[Letter]) -> None:
        for consumer in self._hearing:
            await consumer.handle(letters)

    async def bury(self, letter: Letter, reason: str) -> None:
        raise AssertionError(reason)


@dataclass(eq=False)
class Register:
    """What the office granted a station's processes: (moment, run) of hellos, (moment, run, attempt) of arms."""

    ears: Ears = field(default_factory=Ears)

    hellos: list[tuple[datetime, int]] = field(default_factory=list)
    arms: list[tuple[datetime, int, str]] = field(default_factory=list)


@dataclass(eq=False)
class Loss:
    """The nth call of a kind from now on is lost on its way, or its answer is."""

    call: str
    nth: int
    answer: bool


class Line(httpx2.AsyncBaseTransport):
    """`down`: nothing passes. `asked` hears of each call's kind, `answered` of those that went well."""

    def __init__(
        self,
        app: Any,
        clock: StationClock,
        register: Register,
        *,
        asked: Callable[[str], None],
        answered: Callable[[str], None],
    ) -> None:
        self._inner = httpx2.ASGITransport(app)
        self._clock = clock
        self._register = register
        self._asked = asked
        self._answered = answered
        self.down = False
        self.losses: list[Loss] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await self._clock.awake()
        call = kind(request.url.path)
        self._asked(call)
        loss = self._meets(call)
        if self.down or (loss is not None and not loss.answer):
            raise httpx2.ConnectError("the line is cut")
        # What a process that is killed has asked for is done all the same.
        response = await asyncio.shield(asyncio.ensure_future(self._pass_on(request, call)))
        await self._clock.awake()
        if self.down or loss is not None:
            raise httpx2.ReadError("the line was cut before the answer")
        if response.status_code < 300:
            self._answered(call)
        return response

    async def _pass_on(self, request: httpx2.Request, call: str) -> httpx2.Response:
        with self._clock.at_work():
            response = await self._inner.handle_async_request(request)
            body = await response.aread()
        if response.status_code < 300 and call in ("hello", "arm"):
            self._note(request, call)
        headers = [(k, v) for k, v in response.headers.raw if k.lower() != b"content-length"]
        return httpx2.Response(response.status_code, headers=headers, content=body)

    def _note(self, request: httpx2.Request, call: str) -> None:
        said, now = json.loads(request.content), self._clock.base.now()
        if call == "hello":
            self._register.hellos.append((now, said["run"]))
        else:
            self._register.arms.append((now, said["run"], request.url.path.split("/")[-2]))

    def _meets(self, call: str) -> Loss | None:
        """The loss that this call meets; every loss of its kind counts it."""
        met = None
        for loss in [loss for loss in self.losses if loss.call == call]:
            loss.nth -= 1
            if loss.nth <= 0:
                met = loss
                self.losses.remove(loss)
        return met


def kind(path: str) -> str:
    """hello, jobs, record, arm, outcome, or other."""
    if "/records/" in path:
        return "record"
    return next((name for end, name in PATHS.items() if path.endswith(end)), "other")

"""A small closed-loop HTTP/1.1 load generator in a process of its own: N keep-alive connections, one request each at a time.

Reads a plan as JSON on standard input, writes a result as JSON on standard output. It parses only what our servers send
(a status line and a content-length), so that it is never the bottleneck: `machine` measures its own limit.
"""

import asyncio
import json
import sys
from collections import Counter
from time import perf_counter
from typing import Any

import uvloop

PEOPLE = 999 * 28 * 12 * 50
"""Specimen persons there are: serials from 9001 up, born 1950 to 1999."""
BODY = (
    '{"nik":"210203%02d%02d%02d%04d","full_name":"Budi Santoso Specimen","birth_date":"19%02d-%02d-%02d","sex":"L",'
    '"district_code":"21.02.03","reason":"data_change","phone":"0811-0000-0001","captured_at":"2026-03-02T08:15:00+07:00"}'
)


def application(number: int) -> str:
    """The application of specimen person `number`, as JSON."""
    rest, serial = divmod(number % PEOPLE, 999)
    rest, day = divmod(rest, 28)
    year, month = divmod(rest, 12)
    day, month, year = day + 1, month + 1, year + 50
    return BODY % (day, month, year, serial + 9001, year, month, day)


class Plan:
    """What to send, for how long; and what came back. `first` is the first person's number."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.port: int = values["port"]
        self.connections: int = values["connections"]
        self.warm_up: float = values["warm_up"]
        self.seconds: float = values["seconds"]
        self._first: int = values["first"]
        self._number = self._first
        self._head = (
            f"POST {values['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {values['token']}\r\nIdempotency-Key: {values['name']}-%d\r\nContent-Length: %d\r\n\r\n%s"
        )
        self.counting = False
        self.over = False
        self.times: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.accepted: list[str] = []

    def request(self) -> bytes:
        """The next person's application."""
        self._number += 1
        body = application(self._number)
        return (self._head % (self._number, len(body), body)).encode()

    def answered(self, answer: bytes, seconds: float) -> None:
        status = answer[9:12].decode()
        at = answer.find(b'"application_id":"')
        if status == "202" and at > 0:
            self.accepted.append(answer[at + 18 : at + 54].decode())
        if self.counting:
            self.times.append(seconds)
            self.statuses[status] += 1

    def result(self, seconds: float) -> dict[str, Any]:
        times = sorted(self.times) or [0.0]
        return {
            "rate": len(self.times) / seconds,
            "p50": times[len(times) // 2] * 1000,
            "p99": times[len(times) * 99 // 100] * 1000,
            "statuses": dict(self.statuses),
            "accepted": self.accepted,
            "next": self._number + 1,
        }


class Connection(asyncio.Protocol):
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rest = b""
        self._sent = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:  # uvloop's transports are no subclasses of asyncio's
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._rest += data
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self._rest.find(b"content-length: ", 0, end)
        length = int(self._rest[at + 16 : self._rest.find(b"\r\n", at)]) if at > 0 else 0
        if len(self._rest) < end + 4 + length:
            return
        self._plan.answered(self._rest, perf_counter() - self._sent)
        self._rest = b""
        if self._plan.over:
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._plan.over:
            self._plan.statuses["lost"] += 1
        self.done.set_result(None)

    def _send(self) -> None:
        self._sent = perf_counter()
        self._transport.write(self._plan.request())


async def run(plan: Plan) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Connection(plan), "127.0.0.1", plan.port)
        for _ in range(plan.connections)
    ]
    await asyncio.sleep(plan.warm_up)
    plan.counting, began = True, perf_counter()
    await asyncio.sleep(plan.seconds)
    plan.counting, plan.over, seconds = False, True, perf_counter() - began
    # An answer that is under way when the time is over is waited for: it may have been stored.
    await asyncio.wait([connection.done for _, connection in made], timeout=30)
    return plan.result(seconds)


if __name__ == "__main__":
    json.dump(uvloop.run(run(Plan(json.load(sys.stdin)))), sys.stdout)

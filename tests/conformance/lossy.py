"""A wire to an IPP printer on which one kind of request goes wrong, once asked for."""

import asyncio
import contextlib
import struct
from typing import Literal

CREATE_JOB = 0x0005
SEND_DOCUMENT = 0x0006
BUSY = 0x0507

Fault = Literal["answer lost", "data cut", "redirected", "refused", "http error"]
_END = b"\r\n\r\n"


class LossyWire:
    """Listens at `port` for `target`. `faults`: by IPP operation, what happens to each such request; `seen` is all."""

    def __init__(self, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._server: asyncio.Server | None = None
        self.faults: dict[int, Fault] = {}
        self.seen: list[int] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(_END)
            body = await reader.readexactly(_length(head))
            (operation,) = struct.unpack_from(">h", body, 2)
            self.seen.append(operation)
            writer.write(await self._answer(self.faults.get(operation), head, body))
            await writer.drain()
        writer.close()

    async def _answer(self, fault: Fault | None, head: bytes, body: bytes) -> bytes:
        if fault == "redirected":
            return b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /ipp/print\r\nContent-Length: 0\r\n\r\n"
        if fault == "http error":
            return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
        if fault == "refused":
            return _refusal(body)
        if fault == "data cut":
            await self._passed(head, body[: len(body) // 2])
            return b""
        answer = await self._passed(head, body)
        return b"" if fault == "answer lost" else answer

    async def _passed(self, head: bytes, body: bytes) -> bytes:
        """Hand on; a body shorter than its head says is a connection that broke."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        writer.write(head + body)
        await writer.drain()
        try:
            return await _response(reader) if len(body) == _length(head) else b""
        finally:
            writer.close()


async def _response(reader: asyncio.StreamReader) -> bytes:
    """One response whole; who sends it may leave the connection open. An interim one (100) is passed over."""
    head = await reader.readuntil(_END)
    if head.startswith(b"HTTP/1.1 100"):
        return await _response(reader)
    if b"chunked" in head.lower():
        return head + await reader.readuntil(b"\r\n0" + _END)
    return head + await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    lines = head.decode("latin-1").lower().split("\r\n")
    return next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))


def _refusal(body: bytes) -> bytes:
    charset = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
    language = b"\x48\x00\x1battributes-natural-language\x00\x02en"
    said = body[:2] + struct.pack(">h", BUSY) + body[4:8] + charset + language + b"\x03"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(said)}\r\n\r\n"
    return head.encode() + said

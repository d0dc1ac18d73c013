"""A TCP proxy that can misbehave: cut, refuse, fall silent half-open, delay. Driven from within its own process."""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

CHUNK = 64 * 1024
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with time 0: a close sends RST, as when a machine goes away in the middle."""


@dataclass(eq=False)
class _Line:
    """One client's connection and the one it stands for; None while the far side is not there."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None

    def reset(self) -> None:
        for writer in (self.near, self.far):
            if writer is not None:
                raw = writer.get_extra_info("socket")
                if raw is not None:
                    with contextlib.suppress(OSError):
                        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()


class Proxy:
    """Listens on loopback at `port` (0: any) and passes bytes on to `target_port`; `clear` ends every misbehaviour."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refusing = False
        self._delay = 0.0
        self._slice = CHUNK

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def open_lines(self) -> int:
        return len(self._lines)

    def cut(self) -> None:
        """Reset both sides of every connection; new ones are taken."""
        for line in list(self._lines):
            line.reset()

    def refuse(self) -> None:
        """Reset what is there and every new connection."""
        self._refusing = True
        self.cut()

    def half_open(self) -> None:
        """Accept and swallow, answer nothing: connections that exist fall silent, none ends."""
        self._flowing.clear()

    def delay(self, seconds: float, *, slice_bytes: int = CHUNK) -> None:
        """Hold every piece for so long, each way; `slice_bytes` makes the pieces small."""
        self._delay, self._slice = seconds, slice_bytes

    def clear(self) -> None:
        """Behave; what was swallowed stays lost, so connections that were silent are reset."""
        silent = not self._flowing.is_set()
        self._refusing, self._delay, self._slice = False, 0.0, CHUNK
        self._flowing.set()
        if silent:
            self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(writer)
        if self._refusing:
            line.reset()
            return
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(line)
        self._tasks.add(task)
        try:
            await self._carry(line, reader)
        except (OSError, asyncio.CancelledError):
            # Its end is all there is to do: asyncio's server would report a cancelled connection as an error.
            pass
        finally:
            line.reset()
            self._lines.discard(line)
            self._tasks.discard(task)

    async def _carry(self, line: _Line, near: asyncio.StreamReader) -> None:
        far, line.far = await asyncio.open_connection("127.0.0.1", self._target_port)
        ways = [
            asyncio.create_task(self._pump(near, line.far)),
            asyncio.create_task(self._pump(far, line.near)),
        ]
        try:
            await asyncio.gather(*ways)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Until the source ends; then the sink is told so, and the other way may go on."""
        while piece := await source.read(self._slice):
            if self._delay:
                await asyncio.sleep(self._delay)
            if not self._flowing.is_set():
                continue
            sink.write(piece)
            await sink.drain()
        if not self._flowing.is_set():
            # Not even the end of a connection passes a link that is silent.
            await self._flowing.wait()
        if sink.can_write_eof():
            sink.write_eof()

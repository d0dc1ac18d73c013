"""A process that does the work on a big file's rows beside ours, so that two cores share it and walk-ins do not wait.

It is started when it is needed and ends with the import. Keys reach it through its standard input; what goes in and comes
out are pickles of our own, each behind its length. Where it dies the import stops, and may be run again.
"""

import asyncio
import gc
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from struct import Struct
from typing import Any, BinaryIO, Final

from backbone.problems import Unavailable
from intake.domain.backlog_file import Row
from intake.use_cases.checking import ReadRow, Tools, read_rows

_SIZE: Final = Struct(">I")


class CheckerDied(Unavailable):
    slug = "import-interrupted"
    message_id = "Impor terhenti di tengah jalan. Jalankan impor yang sama sekali lagi; tidak ada baris yang tercatat dua kali."
    message_en = "The import was interrupted. Run the same import again; no row is stored twice."


class Checker:
    """One such process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, tools: Tools) -> "Checker":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE
        )
        checker = cls(process)
        checker._send(tools)
        return checker

    async def read_rows(self, ids: Sequence[bytes], rows: Sequence[Row]) -> list[ReadRow]:
        """As `checking.read_rows`; raises CheckerDied."""
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None
        assert writer is not None
        try:
            self._send((ids, rows))
            await writer.drain()
            (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
            found = await reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise CheckerDied(retry_after=5) from error
        return _opened(found)  # type: ignore[no-any-return]

    async def stop(self) -> None:
        """End it, whatever it is at."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def _send(self, what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(_framed(what))


def _framed(what: Any) -> bytes:
    data = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    return _SIZE.pack(len(data)) + data


def _opened(found: bytes) -> Any:
    """Thousands of tuples at once, and no cycle among them: the collector would look through them again and again."""
    gc.disable()
    try:
        return pickle.loads(found)  # noqa: S301  # our own process wrote it
    finally:
        gc.enable()


def serve(given: BinaryIO, answers: BinaryIO) -> None:
    """The process: tools, then ids and rows, again and again until its input ends. Nothing cyclic is made in it."""
    gc.disable()
    tools: Tools | None = None
    while len(head := given.read(_SIZE.size)) == _SIZE.size:
        what = pickle.loads(given.read(*_SIZE.unpack(head)))  # noqa: S301  # our own process wrote it
        if tools is None:
            tools = what
        else:
            answers.write(_framed(read_rows(tools, *what)))
            answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)

"""Reads a streamed backlog file: parsing, checking and sealing are work, and walk-ins must not wait for it. A thread does
it; of a big file, a process beside ours (`checker`) does most of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from intake.domain.backlog_file import Row, read_backlog
from intake.store.imported import RESEND
from intake.use_cases import checking
from intake.use_cases.checker import Checker
from intake.use_cases.checking import Batch, ReadRow, Tools
from intake.use_cases.desk import Desk

BIG: Final = 10_000
"""Rows behind which a process of its own is worth its start."""


class BacklogRows:
    """The rows of one file, a chunk at a time. `chunks` is the request's body; nothing is sealed without a `batch`."""

    def __init__(self, desk: Desk, chunks: AsyncIterator[bytes], batch: Batch | None) -> None:
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._chunks = chunks
        self._rows = read_backlog(self._body())
        self._tools = Tools(
            keys=desk.keys, terms=desk.terms, regions=desk.regions, now=desk.clock.now(), batch=batch
        )
        self._seen = 0
        self._checker: Checker | None = None
        self._ahead: asyncio.Task[list[Row]] | None = None

    async def next(self, size: int) -> list[ReadRow]:
        """At most `size` rows; none at the end. Raises BadHeader where the file cannot be read, CheckerDied."""
        rows = await (self._ahead or self._parse(size))
        ids = [] if self._tools.batch is None else self._desk.ids.many(len(rows))
        self._seen += len(rows)
        if self._checker is None and self._seen <= BIG:
            return await asyncio.to_thread(checking.read_rows, self._tools, ids, rows)
        self._checker = self._checker or await Checker.start(self._tools)
        # The next ones are parsed here while these are checked there.
        self._ahead = asyncio.create_task(self._parse(size)) if rows else None
        return await self._checker.read_rows(ids, rows)

    def again(self, rows: Sequence[ReadRow]) -> list[ReadRow]:
        """Rows that were not stored, under fresh ids and receipt numbers: it may be one of those that was taken."""
        return [
            row._replace(sealed=checking.seal_again(self._tools, new, row.sealed))
            for new, row in zip(self._desk.ids.many(len(rows)), rows, strict=True)
            if row.sealed is not None
        ]

    async def close(self) -> None:
        if self._checker is not None:
            await self._checker.stop()
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)

    async def _parse(self, size: int) -> list[Row]:
        return await asyncio.to_thread(lambda: list(islice(self._rows, size)))

    def _body(self) -> Iterator[bytes]:
        """The body's pieces, fetched from the thread that reads them."""
        while True:
            piece = asyncio.run_coroutine_threadsafe(self._piece(), self._loop).result()
            if piece is None:
                return
            yield piece

    async def _piece(self) -> bytes | None:
        return await anext(self._chunks, None)


def batch_of(desk: Desk, office: str, device: str, id: UUID | None) -> Batch:  # noqa: A002  # the row's word
    """An import's batch, under the id asked for or a fresh one."""
    return Batch(id=id or desk.ids.new(), office=office, device=device, resend_at=desk.clock.now() + RESEND)

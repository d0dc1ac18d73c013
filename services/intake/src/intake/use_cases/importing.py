"""A backlog file: read as it comes, stored in chunks, each row with its verdict. Twice adds nothing.

A rehearsal (dry run) gives the same verdicts and stores nothing: what it would have stored it keeps in a temporary
table of its own connection, so that its memory stays bounded and nobody waits for its locks.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from backbone import failpoints
from backbone.database import Reader, Row, Transaction
from backbone.problems import Conflict, NotFound
from backbone.rights import Actor, authorize, covers
from intake.domain.batch import OPEN_CASE, REFERENCE_TAKEN, Known, Placed, place_rows
from intake.store import imported, imports
from intake.use_cases.backlog_rows import BacklogRows, batch_of
from intake.use_cases.checking import Batch, ReadRow, Sealed
from intake.use_cases.desk import Desk, office_of
from intake.use_cases.report import Report, RowReport

CHUNK = 2000

Take = Callable[[Sequence[ReadRow]], Awaitable[None]]


class BatchKnown(Conflict):
    slug = "import-batch-known"
    message_id = "Nomor impor ini sudah dipakai. Buat nomor baru untuk setiap impor."
    message_en = "This import's id was used before. Make a new one for each import."


async def run_import(
    desk: Desk,
    actor: Actor,
    chunks: AsyncIterator[bytes],
    *,
    name: str,
    dry_run: bool,
    batch_id: UUID | None = None,
) -> dict[str, Any]:
    """Import a file for the actor's office; the report. `batch_id` is the sender's own, to ask for the progress by.

    Raises BadHeader, NoOffice, BatchKnown, CheckerDied.
    """
    authorize(actor, "application.import")
    office, began = office_of(actor), desk.clock.now()
    if dry_run:
        batch_id, report = None, await _rehearse(desk, office, BacklogRows(desk, chunks, None))
    else:
        batch = batch_of(desk, office, actor.subject, batch_id)
        batch_id, report = batch.id, await _import(desk, batch, name, BacklogRows(desk, chunks, batch))
    seconds = (desk.clock.now() - began).total_seconds()
    return {"batch_id": batch_id, "dry_run": dry_run, **report.shown(), "seconds": round(seconds, 3)}


async def _import(desk: Desk, batch: Batch, name: str, rows: BacklogRows) -> Report:
    first = await rows.next(CHUNK)
    await _open_batch(desk, batch, name)
    importer = _Importer(desk, batch, rows)
    with desk.pace.importing():
        await _run(rows, first, importer.take)
    await importer.finish()
    return importer.report


async def _rehearse(desk: Desk, office: str, rows: BacklogRows) -> Report:
    first, report = await rows.next(CHUNK), Report()
    async with _rehearsal(desk) as reader:
        await _run(rows, first, lambda chunk: _rehearse_chunk(reader, office, chunk, report))
    return report


async def progress(desk: Desk, actor: Actor, batch_id: UUID) -> dict[str, Any]:
    """A batch's counts so far."""
    authorize(actor, "application.import")
    async with desk.database.reading() as reader:
        row = await reader.fetchrow(imports.BATCH, batch_id)
    if row is None or not covers(actor.prefix, row["office"]):
        raise NotFound
    shown = ("office", "actor", "name", "started_at", "finished_at", "rows")
    return {"batch_id": batch_id, **{key: row[key] for key in shown}, **row["counts"]}


async def _run(rows: BacklogRows, chunk: list[ReadRow], take: Take) -> None:
    """The next chunk is read while this one is stored."""
    try:
        while chunk:
            reading = asyncio.create_task(rows.next(CHUNK))
            try:
                await take(chunk)
            except BaseException:
                reading.cancel()
                raise
            chunk = await reading
    finally:
        await rows.close()


async def _open_batch(desk: Desk, batch: Batch, name: str) -> None:
    async with desk.database.transaction() as tx:
        if not await tx.execute(imports.OPEN_BATCH, batch.id, batch.office, batch.device, name):
            raise BatchKnown


class _Importer:
    """Stores the chunks of one batch; `report` is of what is stored."""

    def __init__(self, desk: Desk, batch: Batch, rows: BacklogRows) -> None:
        self._desk = desk
        self._batch = batch
        self._rows = rows
        self.report = Report()

    async def take(self, chunk: Sequence[ReadRow]) -> None:
        """Store one chunk in one transaction; `report` then has its rows."""

        async def work(tx: Transaction) -> Report:
            verdicts, new = await self._store(tx, chunk)
            report = self.report.followed_by(verdicts, [sealed.row.received_at for sealed in new])
            await imports.count(tx, imports.COUNT, self._batch.id, report.rows, report.summary())
            failpoints.hit("intake.imported_before_commit")
            return report

        self.report = await self._desk.database.retrying(work)
        failpoints.hit("intake.imported_after_commit")
        self._desk.watch.expect()

    async def finish(self) -> None:
        async with self._desk.database.transaction() as tx:
            await imports.count(tx, imports.FINISH, self._batch.id, self.report.rows, self.report.summary())

    async def _store(self, tx: Transaction, chunk: Sequence[ReadRow]) -> tuple[list[RowReport], list[Sealed]]:
        """Judge and store; what somebody else got in the way of meanwhile is judged again."""
        verdicts: dict[int, RowReport] = {}
        stored: list[Sealed] = []
        todo = chunk
        while todo:
            placed = await judge(tx, self._batch.office, todo)
            verdicts.update((row.line, report(row, place)) for row, place in placed)
            accepted = [row for row, place in placed if place is not None and place.verdict == "accepted"]
            new, missed = await self._insert(tx, accepted)
            stored += new
            todo = self._rows.again(missed)
        return [verdicts[row.line] for row in chunk], stored

    async def _insert(
        self, tx: Transaction, accepted: Sequence[ReadRow]
    ) -> tuple[list[Sealed], list[ReadRow]]:
        """The rows stored, and those that something got in the way of."""
        if not accepted:
            return [], []
        kept = await imported.store(tx, [row.sealed.row for row in accepted if row.sealed is not None])
        new = [row.sealed for row in accepted if row.sealed is not None and row.sealed.row.id in kept]
        await imported.tell(tx, [sealed.row for sealed in new], [sealed.letter for sealed in new])
        return new, [row for row in accepted if row.sealed is None or row.sealed.row.id not in kept]


async def judge(
    reader: Reader, office: str, rows: Sequence[ReadRow], *, rehearsal: bool = False
) -> list[tuple[ReadRow, Placed | None]]:
    """Each row with its place among those on record and those before it; None where it was rejected for itself."""
    candidates = [row.candidate for row in rows if row.candidate is not None]
    references = [c.reference for c in candidates]
    persons = [c.person_hash for c in candidates]
    known = Known(rows={}, open_since={})
    _learn(known, await imports.look(reader, references, persons, office))
    if rehearsal:
        _learn(known, await imports.look_back(reader, references, persons))
    places = iter(place_rows(candidates, known))
    return [(row, None if row.candidate is None else next(places)) for row in rows]


def _learn(known: Known, rows: Sequence[Row]) -> None:
    for row in rows:
        if row["taken"]:
            known.rows[row["reference"]] = row["row_hash"]
        if row["open_since"] is not None:
            known.open_since[row["person_hash"]] = row["open_since"]


def report(row: ReadRow, place: Placed | None) -> RowReport:
    """What a row is told."""
    if place is None:
        return RowReport(line=row.line, reference=row.reference, verdict="rejected", findings=row.findings)
    if place.verdict == "reference_taken":
        return RowReport(
            line=row.line, reference=row.reference, verdict="rejected", findings=(REFERENCE_TAKEN,)
        )
    if place.verdict == "duplicate":
        return RowReport(line=row.line, reference=row.reference, verdict="duplicate")
    if place.verdict == "duplicate_person":
        assert row.candidate is not None
        return RowReport(
            line=row.line,
            reference=row.reference,
            verdict="duplicate_person",
            findings=(OPEN_CASE,),
            submitted_at=row.candidate.submitted_at,
            open_since=place.open_since,
        )
    verdict = "accepted_with_warning" if row.findings else "accepted"
    return RowReport(line=row.line, reference=row.reference, verdict=verdict, findings=row.findings)  # type: ignore[arg-type]


@asynccontextmanager
async def _rehearsal(desk: Desk) -> AsyncIterator[Reader]:
    async with desk.database.reading() as reader:
        await reader.fetch(imports.FORGET)
        await reader.fetch(imports.REHEARSE)
        try:
            yield reader
        finally:
            await reader.fetch(imports.FORGET)


async def _rehearse_chunk(reader: Reader, office: str, chunk: Sequence[ReadRow], so_far: Report) -> None:
    placed = await judge(reader, office, chunk, rehearsal=True)
    accepted = [
        row.candidate
        for row, place in placed
        if row.candidate is not None and place is not None and place.verdict == "accepted"
    ]
    rows = [(c.reference, c.row_hash, c.person_hash, c.submitted_at) for c in accepted]
    await imports.remember(reader, rows)
    so_far.accepted_at([c.submitted_at for c in accepted])
    so_far.add([report(row, place) for row, place in placed])

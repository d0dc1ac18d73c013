"""A backlog file: read as it comes, stored in chunks, each row with its verdict. Twice adds nothing.

A rehearsal (dry run) gives the same verdicts and stores nothing: what it would have stored it keeps in a temporary
table of its own connection, so that its memory stays bounded and nobody waits for its locks.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from backbone import failpoints
from backbone.database import Reader, Row, Transaction
from backbone.problems import NotFound, Unavailable
from backbone.rights import Actor, authorize, covers
from intake.domain.batch import OPEN_CASE, REFERENCE_TAKEN, Known, Placed, place_rows
from intake.store import imports, postings
from intake.use_cases.backlog_rows import BacklogRows, ReadRow, Sealed
from intake.use_cases.desk import Desk, office_of
from intake.use_cases.group_commit import received_message
from intake.use_cases.report import Report, RowReport

CHUNK = 2000
AHEAD = 5000
"""Messages that an import may have waiting; a walk-in's stand behind no more."""
PAUSE = 0.02
PATIENCE = timedelta(seconds=30)
"""So long an import waits for a queue that does not move."""

Take = Callable[[Sequence[ReadRow]], Awaitable[list[RowReport]]]


class QueueStuck(Unavailable):
    slug = "queue-stuck"
    message_id = "Antrean pesan tidak bergerak, impor dihentikan. Ulangi impor yang sama; tidak ada baris yang tercatat dua kali."
    message_en = "The queue of messages does not move, the import stopped. Run the same import again; no row is stored twice."


async def run_import(
    desk: Desk, actor: Actor, chunks: AsyncIterator[bytes], *, name: str, dry_run: bool
) -> dict[str, Any]:
    """Import a file for the actor's office; the report. Raises BadHeader, NoOffice, QueueStuck."""
    authorize(actor, "application.import")
    office, began = office_of(actor), desk.clock.now()
    rows, report = BacklogRows(desk, chunks), Report()
    first = await rows.next(CHUNK)
    if dry_run:
        batch_id = None
        async with _rehearsal(desk) as reader:
            await _run(rows, first, report, lambda chunk: _rehearse(reader, office, chunk, report))
    else:
        batch_id = await _open_batch(desk, actor, office, name)
        importer = _Importer(desk, actor, office, batch_id, rows, report)
        await _run(rows, first, report, importer.take)
        await importer.finish()
    seconds = (desk.clock.now() - began).total_seconds()
    return {"batch_id": batch_id, "dry_run": dry_run, **report.shown(), "seconds": round(seconds, 3)}


async def progress(desk: Desk, actor: Actor, batch_id: UUID) -> dict[str, Any]:
    """A batch's counts so far."""
    authorize(actor, "application.import")
    async with desk.database.reading() as reader:
        row = await reader.fetchrow(imports.BATCH, batch_id)
    if row is None or not covers(actor.prefix, row["office"]):
        raise NotFound
    shown = ("office", "actor", "name", "started_at", "finished_at", "rows")
    return {"batch_id": batch_id, **{key: row[key] for key in shown}, **row["counts"]}


async def _run(rows: BacklogRows, chunk: list[ReadRow], report: Report, take: Take) -> None:
    """The next chunk is read while this one is stored."""
    while chunk:
        reading = asyncio.create_task(rows.next(CHUNK))
        try:
            report.add(await take(chunk))
        except BaseException:
            reading.cancel()
            raise
        chunk = await reading


async def _open_batch(desk: Desk, actor: Actor, office: str, name: str) -> UUID:
    batch_id = desk.ids.new()
    async with desk.database.transaction() as tx:
        await tx.execute(imports.OPEN_BATCH, batch_id, office, actor.subject, name)
    return batch_id


class _Importer:
    """Stores the chunks of one batch."""

    def __init__(
        self, desk: Desk, actor: Actor, office: str, batch_id: UUID, rows: BacklogRows, report: Report
    ) -> None:
        self._desk = desk
        self._actor = actor
        self._office = office
        self._batch_id = batch_id
        self._rows = rows
        self._report = report

    async def take(self, chunk: Sequence[ReadRow]) -> list[RowReport]:
        """Store one chunk in one transaction; the rows' verdicts."""
        await self._wait_for_room(len(chunk))
        made = {id(row): self._desk.ids.new() for row in chunk if row.application is not None}

        async def work(tx: Transaction) -> tuple[list[RowReport], list[Sealed]]:
            verdicts, new = await self._store(tx, chunk, made)
            await imports.count(
                tx, imports.COUNT, self._batch_id, self._report.rows + len(chunk), self._counts(verdicts, new)
            )
            failpoints.hit("intake.imported_before_commit")
            return verdicts, new

        verdicts, new = await self._desk.database.retrying(work)
        failpoints.hit("intake.imported_after_commit")
        self._report.accepted_at([sealed.received_at for sealed in new])
        self._desk.watch.expect()
        return verdicts

    async def finish(self) -> None:
        async with self._desk.database.transaction() as tx:
            await imports.count(tx, imports.FINISH, self._batch_id, self._report.rows, self._report.summary())

    def _counts(self, verdicts: Sequence[RowReport], new: Sequence[Sealed]) -> dict[str, Any]:
        so_far = Report(
            counts=self._report.counts.copy(),
            warnings=self._report.warnings.copy(),
            earliest=self._report.earliest,
        )
        so_far.add(verdicts)
        so_far.accepted_at([sealed.received_at for sealed in new])
        return so_far.summary()

    async def _store(
        self, tx: Transaction, chunk: Sequence[ReadRow], made: dict[int, UUID]
    ) -> tuple[list[RowReport], list[Sealed]]:
        """Judge and store; what somebody else got in the way of meanwhile is judged again."""
        verdicts: dict[int, RowReport] = {}
        stored: list[Sealed] = []
        todo = list(chunk)
        while todo:
            placed = await judge(tx, self._office, todo)
            verdicts.update((id(row), report(row, place)) for row, place in placed)
            accepted = [row for row, place in placed if place is not None and place.verdict == "accepted"]
            new, todo = await self._insert(tx, accepted, made)
            stored += new
        return [verdicts[id(row)] for row in chunk], stored

    async def _insert(
        self, tx: Transaction, accepted: Sequence[ReadRow], made: dict[int, UUID]
    ) -> tuple[list[Sealed], list[ReadRow]]:
        """The rows stored, and those that something got in the way of."""
        if not accepted:
            return [], []
        pairs = [(made[id(row)], row) for row in accepted]
        sealed = await self._rows.seal(pairs, self._office, self._actor.subject)
        rows = await postings.import_rows(
            tx, [s.row for s in sealed], [s.received_at for s in sealed], self._batch_id
        )
        kept = {row["id"] for row in rows}
        new = [s for s in sealed if s.row.id in kept]
        tx.owe(*(received_message(s.row, s.sealed, s.received_at) for s in new))
        return new, [row for application_id, row in pairs if application_id not in kept]

    async def _wait_for_room(self, size: int) -> None:
        """Let the relay catch up, so that a walk-in's message stands behind few; it moves, or the import stops."""
        owed = await self._owed()
        moved_at = self._desk.clock.now()
        while owed > AHEAD - size:
            await self._desk.clock.sleep(PAUSE)
            before, owed = owed, await self._owed()
            if owed < before:
                moved_at = self._desk.clock.now()
            if self._desk.clock.now() - moved_at > PATIENCE:
                raise QueueStuck(retry_after=60, batch_id=str(self._batch_id))

    async def _owed(self) -> int:
        async with self._desk.database.reading() as reader:
            return int(await reader.fetchval(imports.OWED, AHEAD + 1))


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


async def _rehearse(reader: Reader, office: str, chunk: Sequence[ReadRow], so_far: Report) -> list[RowReport]:
    placed = await judge(reader, office, chunk, rehearsal=True)
    accepted = [
        row.candidate
        for row, place in placed
        if row.candidate is not None and place is not None and place.verdict == "accepted"
    ]
    rows = [(c.reference, c.row_hash, c.person_hash, c.submitted_at) for c in accepted]
    await imports.remember(reader, rows)
    so_far.accepted_at([c.submitted_at for c in accepted])
    return [report(row, place) for row, place in placed]

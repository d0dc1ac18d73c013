"""Reads a streamed backlog file in a thread: parsing, checking and sealing are work, and walk-ins must not wait for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from intake.domain.application import CheckedApplication, check
from intake.domain.backlog_file import Row, read_backlog
from intake.domain.batch import Candidate
from intake.domain.finding import Finding
from intake.store.postings import NewApplication
from intake.use_cases import people
from intake.use_cases.accept import new_application, row_hash_of
from intake.use_cases.desk import Desk


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ReadRow:
    """One row: with an application and what tells it from others, or with what it was rejected for."""

    line: int
    reference: str
    findings: Sequence[Finding]
    application: CheckedApplication | None = None
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """A row to be, with what is sealed for the gateway."""

    row: NewApplication
    sealed: bytes
    received_at: datetime


class BacklogRows:
    """The rows of one file, a chunk at a time. `chunks` is the request's body."""

    def __init__(self, desk: Desk, chunks: AsyncIterator[bytes]) -> None:
        self._desk = desk
        self._now = desk.clock.now()
        self._loop = asyncio.get_running_loop()
        self._chunks = chunks
        self._rows = read_backlog(self._body())

    async def next(self, size: int) -> list[ReadRow]:
        """At most `size` rows; none at the end. Raises BadHeader where the file cannot be read."""
        return await asyncio.to_thread(lambda: [self._read(row) for row in islice(self._rows, size)])

    async def seal(self, rows: Sequence[tuple[UUID, ReadRow]], office: str, device: str) -> list[Sealed]:
        return await asyncio.to_thread(
            lambda: [self._sealed(application_id, row, office, device) for application_id, row in rows]
        )

    def _body(self) -> Iterator[bytes]:
        """The body's pieces, fetched from the thread that reads them."""
        while True:
            piece = asyncio.run_coroutine_threadsafe(self._piece(), self._loop).result()
            if piece is None:
                return
            yield piece

    async def _piece(self) -> bytes | None:
        return await anext(self._chunks, None)

    def _read(self, row: Row) -> ReadRow:
        if row.draft is None:
            assert row.finding is not None
            return ReadRow(line=row.line, reference="", findings=(row.finding,))
        reference = row.draft.reference.strip()
        verdict = check(
            row.draft,
            regions=self._desk.regions,
            now=self._now,
            office_tz=self._desk.terms.tz,
            earliest=self._desk.terms.earliest_import,
            source="import",
        )
        if verdict.application is None:
            return ReadRow(line=row.line, reference=reference, findings=verdict.errors)
        return ReadRow(
            line=row.line,
            reference=reference,
            findings=verdict.warnings,
            application=verdict.application,
            candidate=self._candidate(verdict.application),
        )

    def _candidate(self, application: CheckedApplication) -> Candidate:
        row_hash = row_hash_of(self._desk, application)
        assert application.reference is not None
        assert application.submitted_at is not None
        assert row_hash is not None
        return Candidate(
            reference=application.reference,
            row_hash=row_hash,
            person_hash=people.person_hash(self._desk.keys.person, application.nik),
            submitted_at=application.submitted_at,
        )

    def _sealed(self, application_id: UUID, read: ReadRow, office: str, device: str) -> Sealed:
        assert read.application is not None
        assert read.candidate is not None
        row, sealed = new_application(
            self._desk,
            read.application,
            id=application_id,
            office=office,
            source="import",
            device=device,
            person_hash=read.candidate.person_hash,
            row_hash=read.candidate.row_hash,
            warnings=read.findings,
        )
        return Sealed(row, sealed, read.candidate.submitted_at)

"""Reads a streamed backlog file in a thread: parsing, checking and sealing are work, and walk-ins must not wait for it."""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from backbone.contracts.intake import ApplicationReceived
from backbone.letters import Letter
from intake.domain.application import CheckedApplication, check
from intake.domain.backlog_file import Row, read_backlog
from intake.domain.batch import Candidate
from intake.domain.finding import Finding
from intake.domain.receipt import RANDOM_BYTES, make_receipt
from intake.store.imported import RESEND, NewRow
from intake.use_cases import people
from intake.use_cases.accept import row_hash_of
from intake.use_cases.desk import Desk

_TYPE: Final = ApplicationReceived.TYPE
_KEY: Final = _TYPE.rsplit(".", 1)[0]


class Sealed(NamedTuple):
    """A row to be, and the letter that tells the scheduler of it."""

    row: NewRow
    letter: Letter

    def __repr__(self) -> str:
        return f"Sealed(row={self.row})"


class ReadRow(NamedTuple):
    """One row: with an application, what tells it from others and, where it may be stored, what is to be stored; or with
    what it was rejected for. A tuple, as an import has hundreds of thousands of them."""

    line: int
    reference: str
    findings: Sequence[Finding]
    application: CheckedApplication | None = None
    candidate: Candidate | None = None
    sealed: Sealed | None = None

    def __repr__(self) -> str:
        return f"ReadRow(line={self.line})"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What all rows of one import have in common."""

    id: UUID
    office: str
    device: str


class BacklogRows:
    """The rows of one file, a chunk at a time. `chunks` is the request's body; nothing is sealed without a `batch`."""

    def __init__(self, desk: Desk, chunks: AsyncIterator[bytes], batch: Batch | None) -> None:
        self._desk = desk
        self._batch = batch
        self._now = desk.clock.now()
        self._resend_at = self._now + RESEND
        self._loop = asyncio.get_running_loop()
        self._chunks = chunks
        self._rows = read_backlog(self._body())

    async def next(self, size: int) -> list[ReadRow]:
        """At most `size` rows; none at the end. Raises BadHeader where the file cannot be read."""
        ids = repeat(None, size) if self._batch is None else self._desk.ids.many(size)
        # The ids come first: `zip` stops before it takes a row too many.
        numbered = zip(ids, self._rows, strict=False)
        return await asyncio.to_thread(lambda: [self._read(new, row) for new, row in numbered])

    async def again(self, rows: Sequence[ReadRow]) -> list[ReadRow]:
        """Rows that were not stored, under fresh ids and receipt numbers: it may be one of those that was taken."""
        return [
            row._replace(sealed=self._seal(new, row.application, row.candidate, row.findings))
            for new, row in zip(self._desk.ids.many(len(rows)), rows, strict=True)
            if row.application is not None and row.candidate is not None
        ]

    def _body(self) -> Iterator[bytes]:
        """The body's pieces, fetched from the thread that reads them."""
        while True:
            piece = asyncio.run_coroutine_threadsafe(self._piece(), self._loop).result()
            if piece is None:
                return
            yield piece

    async def _piece(self) -> bytes | None:
        return await anext(self._chunks, None)

    def _read(self, new: UUID | None, row: Row) -> ReadRow:
        draft = row.draft
        if draft is None:
            assert row.finding is not None
            return ReadRow(row.line, "", (row.finding,))
        verdict = check(
            draft,
            regions=self._desk.regions,
            now=self._now,
            office_tz=self._desk.terms.tz,
            earliest=self._desk.terms.earliest_import,
            source="import",
        )
        application = verdict.application
        if application is None:
            return ReadRow(row.line, draft.reference.strip(), verdict.errors)
        candidate = self._candidate(application)
        sealed = None if new is None else self._seal(new, application, candidate, verdict.warnings)
        return ReadRow(row.line, candidate.reference, verdict.warnings, application, candidate, sealed)

    def _candidate(self, application: CheckedApplication) -> Candidate:
        row_hash = row_hash_of(self._desk, application)
        assert application.reference is not None
        assert application.submitted_at is not None
        assert row_hash is not None
        person_hash = people.person_hash(self._desk.keys.person, application.nik)
        return Candidate(application.reference, row_hash, person_hash, application.submitted_at)

    def _seal(
        self, new: UUID, application: CheckedApplication, candidate: Candidate, warnings: Sequence[Finding]
    ) -> Sealed:
        assert self._batch is not None
        keys, named = self._desk.keys, str(new)
        stored, told = people.seal_both(keys.storage, keys.courier, named, people.of(application))
        row = NewRow(
            new,
            make_receipt(self._batch.office, secrets.token_bytes(RANDOM_BYTES)),
            candidate.reference,
            application.district_code,
            application.reason,
            candidate.submitted_at,
            candidate.person_hash,
            application.nik[-4:],
            stored,
            candidate.row_hash,
            [f"{found.field}.{found.code}" for found in warnings],
            self._batch.office,
            self._batch.device,
            self._batch.id,
            self._resend_at,
        )
        return Sealed(row, _letter(row, named, told))


def _letter(row: NewRow, named: str, sealed: bytes) -> Letter:
    """ApplicationReceived's letter, without the model: to make one would cost more than to seal a person."""
    body = {
        "application_id": named,
        "office": row.office,
        "reason": row.reason,
        "district_code": row.district_code,
        "received_at": row.received_at,
        "receipt_number": row.receipt_number,
        "sealed": b64encode(sealed).decode(),
        "source": row.source,
    }
    return Letter(type=_TYPE, key=_KEY, subject=named, body=to_json(body).decode())

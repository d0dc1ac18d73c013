"""The work on a file's rows that needs neither database nor loop: checked, hashed, sealed. It may be done in a process of
its own (`checker`), so what goes in and comes out is plain tuples."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

from asyncpg.pgproto import pgproto
from pydantic_core import to_json

from intake.domain.application import CheckedApplication, check
from intake.domain.backlog_file import Row
from intake.domain.batch import Candidate
from intake.domain.canonical import canonical_row, fingerprint
from intake.domain.finding import Finding
from intake.domain.receipt import RANDOM_BYTES, make_receipt
from intake.domain.regions import Regions
from intake.store.imported import NewRow
from intake.use_cases import people
from intake.use_cases.desk import Keys, Terms


class Sealed(NamedTuple):
    """A row to be, and the letter's body that tells the scheduler of it."""

    row: NewRow
    letter: str

    def __repr__(self) -> str:
        return f"Sealed(row={self.row})"


class ReadRow(NamedTuple):
    """One row: what tells it from others and, where it may be stored, what is to be stored; or what it was rejected for."""

    line: int
    reference: str
    findings: Sequence[Finding]
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
    resend_at: datetime


@dataclass(frozen=True, kw_only=True, repr=False)
class Tools:
    """What the work needs. `now` (aware) is when the import began; nothing is sealed without a `batch`."""

    keys: Keys
    terms: Terms
    regions: Regions
    now: datetime
    batch: Batch | None


def read_rows(tools: Tools, ids: Sequence[bytes], rows: Sequence[Row]) -> list[ReadRow]:
    """Each row, in the order given, under an id of `ids`: more than enough of them, or none without a batch."""
    numbered = zip(ids or repeat(b""), rows, strict=False)
    return [_read(tools, new, row) for new, row in numbered]


def seal_again(tools: Tools, new: bytes, sealed: Sealed) -> Sealed:
    """The same row under another id and receipt number."""
    person = people.unseal(tools.keys.storage, sealed.row.id, sealed.row.person)
    named = pgproto.UUID(new)
    stored, told = people.seal_both(tools.keys.storage, tools.keys.courier, str(named), person)
    row = sealed.row._replace(id=named, receipt_number=_receipt(sealed.row.office), person=stored)
    return Sealed(row, _letter(row, told))


def _read(tools: Tools, new: bytes, row: Row) -> ReadRow:
    draft = row.draft
    if draft is None:
        assert row.finding is not None
        return ReadRow(row.line, "", (row.finding,))
    verdict = check(
        draft,
        regions=tools.regions,
        now=tools.now,
        office_tz=tools.terms.tz,
        earliest=tools.terms.earliest_import,
        source="import",
    )
    application = verdict.application
    if application is None:
        return ReadRow(row.line, draft.reference.strip(), verdict.errors)
    candidate = _candidate(tools.keys, application)
    sealed = _seal(tools, new, application, candidate, verdict.warnings) if new else None
    return ReadRow(row.line, candidate.reference, verdict.warnings, candidate, sealed)


def _candidate(keys: Keys, application: CheckedApplication) -> Candidate:
    assert application.reference is not None
    assert application.submitted_at is not None
    row_hash = fingerprint(keys.fingerprint, canonical_row(application))
    person_hash = people.person_hash(keys.person, application.nik)
    return Candidate(application.reference, row_hash, person_hash, application.submitted_at)


def _seal(
    tools: Tools,
    new: bytes,
    application: CheckedApplication,
    candidate: Candidate,
    warnings: Sequence[Finding],
) -> Sealed:
    batch, keys, named = tools.batch, tools.keys, pgproto.UUID(new)
    assert batch is not None
    stored, told = people.seal_both(keys.storage, keys.courier, str(named), people.of(application))
    row = NewRow(
        named,
        _receipt(batch.office),
        candidate.reference,
        application.district_code,
        application.reason,
        candidate.submitted_at,
        candidate.person_hash,
        application.nik[-4:],
        stored,
        candidate.row_hash,
        [f"{found.field}.{found.code}" for found in warnings],
        batch.office,
        batch.device,
        batch.id,
        batch.resend_at,
    )
    return Sealed(row, _letter(row, told))


def _receipt(office: str) -> str:
    return make_receipt(office, secrets.token_bytes(RANDOM_BYTES))


def _letter(row: NewRow, sealed: bytes) -> str:
    """ApplicationReceived's JSON, without the model: to make one would cost more than to seal a person."""
    body = {
        "application_id": str(row.id),
        "office": row.office,
        "reason": row.reason,
        "district_code": row.district_code,
        "received_at": row.received_at,
        "receipt_number": row.receipt_number,
        "sealed": b64encode(sealed).decode(),
        "source": row.source,
    }
    return to_json(body).decode()

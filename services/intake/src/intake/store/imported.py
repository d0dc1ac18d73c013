"""Imported applications: stored by COPY, many at once; around what somebody got in the way of where that fails."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from backbone.contracts.intake import ApplicationReceived
from backbone.database import Transaction
from backbone.outbox import owe_patiently

RESEND: Final = timedelta(minutes=10)
"""So long an imported application may wait for its first status before it is told again: the others of its file stand
before it, and nobody stands at the counter for it."""


class NewRow(NamedTuple):
    """A row of `application` to be. A tuple, as an import has hundreds of thousands of them."""

    id: UUID
    receipt_number: str
    reference: str
    district_code: str
    reason: str
    received_at: datetime
    person_hash: bytes
    nik_last4: str
    person: bytes
    row_hash: bytes
    warnings: list[str]
    office: str
    device: str
    batch_id: UUID
    resend_at: datetime
    source: str = "import"

    def __repr__(self) -> str:
        return f"NewRow(id={self.id})"


_COLUMNS: Final = list(NewRow._fields)
_TYPES: Final = (
    "uuid", "text", "text", "text", "text", "timestamptz", "bytea", "text", "bytea", "bytea", "text[]::jsonb",
    "text", "text", "uuid", "timestamptz", "text",
)  # fmt: skip
_GIVEN: Final = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES, 1))
AROUND: Final = f"""INSERT INTO application ({", ".join(_COLUMNS)})
SELECT * FROM unnest({_GIVEN}) ON CONFLICT DO NOTHING RETURNING id"""


async def store(tx: Transaction, rows: Sequence[NewRow]) -> set[UUID]:
    """Store rows; the ids of those stored, which are all but those that something got in the way of.

    In the order of the persons, so that whoever stores the same ones at the same time waits and does not deadlock.
    """
    ordered = sorted(rows, key=_person)
    try:
        async with tx.savepoint():
            await tx.copy("application", _COLUMNS, ordered)
    except asyncpg.UniqueViolationError:
        as_text = (row._replace(warnings=json.dumps(row.warnings)) for row in ordered)  # type: ignore[arg-type]
        columns: list[list[Any]] = [list(column) for column in zip(*as_text, strict=True)]
        return {row["id"] for row in await tx.fetch(AROUND, *columns)}
    return {row.id for row in rows}


async def tell(tx: Transaction, rows: Sequence[NewRow], letters: Sequence[str]) -> None:
    """Write the first event of each stored row of a batch and owe its letter (ApplicationReceived's JSON), patiently."""
    columns = ["application_id", "n", "what", "actor", "reason"]
    batch = str(rows[0].batch_id) if rows else ""
    events = ((row.id, 1, "imported", row.device, batch) for row in rows)
    await tx.copy("event", columns, events)
    told = [(str(row.id), letter) for row, letter in zip(rows, letters, strict=True)]
    await owe_patiently(tx, ApplicationReceived, told)


def _person(row: NewRow) -> bytes:
    return row.person_hash

"""Taking posted applications in, many in one statement, with their idempotency keys."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row, Transaction

RESEND_SECONDS = 60
"""So long an application may wait for the scheduler's first status before it is told again."""

_NEW = """id, office, receipt_number, reference, source, district_code, reason, captured_at, device, person_hash,
  nik_last4, person, row_hash, warnings"""
_GIVEN = """$1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::text[], $10::bytea[], $11::text[], $12::bytea[], $13::bytea[], $14::text[]"""
_VALUES = """g.id, g.office, g.receipt_number, g.reference, g.source, g.district_code, g.reason, g.captured_at, g.device,
    g.person_hash, g.nik_last4, g.person, g.row_hash, g.warnings::jsonb"""

POST = f"""
WITH given AS (SELECT * FROM unnest({_GIVEN}, $15::text[], $16::bytea[], $17::bytea[])
  u({_NEW}, key, fingerprint, answer)),
claimed AS (INSERT INTO idempotency (device, key, fingerprint, application_id, status, answer)
  SELECT device, key, fingerprint, id, 202, answer FROM given ORDER BY device, key, id
  ON CONFLICT DO NOTHING RETURNING application_id),
stored AS (INSERT INTO application ({_NEW}, resend_at)
  SELECT {_VALUES}, backbone.now() + $18 * interval '1 s' FROM given g JOIN claimed ON claimed.application_id = g.id
  ORDER BY g.person_hash, g.id ON CONFLICT DO NOTHING RETURNING id, received_at, device),
told AS (INSERT INTO event (application_id, n, what, actor) SELECT id, 1, 'received', device FROM stored)
SELECT claimed.application_id AS id, stored.received_at FROM claimed LEFT JOIN stored ON stored.id = claimed.application_id"""

UNCLAIM = """DELETE FROM idempotency i USING unnest($1::text[], $2::text[]) u(device, key)
WHERE i.device = u.device AND i.key = u.key"""
ANSWERED = """SELECT u.n::int AS n, i.fingerprint, i.application_id, i.answer, a.pin_version, a.received_at
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY u(device, key, n)
JOIN idempotency i ON i.device = u.device AND i.key = u.key JOIN application a ON a.id = i.application_id"""
IN_THE_WAY = """SELECT u.n::int AS n, p.id, p.receipt_number, p.person, r.id AS reference_holder
FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY u(office, reference, person_hash, n)
LEFT JOIN LATERAL (SELECT id, receipt_number, person FROM application a
  WHERE a.person_hash = u.person_hash AND a.open LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT id FROM application a
  WHERE a.office = u.office AND a.reference = u.reference LIMIT 1) r ON true"""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class NewApplication:
    """A row to be; the fields' order is the statements'."""

    id: UUID
    office: str
    receipt_number: str
    reference: str | None
    source: str
    district_code: str
    reason: str
    captured_at: datetime | None
    device: str
    person_hash: bytes
    nik_last4: str
    person: bytes
    row_hash: bytes | None
    warnings: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Keyed:
    """What makes a posting repeatable: its key, its body's keyed hash, its sealed answer."""

    key: str
    fingerprint: bytes
    answer: bytes


_row = attrgetter(*(field.name for field in fields(NewApplication)))
_keyed = attrgetter(*(field.name for field in fields(Keyed)))


async def post(tx: Transaction, rows: Sequence[NewApplication], keyed: Sequence[Keyed]) -> list[Row]:
    """Claim the keys and store what they may; a claimed one that was not stored has no `received_at`."""
    values = (_row(row) + _keyed(key) for row, key in zip(rows, keyed, strict=True))
    return await tx.fetch(POST, *_columns(values), RESEND_SECONDS)


async def unclaim(tx: Transaction, keys: Sequence[tuple[str, str]]) -> None:
    """Give back keys, as (device, key), whose postings were not stored."""
    await tx.execute(UNCLAIM, *_columns(keys))


async def answered(reader: Reader, keys: Sequence[tuple[str, str]]) -> list[Row]:
    """The first answers to (device, key) pairs; `n` counts the pairs from 1."""
    return await reader.fetch(ANSWERED, *_columns(keys))


async def in_the_way(reader: Reader, rows: Sequence[NewApplication]) -> list[Row]:
    """For each row the person's open application, if any, and who has its reference; `n` counts from 1."""
    return await reader.fetch(
        IN_THE_WAY, *_columns((row.office, row.reference, row.person_hash) for row in rows)
    )


def _columns(rows: Any) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]

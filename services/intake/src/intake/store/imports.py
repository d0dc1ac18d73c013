"""Backlog files: their batches, and what is known of the persons and references that a file names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row

OPEN_BATCH = (
    "INSERT INTO import_batch (id, office, actor, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
)
COUNT = "UPDATE import_batch SET rows = $2, counts = $3 WHERE id = $1"
FINISH = "UPDATE import_batch SET rows = $2, counts = $3, finished_at = backbone.now() WHERE id = $1"
BATCH = "SELECT * FROM import_batch WHERE id = $1"

_LOOK = """SELECT u.reference, u.person_hash, r.reference IS NOT NULL AS taken, r.row_hash, p.open_since
FROM unnest($1::text[], $2::bytea[]) u(reference, person_hash)"""
LOOK = f"""{_LOOK}
LEFT JOIN LATERAL (SELECT a.reference, a.row_hash FROM application a
  WHERE a.office = $3 AND a.reference = u.reference LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT a.received_at AS open_since FROM application a
  WHERE a.person_hash = u.person_hash AND a.open LIMIT 1) p ON true
WHERE r.reference IS NOT NULL OR p.open_since IS NOT NULL"""

REHEARSE = """CREATE TEMPORARY TABLE rehearsed
  (reference text PRIMARY KEY, row_hash bytea NOT NULL, person_hash bytea UNIQUE NOT NULL, open_since timestamptz NOT NULL)"""
FORGET = "DROP TABLE IF EXISTS rehearsed"
LOOK_BACK = f"""{_LOOK}
LEFT JOIN LATERAL (SELECT s.reference, s.row_hash FROM rehearsed s WHERE s.reference = u.reference LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT s.open_since FROM rehearsed s WHERE s.person_hash = u.person_hash LIMIT 1) p ON true
WHERE r.reference IS NOT NULL OR p.open_since IS NOT NULL"""


async def look(reader: Reader, references: Sequence[str], persons: Sequence[bytes], office: str) -> list[Row]:
    """What is on record of these references in this office, and of these persons anywhere."""
    return await reader.fetch(LOOK, list(references), list(persons), office)


async def look_back(reader: Reader, references: Sequence[str], persons: Sequence[bytes]) -> list[Row]:
    """What this rehearsal took in before."""
    return await reader.fetch(LOOK_BACK, list(references), list(persons))


async def remember(reader: Reader, rows: Sequence[tuple[str, bytes, bytes, datetime]]) -> None:
    """Keep, for this rehearsal alone, what an import would have stored."""
    columns = ["reference", "row_hash", "person_hash", "open_since"]
    await reader.connection.copy_records_to_table("rehearsed", columns=columns, records=rows)


async def count(reader: Reader, sql: str, batch_id: UUID, rows: int, counts: dict[str, Any]) -> None:
    """COUNT or FINISH."""
    await reader.fetch(sql, batch_id, rows, counts)

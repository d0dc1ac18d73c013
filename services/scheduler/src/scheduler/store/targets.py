"""Service targets by office, and the applications that have used up theirs, or nearly."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row, Transaction

Cut = tuple[str, datetime, datetime, UUID]
"""A kind, the last `ranked_from` that counts, and the card (its `ranked_from`, its id) behind which the page begins."""

CURRENT = "SELECT * FROM service_target WHERE office = $1 ORDER BY version DESC LIMIT 1"
VERSIONS = "SELECT * FROM service_target WHERE office = $1 ORDER BY version DESC LIMIT 100"
HOLD_OFFICE = "SELECT code FROM office WHERE code = $1 FOR NO KEY UPDATE"
ADD = """INSERT INTO service_target (office, version, hours, author, reason)
SELECT $1, 1 + coalesce(max(version), 0), $2, $3, $4 FROM service_target WHERE office = $1 RETURNING *"""
_CARD = "id, receipt_number, kind, reason, district_code, state, received_at, ranked_from, frozen_by"
_PART = f"""(SELECT {_CARD} FROM application x WHERE x.office = $1 AND x.kind = k.kind AND x.state {{states}}
    AND x.ranked_from <= k.cut AND (x.ranked_from, x.id) > (k.after, k.after_id) ORDER BY x.ranked_from, x.id LIMIT $6)"""
# What waits or stands aside is read as the beginning of an index's range; what is in flight is kept small, and read once.
LATE = f"""WITH k AS (SELECT * FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::uuid[])
  k(kind, cut, after, after_id)),
flight AS MATERIALIZED (SELECT {_CARD} FROM application
  WHERE office = $1 AND state IN ('verifying', 'approved', 'printing'))
SELECT a.* FROM k CROSS JOIN LATERAL (SELECT * FROM ({_PART.format(states="= 'waiting'")}
  UNION ALL {_PART.format(states="IN ('deferred', 'in_review')")}) every ORDER BY ranked_from, id LIMIT $6) a
UNION ALL SELECT f.* FROM flight f JOIN k USING (kind)
WHERE f.ranked_from <= k.cut AND (f.ranked_from, f.id) > (k.after, k.after_id)"""


async def current(reader: Reader, office: str) -> Row | None:
    return await reader.fetchrow(CURRENT, office)


async def versions(reader: Reader, office: str) -> list[Row]:
    """The last hundred, newest first."""
    return await reader.fetch(VERSIONS, office)


async def add(
    tx: Transaction, office: str, hours: Mapping[str, float], author: str, reason: str
) -> Row | None:
    """A new version; None for an unknown office."""
    if await tx.fetchval(HOLD_OFFICE, office) is None:
        return None
    return await tx.fetchrow(ADD, office, dict(hours), author, reason)


async def late(reader: Reader, office: str, cuts: Sequence[Cut], limit: int) -> list[Row]:
    """The first `limit` cards of each kind that are neither printed nor the applicant's, in no order; more may be among them."""
    columns: list[list[Any]] = [list(column) for column in zip(*cuts, strict=True)]
    return await reader.fetch(LATE, office, *columns, limit)

"""Numbered papers: every act on stock that takes two persons, entered once for its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row, Transaction

ENTER = """INSERT INTO paper (office, kind, number, place, target, n, difference, detail, actor, second_person, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING *"""
BY_NUMBER = "SELECT * FROM paper WHERE office = $1 AND kind = $2 AND number = $3"
AT = "SELECT * FROM paper WHERE office = $1 AND kind = $2 AND place = $3 ORDER BY id DESC LIMIT $4"
LIST = """SELECT * FROM paper WHERE ($1 = '' OR office = $1 OR office LIKE $1 || '.%')
AND ($2::text IS NULL OR kind = $2) AND id > $3 ORDER BY id LIMIT $4"""
LOCK = "SELECT id FROM attempt WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
# The application first, as where a card is handed over or its case reopened.
GIVE_UP = """WITH kept AS (SELECT p.id FROM application p JOIN attempt a ON a.application_id = p.id
  WHERE a.id = ANY($1::uuid[]) AND a.station = $2 AND p.state = 'lapsed' AND p.collected_at IS NULL ORDER BY p.id FOR UPDATE OF p)
UPDATE attempt a SET state = 'spoiled', closed_at = backbone.now(), closed_by = $3, second_person = $4, note = $5
FROM kept WHERE a.application_id = kept.id AND a.id = ANY($1::uuid[]) AND a.state = 'printed' RETURNING a.id"""
# A card that is of other fate, of another station, or destroyed before, is left out.
SPOILED = """SELECT a.id FROM attempt a WHERE a.id = ANY($1::uuid[]) AND a.station = $2 AND a.state = 'spoiled'
AND NOT EXISTS (SELECT 1 FROM stock_move m WHERE m.attempt_id = a.id AND m.target = 'destroyed') ORDER BY a.id"""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a paper says. `n` pieces at `place`; `detail`: what else tells one paper from another of its number."""

    kind: str
    number: str
    place: str
    n: int
    target: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


async def enter(
    tx: Transaction,
    office: str,
    paper: Paper,
    *,
    actor: str,
    second_person: str,
    reason: str,
    difference: int | None = None,
) -> Row | None:
    """The new row, or None where the number was entered before (also by a transaction that has just ended)."""
    return await tx.fetchrow(
        ENTER,
        office,
        paper.kind,
        paper.number,
        paper.place,
        paper.target,
        paper.n,
        difference,
        dict(paper.detail),
        actor,
        second_person,
        reason,
    )


async def find(reader: Reader, office: str, kind: str, number: str) -> Row | None:
    return await reader.fetchrow(BY_NUMBER, office, kind, number)


async def at(reader: Reader, office: str, kind: str, place: str, limit: int) -> list[Row]:
    """The last papers of a kind at a place, newest first."""
    return await reader.fetch(AT, office, kind, place, limit)


async def listed(reader: Reader, prefix: str, kind: str | None, after: int, limit: int) -> list[Row]:
    return await reader.fetch(LIST, prefix, kind, after, limit)


async def give_up(
    tx: Transaction, attempts: Sequence[UUID], place: str, *, actor: str, second_person: str, reason: str
) -> list[UUID]:
    """Those of these cards that nobody collected in their term: good ones no more, for a reopened case or anybody."""
    rows = await tx.fetch(GIVE_UP, list(attempts), place, actor, second_person, reason)
    return sorted(row["id"] for row in rows)


async def to_destroy(tx: Transaction, attempts: Sequence[UUID], place: str) -> list[UUID]:
    """Those of these cards that are spoiled there and not destroyed; locked first, so that another's word is seen."""
    await tx.fetch(LOCK, list(attempts))
    return [row["id"] for row in await tx.fetch(SPOILED, list(attempts), place)]

"""Blanks by double entry: every move is a row, every balance a sum that the same statement keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from backbone.database import Reader, Row, Transaction
from scheduler.domain.ledger import ACCOUNTS, Move

BLANK = "blank"

OPEN = """INSERT INTO stock (office, place, item, account, n)
SELECT $1, $2, $3, account, 0 FROM unnest($4::text[]) account ON CONFLICT DO NOTHING"""
POST = """
WITH u AS (SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::uuid[])
  u(place, source, target, n, cause, attempt_id)),
moved AS (INSERT INTO stock_move (office, place, item, source, target, n, cause, attempt_id, note_number, actor,
    second_person, reason)
  SELECT $1, place, $8, source, target, n, cause, attempt_id, $9, $10, $11, $12 FROM u),
delta AS (SELECT place, account, sum(d) AS d FROM (
    SELECT place, source AS account, CASE WHEN source = 'received' THEN n ELSE -n END AS d FROM u
    UNION ALL SELECT place, target, CASE WHEN target = 'received' THEN -n ELSE n END FROM u) x GROUP BY 1, 2),
locked AS (SELECT s.place, s.account, delta.d FROM stock s JOIN delta USING (place, account)
  WHERE s.office = $1 AND s.item = $8 ORDER BY s.place, s.account FOR UPDATE OF s)
UPDATE stock s SET n = s.n + locked.d FROM locked
WHERE s.office = $1 AND s.item = $8 AND s.place = locked.place AND s.account = locked.account
RETURNING s.place, s.account, s.n"""
# Booked and on hand stand still from here on: nothing is reserved from them meanwhile.
HOLD = """SELECT account, n FROM stock WHERE office = $1 AND place = $2 AND item = $3 ORDER BY account FOR UPDATE"""
RESERVED = "SELECT count(*) FROM attempt WHERE station = $1 AND state = 'reserved'"
BALANCES = "SELECT place, item, account, n FROM stock WHERE office = $1 AND ($2::text IS NULL OR place = $2) ORDER BY 1, 2, 3"
ANNOUNCE = """INSERT INTO delivery (office, note_number, place, blanks, expected_at, actor) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (office, note_number) DO UPDATE SET expected_at = EXCLUDED.expected_at, blanks = EXCLUDED.blanks,
  place = EXCLUDED.place WHERE delivery.received_at IS NULL"""
RECEIVE = """INSERT INTO delivery (office, note_number, place, blanks, expected_at, received_at, actor)
VALUES ($1, $2, $3, $4, backbone.now(), backbone.now(), $5)
ON CONFLICT (office, note_number) DO UPDATE SET received_at = backbone.now(), blanks = EXCLUDED.blanks,
  place = EXCLUDED.place, actor = EXCLUDED.actor WHERE delivery.received_at IS NULL RETURNING note_number"""
DELIVERY = "SELECT * FROM delivery WHERE office = $1 AND note_number = $2"
DELIVERIES = "SELECT * FROM delivery WHERE office = $1 ORDER BY expected_at DESC LIMIT 50"


class Short(Exception):
    """An account holds less than was asked of it."""


class NoAccounts(LookupError):
    """There is no such place in this office."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A move at a place, for an attempt where there is one."""

    place: str
    move: Move
    attempt_id: UUID | None = None


async def open_accounts(tx: Transaction, office: str, place: str) -> None:
    """Balances of nothing for a new place."""
    await tx.execute(OPEN, office, place, BLANK, list(ACCOUNTS))


async def post(
    tx: Transaction,
    office: str,
    entries: Sequence[Entry],
    *,
    actor: str,
    note_number: str | None = None,
    second_person: str | None = None,
    reason: str | None = None,
) -> None:
    """Write the moves and keep the balances.

    Raises Short where an account would fall below nothing (the database says so), NoAccounts for an unknown place; the
    transaction must not go on after either.
    """
    if not entries:
        return
    columns = zip(
        *((e.place, e.move.source, e.move.target, e.move.n, e.move.cause, e.attempt_id) for e in entries),
        strict=True,
    )
    try:
        rows = await tx.fetch(
            POST, office, *(list(c) for c in columns), BLANK, note_number, actor, second_person, reason
        )
    except asyncpg.CheckViolationError:
        raise Short from None
    touched = {(e.place, account) for e in entries for account in (e.move.source, e.move.target)}
    if len(rows) != len(touched):
        raise NoAccounts(f"no stock accounts for {sorted({e.place for e in entries})}")


async def hold(tx: Transaction, office: str, place: str) -> dict[str, int]:
    """The balances of a place, held still until the transaction ends. Raises NoAccounts."""
    found = {row["account"]: row["n"] for row in await tx.fetch(HOLD, office, place, BLANK)}
    if not found:
        raise NoAccounts(place)
    return found


async def reserved(tx: Transaction, station: str) -> int:
    """Blanks of cards that are reserved and not armed: they lie in the hopper with the others."""
    return int(await tx.fetchval(RESERVED, station))


async def balances(reader: Reader, office: str, place: str | None = None) -> list[Row]:
    return await reader.fetch(BALANCES, office, place)


async def announce(
    tx: Transaction, office: str, note_number: str, place: str, blanks: int, expected_at: datetime, actor: str
) -> int:
    """Tell of a delivery to come; 0 where it came already."""
    return await tx.execute(ANNOUNCE, office, note_number, place, blanks, expected_at, actor)


async def receive(
    tx: Transaction, office: str, note_number: str, place: str, blanks: int, actor: str
) -> bool:
    """Receive a delivery note once; False where it was received before."""
    return await tx.fetchval(RECEIVE, office, note_number, place, blanks, actor) is not None


async def delivery(reader: Reader, office: str, note_number: str) -> Row | None:
    return await reader.fetchrow(DELIVERY, office, note_number)


async def deliveries(reader: Reader, office: str) -> list[Row]:
    return await reader.fetch(DELIVERIES, office)

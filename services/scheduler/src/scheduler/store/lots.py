"""Lots of blanks: what came together, what of it went back, and which serials it may bear."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from backbone.database import Reader, Row, Transaction
from scheduler.domain.serials import NoSerial, SerialRange, parse

LOCK_OFFICE = "SELECT code FROM office WHERE code = $1 FOR NO KEY UPDATE"
ADD = """INSERT INTO lot AS l (office, lot, note_number, blanks, serial_prefix, serial_width, serial_first, serial_last)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (office, lot) DO UPDATE SET
  serial_prefix = coalesce(l.serial_prefix, EXCLUDED.serial_prefix), serial_width = coalesce(l.serial_width, EXCLUDED.serial_width),
  serial_first = coalesce(l.serial_first, EXCLUDED.serial_first), serial_last = coalesce(l.serial_last, EXCLUDED.serial_last)
WHERE l.note_number = EXCLUDED.note_number AND l.blanks = EXCLUDED.blanks AND (l.serial_first IS NULL
  OR EXCLUDED.serial_first IS NULL OR (l.serial_prefix, l.serial_width, l.serial_first)
    = (EXCLUDED.serial_prefix, EXCLUDED.serial_width, EXCLUDED.serial_first))
RETURNING lot"""
OVERLAPS = """SELECT lot FROM lot WHERE office = $1 AND lot <> $2 AND serial_prefix = $3 AND serial_width = $4
AND serial_first <= $6 AND serial_last >= $5 LIMIT 1"""
KNOWN = """SELECT CASE WHEN EXISTS (SELECT 1 FROM lot WHERE office = $1 AND serial_first IS NOT NULL)
  THEN EXISTS (SELECT 1 FROM lot WHERE office = $1 AND serial_prefix = $2 AND serial_width = $3
    AND $4 BETWEEN serial_first AND serial_last)
  ELSE true END"""
RETURNED = "UPDATE lot SET returned = returned + $3 WHERE office = $1 AND lot = $2 RETURNING lot"
OF_NOTE = "SELECT * FROM lot WHERE office = $1 AND note_number = $2 ORDER BY lot"
LIST = "SELECT * FROM lot WHERE office = $1 ORDER BY received_at DESC, lot LIMIT 200"


class Overlaps(Exception):
    """Another lot of the office has some of these serials."""


class OtherLot(Exception):
    """The lot is on record with other contents."""


class TooMany(Exception):
    """More would go back of a lot than came with it."""


@dataclass(frozen=True, kw_only=True)
class Lot:
    """`blanks` that came together; `serials` where the maker numbered them and the office wrote it down."""

    lot: str
    blanks: int
    serials: SerialRange | None = None


async def add(tx: Transaction, office: str, note_number: str, lots: Sequence[Lot]) -> None:
    """Enter lots of a note; a range may be told later. Raises OtherLot, Overlaps."""
    if any(lot.serials for lot in lots):
        # Two notes at once would not see each other's ranges.
        await tx.fetchval(LOCK_OFFICE, office)
    for lot in sorted(lots, key=lambda lot: lot.lot):
        told = lot.serials
        columns = (told.prefix, told.width, told.first, told.last) if told else (None,) * 4
        if told and await tx.fetchval(OVERLAPS, office, lot.lot, *columns):
            raise Overlaps
        if await tx.fetchval(ADD, office, lot.lot, note_number, lot.blanks, *columns) is None:
            raise OtherLot


async def knows(reader: Reader, office: str, serial: str) -> bool:
    """Whether a blank of this serial may be the office's; True while no lot of it carries a range."""
    try:
        read = parse(serial)
    except NoSerial:
        return bool(await reader.fetchval(KNOWN, office, "", 0, 0))
    return bool(await reader.fetchval(KNOWN, office, read.prefix, read.width, read.number))


async def give_back(tx: Transaction, office: str, lot: str, blanks: int) -> bool:
    """Note that some of a lot went back; False where the lot is unknown. Raises TooMany."""
    try:
        return await tx.fetchval(RETURNED, office, lot, blanks) is not None
    except asyncpg.CheckViolationError:
        raise TooMany from None


async def of_office(reader: Reader, office: str) -> list[Row]:
    return await reader.fetch(LIST, office)


async def is_office(reader: Reader, office: str) -> bool:
    return bool(await reader.fetchval("SELECT true FROM office WHERE code = $1", office))

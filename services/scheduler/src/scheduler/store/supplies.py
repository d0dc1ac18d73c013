"""Ribbon and film: what is loaded, what it has made, what the last ones made; and the office's pace."""

from typing import Any

from backbone.database import Reader, Row, Transaction

# By arming, since a card that was armed before took of the roll before; `closed_at` is what the index knows.
USED = """(SELECT count(*) FROM attempt a WHERE a.office = s.office AND a.closed_at >= s.loaded_at AND a.station = s.station
    AND a.state IN ('printed', 'spoiled') AND a.armed_at >= s.loaded_at)
  + (SELECT coalesce(sum(p.n), 0) FROM paper p WHERE p.office = s.office AND p.kind = 'test_card' AND p.place = s.station
    AND p.detail ->> 'cause' = 'test_card' AND p.at >= s.loaded_at)"""
MEASURED = """ARRAY(SELECT m.cards FROM supply m WHERE m.station = s.station AND m.item = s.item AND m.used_up
    AND m.cards > 0 ORDER BY m.replaced_at DESC LIMIT 3)"""
LOADED = f"""SELECT s.*, ({USED})::int AS used, {MEASURED} AS measured FROM supply s
WHERE s.replaced_at IS NULL AND ($1 = '' OR s.office = $1 OR s.office LIKE $1 || '.%') AND ($2::text IS NULL OR s.station = $2)
ORDER BY s.station, s.item"""
BY_ROLL = "SELECT * FROM supply WHERE office = $1 AND item = $2 AND roll = $3"
LOAD = """INSERT INTO supply (office, station, item, roll, nominal, loaded_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (office, item, roll) DO NOTHING RETURNING *"""
AMEND = "UPDATE supply SET roll = coalesce($2, roll), nominal = $3, loaded_by = $4 WHERE id = $1 RETURNING *"
REPLACE = "UPDATE supply SET replaced_at = backbone.now(), cards = $2, used_up = $3 WHERE id = $1"
HISTORY = "SELECT * FROM supply WHERE station = $1 ORDER BY id DESC LIMIT 20"
# The running day is not over: it counts only where there is no other.
DAYS = """SELECT o.code AS office, t.n, t.day = (backbone.now() AT TIME ZONE o.tz)::date AS today
FROM office o JOIN tally t ON t.office = o.code AND t.cause = 'printed'
  AND t.day > (backbone.now() AT TIME ZONE o.tz)::date - 15
WHERE ($1 = '' OR o.code = $1 OR o.code LIKE $1 || '.%') ORDER BY t.day"""
BLANKS = """SELECT s.id AS station, s.office, s.state, coalesce((SELECT n FROM stock k WHERE k.office = s.office AND k.place = s.id
  AND k.item = 'blank' AND k.account = 'on_hand'), 0) AS n
FROM station s WHERE s.state <> 'retired' AND ($1 = '' OR s.office = $1 OR s.office LIKE $1 || '.%') ORDER BY s.id"""
STORES = """SELECT office, n FROM stock WHERE place = '' AND item = 'blank' AND account = 'on_hand'
AND ($1 = '' OR office = $1 OR office LIKE $1 || '.%') ORDER BY office"""
TODAY = """SELECT a.state, count(*)::int AS n FROM office o JOIN attempt a ON a.office = o.code AND a.station = $2
  AND a.state IN ('printed', 'spoiled')
  AND a.closed_at >= (backbone.now() AT TIME ZONE o.tz)::date::timestamp AT TIME ZONE o.tz
WHERE o.code = $1 GROUP BY 1"""


async def loaded(reader: Reader, prefix: str, station: str | None = None) -> list[Row]:
    """What is in the printers now, each with the cards it has made and what the last used-up ones of it made."""
    return await reader.fetch(LOADED, prefix, station)


async def by_roll(reader: Reader, office: str, item: str, roll: str) -> Row | None:
    return await reader.fetchrow(BY_ROLL, office, item, roll)


async def load(
    tx: Transaction, office: str, station: str, *, item: str, roll: str | None, nominal: int, who: str
) -> Row | None:
    """The new row; None where this roll was loaded before."""
    return await tx.fetchrow(LOAD, office, station, item, roll, nominal, who)


async def amend(tx: Transaction, supply: int, *, roll: str | None, nominal: int, who: str) -> Row:
    row = await tx.fetchrow(AMEND, supply, roll, nominal, who)
    assert row is not None
    return row


async def replace(tx: Transaction, supply: int, *, cards: int, used_up: bool) -> None:
    """Take a roll out; what it made is its measured yield where it was used up."""
    await tx.execute(REPLACE, supply, cards, used_up)


async def printed_days(reader: Reader, prefix: str) -> dict[str, list[int]]:
    """By office: cards printed on each of the last 14 days with any; today's where there is no other."""
    whole: dict[str, list[int]] = {}
    today: dict[str, list[int]] = {}
    for row in await reader.fetch(DAYS, prefix):
        (today if row["today"] else whole).setdefault(row["office"], []).append(row["n"])
    return {**today, **whole}


async def blanks(reader: Reader, prefix: str) -> list[Row]:
    """On hand at every station that is not retired."""
    return await reader.fetch(BLANKS, prefix)


async def stores(reader: Reader, prefix: str) -> dict[str, int]:
    """On hand in the offices' own stores."""
    return {row["office"]: row["n"] for row in await reader.fetch(STORES, prefix)}


async def today(reader: Reader, office: str, station: str) -> dict[str, Any]:
    """Cards of a station closed on the office's day."""
    found = {row["state"]: row["n"] for row in await reader.fetch(TODAY, office, station)}
    return {"printed": found.get("printed", 0), "spoiled": found.get("spoiled", 0)}

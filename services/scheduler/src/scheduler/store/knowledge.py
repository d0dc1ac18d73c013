"""What the scheduler knows of its world: offices, policies, the centre, the calendars."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backbone.contracts.gateway import CalendarsChanged, WindowChanged
from backbone.database import Reader, Row, Transaction

ADD_OFFICES = """WITH new AS (INSERT INTO office (code, tz, account)
    SELECT code, $2, $3 FROM unnest($1::text[]) code ORDER BY 1 ON CONFLICT DO NOTHING RETURNING code),
turns AS (INSERT INTO release_turn (office, stage) SELECT code, stage FROM new, unnest(ARRAY['verify', 'print']) stage)
INSERT INTO policy (office, version, valid_from, rules, author, reason)
SELECT code, 1, '-infinity', $4, 'cetak', 'default' FROM new RETURNING office"""
SET_OFFICE = "UPDATE office SET print_after_close = $2 WHERE code = $1 AND print_after_close <> $2"
POLICY = """SELECT * FROM policy WHERE office = $1 AND valid_from <= backbone.now()
AND (valid_until IS NULL OR valid_until > backbone.now()) ORDER BY version DESC LIMIT 1"""
POLICIES = "SELECT * FROM policy WHERE office = $1 ORDER BY version DESC LIMIT 100"
ADD_POLICY = """INSERT INTO policy (office, version, valid_from, valid_until, rules, author, reason)
SELECT $1, 1 + max(version), coalesce($2, backbone.now()), $3, $4, $5, $6 FROM policy WHERE office = $1 RETURNING *"""
LOCK_TURNS = "SELECT stage FROM release_turn WHERE office = $1 ORDER BY stage FOR UPDATE"
NEXT_POLICY = "SELECT min(m) FROM (SELECT valid_from AS m FROM policy UNION ALL SELECT valid_until FROM policy) x WHERE m > backbone.now()"
CENTRE = """INSERT INTO centre VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (account) DO UPDATE SET
version = EXCLUDED.version, state = EXCLUDED.state, cause = EXCLUDED.cause, closes_at = EXCLUDED.closes_at,
opens_at = EXCLUDED.opens_at, calls_per_hour = EXCLUDED.calls_per_hour, quota_left = EXCLUDED.quota_left,
call_seconds = EXCLUDED.call_seconds, approval_hours = EXCLUDED.approval_hours, at = EXCLUDED.at
WHERE centre.version < EXCLUDED.version"""
CALENDARS = """INSERT INTO calendars (id, version, calendars) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET
version = EXCLUDED.version, calendars = EXCLUDED.calendars WHERE calendars.version < EXCLUDED.version"""


async def add_offices(
    tx: Transaction, codes: Sequence[str], tz: str, account: str, rules: dict[str, Any]
) -> list[str]:
    """Make offices that are not there yet, with their turns and first policy; the new ones."""
    return [row["office"] for row in await tx.fetch(ADD_OFFICES, list(codes), tz, account, rules)]


async def policy(reader: Reader, office: str) -> Row | None:
    return await reader.fetchrow(POLICY, office)


async def add_policy(
    tx: Transaction,
    office: str,
    *,
    valid_from: datetime | None,
    valid_until: datetime | None,
    rules: dict[str, Any],
    author: str,
    reason: str,
) -> Row:
    """A new version, serialised with releases by their turns."""
    await tx.fetch(LOCK_TURNS, office)
    row = await tx.fetchrow(ADD_POLICY, office, valid_from, valid_until, rules, author, reason)
    assert row is not None
    return row


async def set_centre(tx: Transaction, said: WindowChanged) -> int:
    """Keep the newest word on an account."""
    return await tx.execute(
        CENTRE,
        said.account,
        said.version,
        said.state,
        said.cause,
        said.closes_at,
        said.opens_at,
        said.calls_per_hour,
        said.quota_left,
        said.call_seconds,
        said.approval_hours,
        said.at,
    )


async def set_calendars(tx: Transaction, said: CalendarsChanged) -> int:
    return await tx.execute(CALENDARS, said.version, said.calendars)


async def calendars(reader: Reader) -> Row | None:
    return await reader.fetchrow("SELECT version, calendars FROM calendars")

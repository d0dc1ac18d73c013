"""Accounts: the permit, their state, their days' reports."""

from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backbone.database import Reader, Row, Transaction
from datacenter_gateway.domain.account import Account
from datacenter_gateway.domain.permit import SMALL, SPREAD, Look
from datacenter_gateway.domain.report import Report

_GAP = "coalesce(make_interval(secs => 3600.0 / a.calls_per_hour), interval '0')"
_IN_FLIGHT = (
    "SELECT count(*) FROM request WHERE account = $1 AND state = 'calling' AND due_at > backbone.now()"
)
_SECONDS_TO_CLOSE = "extract(epoch FROM a.closes_at - backbone.now())::float8"


def _permitted(calls: int) -> str:
    """The terms of `permit.explain`, for the first of so many calls that belong together."""
    state = "a.state = 'open'" if calls > 1 else "(a.state = 'open' OR a.block = 'closing')"
    held = f" + ({_IN_FLIGHT})" if calls > 1 else ""
    return f"""{state} AND (a.quota_left IS NULL OR a.quota_left >= {calls}{held})
  AND (a.last_start IS NULL OR a.last_start + {_GAP} <= backbone.now())
  AND (a.closes_at IS NULL
    OR backbone.now() + make_interval(secs => {calls * SPREAD} * a.call_seconds + {SMALL}) + {calls - 1} * {_GAP} <= a.closes_at)
  AND (NOT a.probation OR a.probe_until IS NULL OR a.probe_until <= backbone.now())"""


def _permit(calls: int, method: str) -> str:
    """Start a call for the row of `next`; sets that row's claim. $1 account, $2 claim, $3 lease in seconds."""
    return f"""
permit AS (UPDATE account a SET last_start = backbone.now(), quota_left = a.quota_left - 1,
    turn = greatest(a.turn, next.turn),
    probe_until = CASE WHEN a.probation THEN backbone.now() + $3 * interval '1 s' END
  FROM next WHERE a.name = $1 AND {_permitted(calls)}
  RETURNING a.last_start AS at, a.quota_left, a.report_day, a.closes_at, a.probation, a.approval_hours, {_GAP} AS gap,
    greatest({_GAP}, make_interval(secs => a.call_seconds)) AS busy),
logged AS (INSERT INTO call_start (account, at, method, closes_at) SELECT $1, at, '{method}', closes_at FROM permit),
reported AS (UPDATE window_day d SET starts = d.starts + 1, booked_until = greatest(d.booked_until, p.at + p.busy),
    wasted_no_requests = d.wasted_no_requests + greatest(0, extract(epoch FROM p.at - d.booked_until)::float8)
  FROM permit p WHERE d.account = $1 AND d.day = p.report_day)
UPDATE request r SET state = 'calling', claim = $2, due_at = p.at + $3 * interval '1 s' + 8 * p.gap
FROM next n, permit p WHERE r.application_id = n.application_id
RETURNING r.application_id, r.round, r.office, r.reason, r.sealed, r.claim, p.at, p.probation, p.quota_left, p.approval_hours,
  EXISTS (SELECT FROM request o WHERE o.account = $1 AND o.application_id <> n.application_id) AS others"""


START_FIRST = f"""WITH next AS MATERIALIZED (SELECT application_id, turn FROM request
  WHERE account = $1 AND (state = 'queued' OR due_at <= backbone.now()) ORDER BY turn, position LIMIT 1 FOR UPDATE SKIP LOCKED),
{_permit(2, "CALL_VERIFY_BY_ELEMEN")}"""
START_SECOND = f"""WITH next AS MATERIALIZED (SELECT application_id, turn FROM request
  WHERE account = $1 AND application_id = $4 AND claim = $2 FOR UPDATE),
{_permit(1, "CALL_NIK")}"""
LOOK = f"""SELECT a.state, a.block, a.quota_left, {_SECONDS_TO_CLOSE} AS seconds_to_close, a.call_seconds,
  extract(epoch FROM {_GAP})::float8 AS gap,
  coalesce(a.last_start + {_GAP} - backbone.now(), interval '0') AS gap_left,
  CASE WHEN a.probation THEN a.probe_until - backbone.now() END AS probe_left,
  CASE WHEN $2::uuid IS NULL
    THEN EXISTS (SELECT FROM request WHERE account = $1 AND (state = 'queued' OR due_at <= backbone.now()))
    ELSE EXISTS (SELECT FROM request WHERE claim = $2) END AS waiting,
  CASE WHEN $2 IS NULL THEN ({_IN_FLIGHT}) ELSE 0 END AS in_flight,
  (SELECT min(due_at) FROM request WHERE account = $1 AND state = 'calling') - backbone.now() AS freed_in
FROM account a WHERE a.name = $1"""

_FIELDS = [field.name for field in fields(Account)]
_SAVED = [name for name in _FIELDS if name not in ("name", "last_start")]
LOCK = f"SELECT {', '.join(_FIELDS)} FROM account WHERE name = $1 FOR NO KEY UPDATE"
READ = LOCK.removesuffix(" FOR NO KEY UPDATE")
NOW = "SELECT backbone.now()"
SETTLED = "SELECT max(settled_at) FROM window_day WHERE account = $1"
SAVE = f"""UPDATE account SET {", ".join(f"{name} = ${n}" for n, name in enumerate(_SAVED, 2))},
  probe_until = CASE WHEN probation AND ${_SAVED.index("probation") + 2} THEN probe_until END WHERE name = $1"""
MAKE = """INSERT INTO account (name, prefix, state, cause, quota_day, call_seconds, approval_hours, report_day, quota_left)
VALUES ($1, $2, 'closed', 'starting', $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"""
REMEMBER = """INSERT INTO window_change (account, version, state, cause, closes_at, opens_at, author)
VALUES ($1, $2, $3, $4, $5, $6, $7)"""

_REPORT = [field.name for field in fields(Report)]
DAY = f"SELECT {', '.join(_REPORT)} FROM window_day WHERE account = $1 AND day = $2"
DAYS = f"SELECT {', '.join(_REPORT)} FROM window_day WHERE account = $1 ORDER BY day DESC LIMIT $2"
SAVE_DAY = f"""INSERT INTO window_day (account, {", ".join(_REPORT)})
VALUES ($1, {", ".join(f"${n}" for n in range(2, len(_REPORT) + 2))})
ON CONFLICT (account, day) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _REPORT[1:])}"""


async def start_first(reader: Reader, account: str, claim: UUID, lease: float) -> Row | None:
    """Claim the request that stands first and start its first call; None where there is none, or no permit."""
    return await reader.fetchrow(START_FIRST, account, claim, lease)


async def start_second(
    reader: Reader, account: str, claim: UUID, lease: float, application_id: UUID
) -> Row | None:
    """Start the second call of a claimed request; None where the claim is gone, or there is no permit."""
    return await reader.fetchrow(START_SECOND, account, claim, lease, application_id)


async def look(reader: Reader, account: str, claim: UUID | None = None) -> tuple[Look, timedelta | None]:
    """What a refused permit sees; and in how long the earliest started request is freed."""
    row = await reader.fetchrow(LOOK, account, claim)
    assert row is not None
    values = dict(row)
    freed_in: timedelta | None = values.pop("freed_in")
    return Look(**values), freed_in


async def lock(tx: Transaction, name: str) -> tuple[Account, datetime]:
    """The account, held until the transaction ends, and the database's time after the lock."""
    row = await tx.fetchrow(LOCK, name)
    assert row is not None
    return Account(**dict(row)), await tx.fetchval(NOW)


async def read(reader: Reader, name: str) -> Account:
    row = await reader.fetchrow(READ, name)
    assert row is not None
    return Account(**dict(row))


async def save(tx: Transaction, account: Account) -> None:
    values: dict[str, Any] = asdict(account)
    await tx.execute(SAVE, account.name, *(values[name] for name in _SAVED))


async def remember(tx: Transaction, account: Account, author: str) -> None:
    """Append the announced state to the history."""
    await tx.execute(
        REMEMBER,
        account.name,
        account.version,
        account.state,
        account.cause,
        account.closes_at,
        account.opens_at,
        author,
    )


async def day(reader: Reader, account: str, of: date) -> Report | None:
    row = await reader.fetchrow(DAY, account, of)
    return None if row is None else Report(**dict(row))


async def days(reader: Reader, account: str, limit: int) -> list[Report]:
    """The latest days' reports, the newest first."""
    return [Report(**dict(row)) for row in await reader.fetch(DAYS, account, limit)]


async def save_day(tx: Transaction, account: str, report: Report) -> None:
    values = asdict(report)
    await tx.execute(SAVE_DAY, account, *(values[name] for name in _REPORT))

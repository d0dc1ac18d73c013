"""Whether a schedule ended well: all is drained in time, the ten promises hold by outside witnesses, nobody died unasked."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import asyncpg

from backbone.embedded_postgres import OWNER
from onebox.audit import Witnesses, audit
from onebox.audit.check import read_log

from .ground import Ground
from .nemesis import as_owner
from .people import Person

PATIENCE = 60.0
"""Seconds after healing, in which all must be drained and every promise hold."""
SECOND_ASKING = 30.0
"""Where the broker lost nothing, nothing may have to wait for the sweeps: they ask again 36 s after the last word."""

ENDS = "('printed', 'collected', 'refused', 'withdrawn', 'lapsed')"
LEFT = f"""SELECT what, n FROM (
  SELECT 'not ended in intake' AS what, count(*) AS n FROM intake.application WHERE state NOT IN {ENDS}
  UNION ALL SELECT 'unknown to the scheduler', count(*) FROM intake.application a
    WHERE NOT EXISTS (SELECT 1 FROM scheduler.application s WHERE s.id = a.id)
  UNION ALL SELECT 'not ended in the scheduler', count(*) FROM scheduler.application WHERE state NOT IN {ENDS}
  UNION ALL SELECT 'attempts open', count(*) FROM scheduler.attempt WHERE state IN ('reserved', 'armed', 'uncertain')
  UNION ALL SELECT 'requests at the gateway', count(*) FROM gateway.request
  UNION ALL SELECT 'owed by intake', count(*) FROM intake.outbox
  UNION ALL SELECT 'owed by the scheduler', count(*) FROM scheduler.outbox
  UNION ALL SELECT 'owed by the gateway', count(*) FROM gateway.outbox
  UNION ALL SELECT 'dead letters', (SELECT count(*) FROM intake.dead_letter WHERE settled_at IS NULL)
    + (SELECT count(*) FROM scheduler.dead_letter WHERE settled_at IS NULL)
    + (SELECT count(*) FROM gateway.dead_letter WHERE settled_at IS NULL)) x WHERE n > 0"""
STUCK = f"""SELECT a.id, a.state AS intake, a.state_seq, a.first_status_at, a.resend_at, s.state AS scheduler, s.seq, s.round,
  s.due_at, r.state AS request, r.due_at AS lease, w.round AS answered
FROM intake.application a LEFT JOIN scheduler.application s USING (id) LEFT JOIN gateway.request r ON r.application_id = a.id
  LEFT JOIN gateway.answer w ON w.application_id = a.id
WHERE a.state NOT IN {ENDS} OR s.state IS DISTINCT FROM a.state ORDER BY a.received_at LIMIT 20"""
INCIDENTS = "SELECT id, kind, detail::text AS detail FROM scheduler.incident WHERE closed_at IS NULL"
FIGURES = """SELECT (SELECT count(*) FROM scheduler.attempt WHERE state = 'printed') AS printed,
  (SELECT count(*) FROM scheduler.attempt) AS attempts"""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Findings (none: good) and figures of one schedule."""

    findings: list[str]
    drained_after: float | None
    figures: dict[str, int] = field(default_factory=dict)


async def left(ground: Ground) -> list[str]:
    """What is not done yet, in words; ["the database"] while it does not answer."""
    try:
        rows = await as_owner(ground.postgres.login(OWNER), LEFT)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return ["the database"]
    return [f"{row['what']}: {row['n']}" for row in rows]


async def stuck(ground: Ground) -> list[str]:
    """What is known of the applications that have not come to their end, for whoever looks into it."""
    rows = await as_owner(ground.postgres.login(OWNER), STUCK)
    return [", ".join(f"{name} {value}" for name, value in row.items()) for row in rows]


async def drain(ground: Ground, healed: Callable[[], float]) -> tuple[float | None, list[str]]:
    """Seconds from `healed()` (monotonic, may become later) until nothing was left, or None and what then still was."""
    while what := await left(ground):
        if time.monotonic() - healed() > PATIENCE:
            return None, what
        await asyncio.sleep(0.3)
    return time.monotonic() - healed(), []


async def judge(ground: Ground, accepted: Sequence[str], people: Sequence[Person]) -> list[str]:
    """The audit with every outside witness, and what it cannot see: deaths nobody asked for, open incidents."""
    witnesses = Witnesses(
        accepted=accepted,
        prints=read_log(*ground.print_logs()),
        calls=[call for call in read_log(ground.call_log) if "started_at" in call and "method" in call],
        canaries=[fact for person in people for fact in (person["nik"], person["full_name"])],
        texts=ground.texts(),
    )
    found = [
        f"{one.check}: {one.subject} {one.detail}" for one in await audit(ground.login("audit"), witnesses)
    ]
    incidents = await as_owner(ground.postgres.login(OWNER), INCIDENTS)
    found += [f"incident {row['id']}: {row['kind']} {row['detail']}" for row in incidents]
    return found + ground.deaths()


async def figures(ground: Ground) -> dict[str, int]:
    (row,) = await as_owner(ground.postgres.login(OWNER), FIGURES)
    return dict(row)

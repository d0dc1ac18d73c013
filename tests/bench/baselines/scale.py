"""What one would pick instead from one big table: a textbook's two forms, and Procrastinate's own SQL.

All pick and mark a hundred of the same number of waiting rows, each pick committed. The textbook has one order for all:
no lanes, no claims, no history, no messages. Procrastinate has no pick of many: it is asked a hundred times.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

BATCH = 100
JOBS = """CREATE TABLE bench.job (id bigint PRIMARY KEY, priority int NOT NULL, received_at timestamptz NOT NULL,
  state text NOT NULL, payload bytea NOT NULL);
INSERT INTO bench.job SELECT n, n % 10, now() - n * interval '15 s', 'waiting', decode(repeat('ab', 200), 'hex')
FROM generate_series(1, {waiting}) n;
CREATE INDEX ideal ON bench.job (priority, received_at, id) WHERE state = 'waiting'"""
PICK = """WITH picked AS (SELECT id FROM bench.job WHERE state = 'waiting' ORDER BY {order}
  LIMIT 100 FOR UPDATE SKIP LOCKED)
UPDATE bench.job j SET state = 'doing' FROM picked WHERE j.id = picked.id RETURNING j.id"""
IDEAL = PICK.format(order="priority, received_at, id")
AGEING = PICK.format(order="priority * 3600 - extract(epoch FROM now() - received_at), id")
SCHEMA = "python3*/site-packages/procrastinate/sql/schema.sql"
QUEUE = """INSERT INTO procrastinate_jobs (queue_name, task_name, priority)
SELECT 'cards', 'print', n % 10 FROM generate_series(1, {waiting}) n"""
FETCH = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['cards']::varchar[], $1)"
Pick = Callable[[], Awaitable[Any]]


async def textbook(connection: Any, waiting: int) -> dict[str, Pick]:
    """Make its table; the picks by name."""
    await connection.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
    await connection.execute(JOBS.format(waiting=waiting), timeout=3600)
    await connection.execute("VACUUM ANALYZE bench.job", timeout=3600)

    async def pick(sql: str) -> None:
        assert len(await connection.fetch(sql, timeout=600)) == BATCH

    return {
        "textbook pick of 100, ideal index": lambda: pick(IDEAL),
        "textbook pick of 100, ordered by ageing": lambda: pick(AGEING),
    }


async def procrastinate(connection: Any, waiting: int) -> dict[str, Pick]:
    """The same of Procrastinate's schema, where it is installed (`make bench-frameworks`); else nothing."""
    schema = _schema()
    if schema is None:
        return {}
    await connection.execute("DROP SCHEMA IF EXISTS procrastinate CASCADE; CREATE SCHEMA procrastinate")
    await connection.execute("SET search_path = procrastinate")
    await connection.execute(schema)
    worker = await connection.fetchval("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
    # The history it writes by triggers for each job that comes is none of what is measured.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(QUEUE.format(waiting=waiting), timeout=3600)
    await connection.execute("SET session_replication_role = origin")
    await connection.execute("VACUUM ANALYZE procrastinate_jobs", timeout=3600)

    async def pick() -> None:
        for _ in range(BATCH):
            assert await connection.fetchval(FETCH, worker)

    return {"Procrastinate, 100 picks": pick}


def _schema() -> str | None:
    found = next(Path("var/bench-venv/lib").glob(SCHEMA), None)
    return None if found is None else re.sub(r"(?m)^CREATE EXTENSION.*$", "", found.read_text())

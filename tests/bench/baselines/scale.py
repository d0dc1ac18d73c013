"""What one would pick instead from one big table: a textbook's two forms, and Procrastinate's own SQL.

All pick and mark a hundred of the same number of waiting rows, each pick committed. The textbook has no lanes, no claims,
no history, no messages: one order for all, or one an office, whose rows lie scattered among the others' as they came.
Procrastinate has no pick of many: it is asked a hundred times.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

BATCH = 100
JOBS = """CREATE TABLE bench.job (id bigint PRIMARY KEY, office int NOT NULL, priority int NOT NULL,
  received_at timestamptz NOT NULL, state text NOT NULL, payload bytea NOT NULL);
INSERT INTO bench.job SELECT n, n % {offices}, n / {offices} % 10, now() - n * interval '15 s', 'waiting',
  decode(repeat('ab', 200), 'hex') FROM generate_series(1, {waiting}) n;
CREATE INDEX ideal ON bench.job ({order}) WHERE state = 'waiting'"""
PICK = """WITH picked AS (SELECT id FROM bench.job WHERE state = 'waiting' {whose} ORDER BY {order}
  LIMIT 100 FOR UPDATE SKIP LOCKED)
UPDATE bench.job j SET state = 'doing' FROM picked WHERE j.id = picked.id RETURNING j.id"""
ORDER = "priority, received_at, id"
IDEAL = PICK.format(whose="", order=ORDER)
OF_ONE_OFFICE = PICK.format(whose="AND office = 0", order=ORDER)
AGEING = PICK.format(whose="", order="priority * 3600 - extract(epoch FROM now() - received_at), id")
SCHEMA = "python3*/site-packages/procrastinate/sql/schema.sql"
QUEUE = """INSERT INTO procrastinate_jobs (queue_name, task_name, priority)
SELECT 'cards', 'print', n % 10 FROM generate_series(1, {waiting}) n"""
FETCH = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['cards']::varchar[], $1)"
Pick = Callable[[], Awaitable[Any]]


async def textbook(connection: Any, waiting: int) -> dict[str, Pick]:
    """Its picks by name, from one order for all; its table is made."""
    await _make(connection, waiting, 1, ORDER)
    return {
        "textbook pick of 100, ideal index": lambda: _pick(connection, IDEAL),
        "textbook pick of 100, ordered by ageing": lambda: _pick(connection, AGEING),
    }


async def textbook_of_offices(connection: Any, waiting: int, offices: int) -> dict[str, Pick]:
    """The ideal index's pick by name, from an order an office; its table is made."""
    await _make(connection, waiting, offices, f"office, {ORDER}")
    return {"textbook pick of 100, ideal index, an office's": lambda: _pick(connection, OF_ONE_OFFICE)}


async def _make(connection: Any, waiting: int, offices: int, order: str) -> None:
    await connection.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
    await connection.execute(JOBS.format(waiting=waiting, offices=offices, order=order), timeout=3600)
    await connection.execute("VACUUM ANALYZE bench.job", timeout=3600)


async def _pick(connection: Any, sql: str) -> None:
    assert len(await connection.fetch(sql, timeout=600)) == BATCH


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

"""What one would pick instead from one big table: a textbook's two forms, and Procrastinate's own SQL.

All pick and mark a hundred of the same number of waiting rows, each pick committed. The textbook has no claims, no
history, no messages, and its ideal index serves one lane: in a table of one lane, whose first rows lie side by side, or in
one of many, whose lanes lie scattered as people came. Procrastinate has no pick of many: it is asked a hundred times.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

BATCH = 100
JOBS = """CREATE TABLE bench.{table} (id bigint PRIMARY KEY, lane int NOT NULL, priority int NOT NULL,
  received_at timestamptz NOT NULL, state text NOT NULL, payload bytea NOT NULL);
INSERT INTO bench.{table} SELECT n, n % {lanes}, n / {lanes} % 10, now() - n * interval '15 s', 'waiting',
  decode(repeat('ab', 200), 'hex') FROM generate_series(1, {waiting}) n;
CREATE INDEX ON bench.{table} (lane, priority, received_at, id) WHERE state = 'waiting'"""
PICK = """WITH picked AS (SELECT id FROM bench.{table} WHERE state = 'waiting' {lane} ORDER BY {order}
  LIMIT 100 FOR UPDATE SKIP LOCKED)
UPDATE bench.{table} j SET state = 'doing' FROM picked WHERE j.id = picked.id RETURNING j.id"""
BY_INDEX = "priority, received_at, id"
BY_AGEING = "priority * 3600 - extract(epoch FROM now() - received_at), id"
PUT_BACK = "UPDATE bench.{table} SET state = 'waiting' WHERE state = 'doing'"
SCHEMA = "python3*/site-packages/procrastinate/sql/schema.sql"
QUEUE = """INSERT INTO procrastinate_jobs (queue_name, task_name, priority)
SELECT 'cards', 'print', n % 10 FROM generate_series(1, {waiting}) n"""
FETCH = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['cards']::varchar[], $1)"
Pick = Callable[[], Awaitable[Any]]


class Textbook:
    """A table of so many lanes of equal length."""

    def __init__(self, connection: Any, lanes: int) -> None:
        self._connection = connection
        self._table = f"job_of_{lanes}"
        self._lanes = lanes
        self.put_back = PUT_BACK.format(table=self._table)

    async def make(self, waiting: int) -> None:
        sql = JOBS.format(table=self._table, waiting=waiting, lanes=self._lanes)
        await self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS bench; {sql}", timeout=3600)
        await self._connection.execute(f"VACUUM ANALYZE bench.{self._table}", timeout=3600)

    async def ideal(self) -> None:
        """The first hundred of one lane, by the index made for that."""
        await self._pick("AND lane = 0", BY_INDEX)

    async def ageing(self) -> None:
        """The first hundred of all by an expression that changes with time, as textbooks cure starvation."""
        await self._pick("", BY_AGEING)

    async def _pick(self, lane: str, order: str) -> None:
        sql = PICK.format(table=self._table, lane=lane, order=order)
        assert len(await self._connection.fetch(sql, timeout=600)) == BATCH


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

"""The machine's limits for an import, by one process: rows copied, with and without indexes, and persons sealed."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import asyncpg
from tests.bench.stage import Stage

from backbone.ids import Ids
from intake.store.imported import NewRow
from intake.use_cases.people import Person, seal_both

ROWS = 50_000
PERSON = Person(
    nik="2102030501909001",
    full_name="BUDI SANTOSO SPECIMEN",
    birth_date=date(1990, 1, 5),
    sex="M",
    phone=None,
)
BARE = "CREATE TABLE public.bench_copy (LIKE intake.application INCLUDING DEFAULTS)"


async def limits(stage: Stage) -> dict[str, int]:
    """Rows a second."""
    connection = await asyncpg.connect(**stage.owner("textbook").arguments())
    try:
        await connection.execute(BARE)
        rows = _rows(stage)
        bare = await _copied(connection, "public", "bench_copy", rows)
        indexed = await _copied(connection, "intake", "application", rows)
        await connection.execute("DROP TABLE public.bench_copy")
    finally:
        await connection.close()
    sealed = await asyncio.to_thread(_sealed, stage)
    return {"copied_bare": round(bare), "copied_indexed": round(indexed), "sealed": round(sealed)}


async def _copied(connection: asyncpg.Connection, schema: str, table: str, rows: list[NewRow]) -> float:
    records = [(*row[:10], "[]", *row[11:]) for row in rows]
    began = perf_counter()
    await connection.copy_records_to_table(
        table, schema_name=schema, columns=list(NewRow._fields), records=records
    )
    return len(rows) / (perf_counter() - began)


def _rows(stage: Stage) -> list[NewRow]:
    now, ids = stage.clock.now(), Ids(stage.clock)
    batch = ids.new()

    def row(n: int) -> NewRow:
        new, hashed = ids.new(), secrets.token_bytes(32)
        return NewRow(
            *(new, new.hex[16:], f"L-{n:07}", "21.02.03", "data_change", now, hashed, "9001"),
            *(secrets.token_bytes(190), hashed, [], "21.02", "limit", batch, now + timedelta(minutes=10)),
        )

    return [row(n) for n in range(ROWS)]


def _sealed(stage: Stage) -> float:
    keys = stage.spec.keys()
    return _rate(lambda: seal_both(keys.storage, keys.courier, "0" * 36, PERSON))


def _rate(work: Callable[[], Any]) -> float:
    began = perf_counter()
    for _ in range(ROWS):
        work()
    return ROWS / (perf_counter() - began)

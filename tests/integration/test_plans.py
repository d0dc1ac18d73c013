"""The plan that a statement gets while an office is new must do when it owes a million cards: it is kept."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
from tests.bench.backlog_generator import Backlog, load

from backbone.database import Database, Reader
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from intake.store import applications as intake_applications
from intake.store import imports, postings
from scheduler.domain.ledger import ACCOUNTS
from scheduler.store import applications as scheduler_applications
from scheduler.store import attempts, lanes

KEYED = {
    "intake": (
        *(
            getattr(intake_applications, name)
            for name in ("STATUS", "RANKED", "STILL_UNHEARD_OF", "LOCK", "OF_PERSON", "OF_RECEIPT")
        ),
        *(imports.LOOK, postings.IN_THE_WAY),
    ),
    "scheduler": (
        *(
            getattr(scheduler_applications, name)
            for name in ("MOVE", "NOTE", "CHANGE_LANE", "BY_IDS", "LOCK")
        ),
        *(attempts.ARM, attempts.OUTCOME),
    ),
}
"""By service, what names its rows by their keys."""
FEW = """INSERT INTO application (id, office, receipt_number, source, district_code, reason, device, person_hash, nik_last4,
  person, resend_at)
SELECT gen_random_uuid(), '21.02', n::text, 'kiosk', '21.02.03', 'lost', 'kiosk-1', sha256(n::text::bytea), '9001',
  repeat('s', 200)::bytea, now() FROM generate_series(1, 60) n"""
FIRST = """SELECT i.indexrelid::regclass::text AS index, pg_get_indexdef(i.indexrelid, 1, true) AS first FROM pg_index i
WHERE i.indrelid = 'application'::regclass"""
ARITY = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'kept'"


@pytest.fixture
async def fresh(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A database of its own in which nothing was ever stored."""
    owner = await asyncpg.connect(**postgres.login(OWNER, database="postgres").arguments())
    await owner.execute("CREATE DATABASE plans TEMPLATE cetak STRATEGY file_copy")
    yield "plans"
    await owner.execute("DROP DATABASE plans (FORCE)")
    await owner.close()


async def _fill(reader: Reader, schema: str) -> None:
    if schema == "intake":
        await reader.connection.execute(FEW)
    else:
        await load(reader.connection, Backlog(waiting=60, offices=1), ACCOUNTS)
    await reader.connection.execute("ANALYZE application")


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "sixty rows, analysed"])
@pytest.mark.parametrize("schema", sorted(KEYED))
async def test_what_names_rows_by_key_never_reads_all_applications(
    postgres: EmbeddedPostgres, fresh: str, schema: str, filled: bool
) -> None:
    database = Database(postgres.login(schema, schema, fresh))
    await database.open()
    async with database.reading() as reader:
        if filled:
            await _fill(reader, schema)
        whole = {sql[:60] for sql in KEYED[schema] if await _reads_all(reader, sql)}
    await database.close()
    assert whole == set()


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "sixty rows, analysed"])
async def test_each_order_of_a_release_is_read_by_its_own_index(
    postgres: EmbeddedPostgres, fresh: str, filled: bool
) -> None:
    database = Database(postgres.login("scheduler", "scheduler", fresh))
    await database.open()
    async with database.reading() as reader:
        if filled:
            await _fill(reader, "scheduler")
        plan = await _plan(reader, lanes.HEADS.format(eligible=lanes.FETCH["waiting"]))
    await database.close()
    assert [node["Index Name"] for node in _nodes(plan) if "Index Name" in node] == [
        "kind_order",
        "lane_order",
    ]


async def _reads_all(reader: Reader, sql: str) -> bool:
    first = {row["index"]: row["first"] for row in await reader.fetch(FIRST)}
    return any(_is_whole(node, first) for node in _nodes(await _plan(reader, sql)))


async def _plan(reader: Reader, sql: str) -> dict[str, Any]:
    """The plan that is kept for a statement."""
    await reader.connection.execute(f"PREPARE kept AS {sql}")
    values = ", ".join(["NULL"] * await reader.fetchval(ARITY))
    plan = json.loads(await reader.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE kept({values})"))
    await reader.connection.execute("DEALLOCATE kept")
    found: dict[str, Any] = plan[0]["Plan"]
    return found


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _is_whole(node: dict[str, Any], first: dict[str, str]) -> bool:
    """Whether a node goes through the table, or through an index of it by anything but a value of its first column."""
    if node["Node Type"] == "Seq Scan":
        return bool(node["Relation Name"] == "application")
    column = first.get(node.get("Index Name", ""))
    return column is not None and f"({column} = " not in node.get("Index Cond", "").replace("((", "(")

"""A database that tells of every statement what it touched: buffers, as EXPLAIN (ANALYZE, BUFFERS) counts them.

Each statement runs twice: once explained and undone, then for good. Buffers hit and buffers read count alike, so that
the number depends on the data and the plan, not on the machine or on what was cached.
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from backbone.database import Database, Reader, Transaction
from scheduler.store import applications, attempts, knowledge, lanes, stations, stock, targets, views
from scheduler.use_cases import cases, sweep

MODULES = (applications, attempts, cases, knowledge, lanes, stations, stock, sweep, targets, views)
Seen = list[tuple[str, int]]
"""Statement by name, buffers."""
TYPES = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'watched'"
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE watched"


class WatchedDatabase(Database):
    """Like its base; `seen` grows with every statement that is run."""

    seen: Seen

    def watch(self) -> Seen:
        """Begin a new list."""
        self.seen = []
        return self.seen

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        async with super().reading() as reader:
            yield Reader(_Watcher(reader.connection, self.seen))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with super().transaction() as tx:
            tx.connection = _Watcher(tx.connection, self.seen)
            yield tx


class _Watcher:
    """Stands in for an asyncpg connection."""

    def __init__(self, connection: Any, seen: Seen) -> None:
        self._connection, self._seen = connection, seen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in ("fetch", "fetchrow", "fetchval", "execute"):
            return found

        async def run(sql: str, *values: Any) -> Any:
            self._seen.append((_name(sql), await _buffers(self._connection, sql, values)))
            return await found(sql, *values)

        return run


async def _buffers(connection: Any, sql: str, values: tuple[Any, ...]) -> int:
    """The plan that a service keeps (generic), run with these values and undone."""
    undone = connection.transaction()
    await undone.start()
    try:
        await connection.execute(f"PREPARE watched AS {sql}")
        types = await connection.fetchval(TYPES)
        asked = ", ".join(f"quote_nullable(${n}::{kind}::text)" for n, kind in enumerate(types, 1))
        quoted = ", ".join(await connection.fetchrow(f"SELECT {asked}", *values)) if types else ""
        said = await connection.fetchval(EXPLAIN + (f"({quoted})" if quoted else ""))
    finally:
        await undone.rollback()
        await connection.execute("DEALLOCATE watched")
    return _total(json.loads(said)[0]["Plan"])


def _total(root: dict[str, Any]) -> int:
    """The plan's buffers, with those of its writing parts that nothing reads: they run after it and count apart."""
    nodes = list(_walk(root))
    read = {node["CTE Name"] for node in nodes if node["Node Type"] == "CTE Scan"}
    apart = [
        node
        for node in nodes
        if node.get("Subplan Name", "").startswith("CTE ") and node["Subplan Name"][4:] not in read
    ]
    return sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in (root, *apart))


def _walk(node: dict[str, Any]) -> Any:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def _name(sql: str) -> str:
    """The constant that holds the statement, or what it begins with."""
    for module in MODULES:
        for name, value in vars(module).items():
            if isinstance(value, str) and len(value) > 20 and name.isupper():
                pattern = (
                    re.escape(value)
                    .replace(re.escape("{eligible}"), ".*")
                    .replace(re.escape("{filters}"), ".*")
                    .replace(r"\{\{", r"\{")
                )
                if re.fullmatch(pattern, sql, re.DOTALL):
                    return f"{module.__name__.rsplit('.', 1)[-1]}.{name}"
    return " ".join(sql.split())[:40]

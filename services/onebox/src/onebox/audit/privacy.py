"""Promise 9: no personal data in the scheduler's tables, the messages, the dead letters, the logs."""

import re
from collections.abc import Sequence

from onebox.audit.check import World

TABLES = """SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND (table_schema = 'scheduler'
  OR table_name IN ('outbox', 'dead_letter', 'call_start', 'window_day')) ORDER BY 1"""
SEALED = ("sealed", "person", "record")
NIK = r"(^|[^0-9a-f.])[0-9]{16}([^0-9a-f]|$)"


async def no_nik_in_tables(world: World) -> Sequence[tuple[str, str]]:
    """Sixteen digits in a row stand nowhere outside sealed columns; sealed bodies travel as base64."""
    found = []
    for table in await world.reader.fetch(TABLES):
        sql = f"SELECT count(*) FROM {table['name']} t WHERE (to_jsonb(t) - $2::text[])::text ~ $1"
        n = await world.reader.fetchval(sql, NIK, list(SEALED))
        if n:
            found.append((table["name"], f"{n} rows with what looks like a NIK"))
    return found


async def no_canary_anywhere(world: World) -> Sequence[tuple[str, str]]:
    """None of the known secrets in those tables or in any of the given files. The canary itself is not told."""
    found = []
    canaries = world.witnesses.canaries
    pattern = "|".join(re.escape(canary) for canary in canaries)
    for table in await world.reader.fetch(TABLES) if canaries else []:
        sql = f"SELECT count(*) FROM {table['name']} t WHERE (to_jsonb(t) - $2::text[])::text ~ $1"
        n = await world.reader.fetchval(sql, pattern, list(SEALED))
        if n:
            found.append((table["name"], f"{n} rows with a canary"))
    for path in world.witnesses.texts:
        text = path.read_text(errors="replace") if path.exists() else ""
        found += [(str(path.name), f"canary {n}") for n, canary in enumerate(canaries) if canary in text]
    return found

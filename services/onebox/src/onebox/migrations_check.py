"""Refuses a difference between the tables in code and what the migrations make: on a database made from nothing."""

import asyncio
import sys
import tempfile
from pathlib import Path

from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.migrations import prepare, upgrade
from backbone.revisions import differences
from backbone.schemas import SCHEMAS


async def check(home: Path) -> list[str]:
    """Every difference, in words."""
    server = EmbeddedPostgres(home)
    await server.start()
    try:
        await prepare(server.login(OWNER))
        found = []
        for schema in SCHEMAS:
            login = server.login(schema, schema)
            await upgrade(login)
            found += [f"{schema}: {difference}" for difference in await differences(login)]
        return found
    finally:
        await server.stop()
        server.erase()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(check(Path(folder)))
    for difference in found:
        sys.stdout.write(difference + "\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

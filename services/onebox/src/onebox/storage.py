"""The database of a home folder: embedded, or wherever a URL points."""

from pathlib import Path

import structlog

from backbone.database import Login
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.migrations import prepare, upgrade
from backbone.schemas import SCHEMAS

log = structlog.get_logger()


class Storage:
    def __init__(self, home: Path, url: str | None = None) -> None:
        self.postgres = None if url else EmbeddedPostgres(home)
        self._url = url

    def login(self, role: str, schema: str = "public") -> Login:
        if self.postgres is None:
            return Login(role=role, schema=schema, url=self._url)
        return self.postgres.login(role, schema)

    async def open(self, *, virtual: bool = False) -> None:
        """Start the server, lay the ground, bring every schema up to date."""
        if self.postgres is not None:
            await self.postgres.start()
        if not await prepare(self.login(OWNER), virtual=virtual):
            log.info("one_role_serves")
        for schema in SCHEMAS:
            await upgrade(self.login(schema, schema))

    async def close(self, *, adopted: bool = True) -> None:
        """Stop the embedded server; `adopted`: also one that another process started."""
        if self.postgres is not None and (adopted or not self.postgres.adopted):
            await self.postgres.stop()

    async def erase(self) -> None:
        """Forget everything: only ever called on a demo's or a test's home."""
        if self.postgres is not None:
            await self.postgres.stop()
            self.postgres.erase()

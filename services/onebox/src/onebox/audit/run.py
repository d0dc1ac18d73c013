"""Runs every check in one look at the database."""

import asyncpg

from backbone.database import Login, Reader
from onebox.audit.check import Finding, Witnesses, World
from onebox.audit.promises import CHECKS


async def audit(login: Login, witnesses: Witnesses | None = None) -> list[Finding]:
    """All findings, in the promises' order; empty where every promise holds. Reads one snapshot, changes nothing."""
    connection = await asyncpg.connect(**login.arguments(), command_timeout=600)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=_json)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            world = World(reader=Reader(connection), witnesses=witnesses or Witnesses())
            return [finding for check in CHECKS for finding in await check.findings(world)]
    finally:
        await connection.close()


def _json(text: str) -> object:
    import json

    return json.loads(text)

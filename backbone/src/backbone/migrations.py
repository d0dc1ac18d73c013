"""Schemas, roles and migrations: each service has its own schema, role and Alembic history.

`prepare` lays the ground as the database's owner; `upgrade` brings one service's schema up to date as its own role.
"""

import asyncpg

from backbone.database import Login
from backbone.schemas import SCHEMAS, migrations_folder

GROUND = """
CREATE SCHEMA IF NOT EXISTS backbone;
CREATE TABLE IF NOT EXISTS backbone.clock (moment timestamptz NOT NULL);
CREATE OR REPLACE FUNCTION backbone.now() RETURNS timestamptz LANGUAGE sql STABLE AS '{body}';
GRANT USAGE ON SCHEMA backbone TO PUBLIC;
GRANT SELECT ON backbone.clock TO PUBLIC;
"""
REAL_TIME = "SELECT clock_timestamp()"
VIRTUAL_TIME = "SELECT moment FROM backbone.clock"
# Weeks in a minute: a machine that crashes may forget the last second of them, a killed process nothing.
HASTE = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {how}', current_database()); END $$"


async def prepare(owner: Login, *, virtual: bool = False) -> bool:
    """Make the schemas, one role a service and the clock's SQL mirror. False where only one role can serve.

    The clock function is STABLE so that an index serves `due_at <= backbone.now()`.
    """
    connection = await asyncpg.connect(**owner.arguments())
    try:
        await connection.execute(GROUND.format(body=VIRTUAL_TIME if virtual else REAL_TIME))
        how = "SET synchronous_commit = off" if virtual else "RESET synchronous_commit"
        await connection.execute(HASTE.format(how=how))
        many = owner.url is None and await connection.fetchval(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        for schema in SCHEMAS:
            await connection.execute(
                _role_and_schema(schema) if many else f"CREATE SCHEMA IF NOT EXISTS {schema}"
            )
        if many:
            await connection.execute(_role("audit") + "GRANT pg_read_all_data TO audit;")
        return bool(many)
    finally:
        await connection.close()


def _role(name: str) -> str:
    return f"DO $$ BEGIN CREATE ROLE {name} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"


def _role_and_schema(name: str) -> str:
    return _role(name) + f"CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {name};"


async def upgrade(login: Login) -> None:
    """Bring one service's schema to its newest version; where it is there, Alembic is not even loaded (30 MiB)."""
    if await _version(login) != _newest(login.schema):
        from backbone import revisions

        await revisions.upgrade(login)


async def _version(login: Login) -> str | None:
    """What the schema says it is at."""
    connection = await asyncpg.connect(**login.arguments())
    try:
        if await connection.fetchval("SELECT to_regclass($1)", f"{login.schema}.migration") is None:
            return None
        found: str | None = await connection.fetchval(f"SELECT version_num FROM {login.schema}.migration")
        return found
    finally:
        await connection.close()


def _newest(schema: str) -> str:
    """The newest migration's number: files are named by it."""
    return max(path.name[:4] for path in (migrations_folder(schema) / "versions").glob("[0-9]*.py"))

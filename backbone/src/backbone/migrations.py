"""Schemas, roles and migrations: each service has its own schema, role and Alembic history.

`prepare` lays the ground as the database's owner; `upgrade` brings one service's schema up to date as its own role.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from backbone.database import Login

SCHEMAS = ("intake", "scheduler", "gateway")
PACKAGES = {"intake": "intake", "scheduler": "scheduler", "gateway": "datacenter_gateway"}

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
HASTE = (
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
)


async def prepare(owner: Login, *, virtual: bool = False) -> bool:
    """Make the schemas, one role a service and the clock's SQL mirror. False where only one role can serve.

    The clock function is STABLE so that an index serves `due_at <= backbone.now()`.
    """
    connection = await asyncpg.connect(**owner.arguments())
    try:
        await connection.execute(GROUND.format(body=VIRTUAL_TIME if virtual else REAL_TIME))
        if virtual:
            await connection.execute(HASTE)
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
    """Bring one service's schema to its newest version; does nothing where it is there."""
    await _alembic(login, lambda command, config: command.upgrade(config, "head"))


async def differences(login: Login) -> list[Any]:
    """What the tables in code and the migrated schema differ in; empty where they agree."""
    found: list[Any] = []

    def compare(connection: Connection) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        context = MigrationContext.configure(connection, opts=OPTIONS)
        found.extend(compare_metadata(context, _metadata(login.schema)))

    await _with_connection(login, compare)
    return found


async def new_revision(login: Login, message: str) -> None:
    """Write a new migration file from the difference between tables in code and in the database."""
    await _alembic(login, lambda command, config: command.revision(config, message, autogenerate=True))


def run_environment(schema: str) -> None:
    """The whole of a service's Alembic `env.py`."""
    from alembic import context

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=_metadata(schema), **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


# The version table lies in the service's schema by the search path, as its other tables do.
OPTIONS: dict[str, Any] = {"version_table": "migration", "compare_server_default": False}


def _metadata(schema: str) -> MetaData:
    found: MetaData = import_module(f"{PACKAGES[schema]}.tables").METADATA
    return found


async def _alembic(login: Login, act: Any) -> None:
    def run(connection: Connection) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        package = Path(str(import_module(PACKAGES[login.schema]).__file__)).parent
        config.set_main_option("script_location", str(package / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        # Of several processes that start at once, one migrates and the others find it done.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('cetak ' || current_schema()))"))
        act(command, config)

    await _with_connection(login, run)


async def _with_connection(login: Login, act: Any) -> None:
    settings = {"search_path": login.schema, "lock_timeout": "5s"}
    engine = create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        async_creator=lambda: asyncpg.connect(**login.arguments(), server_settings=settings),
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(act)
    finally:
        await engine.dispose()

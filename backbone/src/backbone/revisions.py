"""Alembic: a service's schema brought up to date, compared with its tables, given a new revision."""

from importlib import import_module
from typing import Any

import asyncpg
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from backbone.database import Login
from backbone.schemas import PACKAGES, migrations_folder


async def upgrade(login: Login) -> None:
    """Run what is missing of a service's migrations, as its own role."""
    await _alembic(login, lambda command, config: command.upgrade(config, "head"))


async def downgrade(login: Login, revision: str) -> None:
    """Take a service's migrations back to this one."""
    await _alembic(login, lambda command, config: command.downgrade(config, revision))


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
        config.set_main_option("script_location", str(migrations_folder(login.schema)))
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

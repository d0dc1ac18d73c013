"""Migrations: what they make is what the tables in code say; running them again changes nothing."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from backbone.database import Login
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.migrations import prepare, upgrade
from backbone.revisions import differences
from backbone.schemas import SCHEMAS

EACH = pytest.mark.parametrize("schema", SCHEMAS)
TABLES = "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = $1::regnamespace ORDER BY relname"


async def run(login: Login, sql: str, *values: Any) -> list[Any]:
    connection = await asyncpg.connect(**login.arguments())
    try:
        return [tuple(row) for row in await connection.fetch(sql, *values)]
    finally:
        await connection.close()


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The name of a database with nothing in it; an awkward one."""
    owner = postgres.login(OWNER, database="postgres")
    name = f"test +&%= {secrets.token_hex(6)}"
    await run(owner, f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY file_copy')
    yield name
    await run(owner, f'DROP DATABASE "{name}" WITH (FORCE)')


@EACH
async def test_a_fresh_upgrade_makes_what_the_tables_say(
    postgres: EmbeddedPostgres, shared: str, schema: str
) -> None:
    assert await differences(postgres.login(schema, schema, shared)) == []


@EACH
async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(
    postgres: EmbeddedPostgres, shared: str, schema: str
) -> None:
    login = postgres.login(schema, schema, shared)
    before = await run(login, TABLES, schema)
    await upgrade(login)
    assert await run(login, TABLES, schema) == before


async def test_a_difference_is_found(postgres: EmbeddedPostgres, empty: str) -> None:
    await prepare(postgres.login(OWNER, database=empty))
    login = postgres.login("scheduler", "scheduler", empty)
    await upgrade(login)
    await run(login, "DROP TABLE scheduler.dead_letter")
    assert "dead_letter" in str(await differences(login))


async def test_several_that_start_at_once_migrate_once(postgres: EmbeddedPostgres, empty: str) -> None:
    await prepare(postgres.login(OWNER, database=empty))
    login = postgres.login("scheduler", "scheduler", empty)
    await asyncio.gather(upgrade(login), upgrade(login))
    assert await differences(login) == []


async def test_the_ground_is_laid_as_often_as_one_likes(postgres: EmbeddedPostgres, shared: str) -> None:
    owner = postgres.login(OWNER, database=shared)
    assert [await prepare(owner), await prepare(owner)] == [True, True]


async def test_one_role_serves_where_a_url_says_who_asks(postgres: EmbeddedPostgres, empty: str) -> None:
    url = f"postgresql://{OWNER}@/{quote(empty)}?host={quote(str(postgres.socket))}"
    assert not await prepare(Login(role="x", schema="public", url=url))
    login = Login(role="x", schema="scheduler", url=url)
    await upgrade(login)
    assert await differences(login) == []


async def test_sql_time_is_real_again_where_the_ground_is_laid_for_it(databases: Any) -> None:
    await prepare(databases.owner(), virtual=True)
    await prepare(databases.owner())
    ((same,),) = await run(databases.owner(), "SELECT backbone.now() BETWEEN now() AND clock_timestamp()")
    assert same

"""Each service logs in as its own role, and sees its own schema alone (whose rows are no business of these tests)."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from backbone.database import Login
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from backbone.schemas import SCHEMAS

LoginAs = Callable[[str], Login]


async def ask(login: Login, sql: str) -> Any:
    connection = await asyncpg.connect(**login.arguments())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture
def login_as(postgres: EmbeddedPostgres, shared: str) -> LoginAs:
    return lambda role: postgres.login(role, role, shared)


@pytest.mark.parametrize("role", [*SCHEMAS, "audit", OWNER])
async def test_each_role_logs_in_as_itself(login_as: LoginAs, role: str) -> None:
    assert await ask(login_as(role), "SELECT current_user::text") == role


@pytest.mark.parametrize("role", SCHEMAS)
@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_service_reads_its_own_schema_alone(login_as: LoginAs, role: str, schema: str) -> None:
    count = f"SELECT count(*) FROM {schema}.outbox"
    if role == schema:
        assert await ask(login_as(role), count) is not None
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(login_as(role), count)


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_the_auditor_reads_everything(login_as: LoginAs, schema: str) -> None:
    assert await ask(login_as("audit"), f"SELECT count(*) FROM {schema}.outbox") is not None


async def test_the_auditor_changes_nothing(login_as: LoginAs) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(login_as("audit"), "DELETE FROM scheduler.outbox")


async def test_a_service_cannot_turn_the_clock(login_as: LoginAs) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(login_as("scheduler"), "INSERT INTO backbone.clock VALUES (now())")

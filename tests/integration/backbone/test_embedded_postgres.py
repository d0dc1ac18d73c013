"""The embedded server: made, started, adopted, stopped."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backbone import embedded_postgres
from backbone.database import Login
from backbone.embedded_postgres import OWNER, EmbeddedPostgres, PostgresFailed

PID = "SELECT pg_postmaster_start_time()"


async def ask(login: Login, sql: str) -> Any:
    connection = await asyncpg.connect(**login.arguments())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A home whose server was made once and does not run."""
    found = tmp_path_factory.mktemp("another")
    server = EmbeddedPostgres(found)
    assert await server.start()
    await server.stop()
    yield found
    server.erase()


@pytest.fixture
async def server(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    found = EmbeddedPostgres(home)
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A home where nothing was made yet."""
    yield tmp_path
    EmbeddedPostgres(tmp_path).erase()


async def test_a_server_that_was_made_before_keeps_its_data(home: Path, server: EmbeddedPostgres) -> None:
    await ask(server.login(OWNER), "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS n")
    await server.stop()
    again = EmbeddedPostgres(home)
    assert (await again.start(), await ask(again.login(OWNER), "SELECT n FROM kept")) == (False, 7)
    await again.stop()


async def test_a_server_whose_starter_is_gone_is_adopted(home: Path, server: EmbeddedPostgres) -> None:
    since = await ask(server.login(OWNER), PID)
    second = EmbeddedPostgres(home)
    assert (await second.start(), await ask(second.login(OWNER), PID)) == (False, since)


async def test_an_adopted_server_is_stopped_too(home: Path, server: EmbeddedPostgres) -> None:
    await EmbeddedPostgres(home).stop()
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await ask(server.login(OWNER), "SELECT 1")


async def test_stopping_what_does_not_run_does_nothing(fresh: Path) -> None:
    await EmbeddedPostgres(fresh).stop()


async def test_two_homes_have_two_servers(postgres: EmbeddedPostgres, server: EmbeddedPostgres) -> None:
    first, second = [await ask(one.login(OWNER), "SHOW data_directory") for one in (postgres, server)]
    assert first != second


async def test_two_that_start_at_once_share_one_server(fresh: Path) -> None:
    first, second = EmbeddedPostgres(fresh), EmbeddedPostgres(fresh)
    made = await asyncio.gather(first.start(), second.start())
    assert sorted(made) == [False, True]
    assert await ask(first.login(OWNER), PID) == await ask(second.login(OWNER), PID)
    await first.stop()
    await second.stop()


async def test_a_stale_pid_file_that_names_another_process_is_seen_through(home: Path) -> None:
    server = EmbeddedPostgres(home)
    (server.folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    await server.start()
    assert await ask(server.login(OWNER), "SELECT 1") == 1
    await server.stop()


async def test_a_spoiled_pid_file_is_no_running_server(home: Path) -> None:
    server = EmbeddedPostgres(home)
    (server.folder / "data" / "postmaster.pid").write_text("")
    await server.stop()
    await server.start()
    await server.stop()


async def test_a_server_that_cannot_start_says_where_to_look(home: Path) -> None:
    server = EmbeddedPostgres(home)
    settings = server.folder / "data" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "nonsense = 1\n")
    with pytest.raises(PostgresFailed, match=r"its log: .*log"):
        await server.start()
    settings.write_text(good)
    assert "nonsense" in (server.folder / "log").read_text()


async def test_a_half_made_data_folder_is_made_again(fresh: Path) -> None:
    server = EmbeddedPostgres(fresh)
    (server.folder / "data").mkdir(parents=True)
    (server.folder / "data" / "half").touch()
    assert await server.start()
    await server.stop()


async def test_an_erased_server_leaves_no_folder(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.socket.mkdir(parents=True)
    server.erase()
    assert (server.folder.exists(), server.socket.exists()) == (False, False)


def test_a_socket_whose_path_is_too_long_lies_in_a_private_folder_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "SYSTEM_HOME", tmp_path / ("x" * 90))
    server = EmbeddedPostgres(tmp_path / ("y" * 90))
    assert len(str(server.socket)) < 80
    assert server.socket != EmbeddedPostgres(tmp_path / ("z" * 90)).socket


async def test_a_server_whose_socket_lies_elsewhere_starts_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = embedded_postgres.SYSTEM_HOME
    long = system / ("x" * 90)
    if os.geteuid() == 0:
        long.mkdir(mode=0o755)
        for copy in system.glob("postgres-*"):
            (long / copy.name).symlink_to(copy)
        monkeypatch.setattr(embedded_postgres, "SYSTEM_HOME", long)
    server = EmbeddedPostgres(tmp_path / ("y" * 90))
    try:
        await server.start()
        assert await ask(server.login(OWNER), "SELECT 1") == 1
        assert server.socket.stat().st_mode & 0o077 == 0
    finally:
        await server.stop()
        server.erase()
        shutil.rmtree(long, ignore_errors=True)

"""Transactions: all or nothing, messages and bells included; run again where infrastructure failed."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from backbone import failpoints
from backbone.clock import Bell, SystemClock
from backbone.database import INFRASTRUCTURE, RETRIED, Database, Login, Transaction
from backbone.failpoints import Injected

WRITE = "INSERT INTO note (id, n) VALUES ($1, $2)"
LONG_AGO = datetime(2018, 6, 29, tzinfo=UTC)


async def rang(bell: Bell) -> bool:
    """Whether a bell was rung; does not wait."""
    return await bell.wait(LONG_AGO)


async def test_a_transaction_commits_what_it_wrote(shelf: Any) -> None:
    async with shelf.database.transaction() as transaction:
        await transaction.execute(WRITE, 1, 1)
    assert await shelf.notes() == [1]


async def test_a_transaction_that_fails_leaves_neither_rows_nor_messages(shelf: Any) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.execute(WRITE, 1, 1)
        transaction.owe(shelf.returned(1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await shelf.database.retrying(work)
    assert (await shelf.notes(), await shelf.count("outbox")) == ([], 0)


async def test_messages_owed_are_rows_of_the_same_commit_in_order(shelf: Any) -> None:
    async with shelf.database.transaction() as transaction:
        transaction.owe(shelf.returned(1), shelf.spent(2))
        transaction.owe(shelf.returned(3))
        assert await shelf.count("outbox") == 0
    rows = await shelf.owner.fetch(
        "SELECT type, key, subject, body, due_at FROM scheduler.outbox ORDER BY id"
    )
    assert [int(row["subject"][-1]) for row in rows] == [1, 2, 3]
    assert (rows[1]["type"], rows[1]["key"]) == ("approval.spent.v1", "approval.spent")
    assert (rows[1]["body"], rows[1]["due_at"]) == (shelf.spent(2).model_dump_json(), None)


async def test_a_commit_that_fails_leaves_neither_rows_nor_messages_nor_rings(
    shelf: Any, clock: SystemClock
) -> None:
    bell = clock.bell()

    async def work(transaction: Transaction) -> None:
        transaction.owe(shelf.returned(1))
        transaction.ring(bell)
        await transaction.execute("INSERT INTO note (id, n, twin) VALUES (1, 0, 7), (2, 0, 7)")

    with pytest.raises(asyncpg.UniqueViolationError):
        await shelf.database.retrying(work)
    assert (await shelf.notes(), await shelf.count("outbox")) == ([], 0)
    assert (await rang(bell), await rang(shelf.database.outbox_bell)) == (False, False)


@pytest.mark.parametrize(("point", "rows"), [("before_commit", 0), ("after_commit", 1)])
async def test_a_fault_at_the_commit_keeps_row_and_message_together(
    shelf: Any, point: str, rows: int
) -> None:
    failpoints.arm(f"scheduler.{point}:raise")

    async def work(transaction: Transaction) -> None:
        await transaction.execute(WRITE, 1, 1)
        transaction.owe(shelf.returned(1))

    with pytest.raises(Injected):
        await shelf.database.retrying(work)
    assert (await shelf.count("note"), await shelf.count("outbox")) == (rows, rows)


async def test_bells_ring_after_the_commit(shelf: Any, clock: SystemClock) -> None:
    bell = clock.bell()
    async with shelf.database.transaction() as transaction:
        transaction.ring(bell)
        transaction.owe(shelf.returned(1))
        assert not await rang(bell)
    assert (await rang(bell), await rang(shelf.database.outbox_bell)) == (True, True)


async def test_the_relay_is_not_woken_where_nothing_is_owed(shelf: Any) -> None:
    async with shelf.database.transaction() as transaction:
        await transaction.execute(WRITE, 1, 1)
    assert not await rang(shelf.database.outbox_bell)


async def test_what_fails_in_a_savepoint_is_undone_alone(shelf: Any) -> None:
    async with shelf.database.transaction() as transaction:
        await transaction.execute(WRITE, 1, 1)
        with suppress(asyncpg.UniqueViolationError):
            async with transaction.savepoint():
                await transaction.execute(WRITE, 2, 2)
                await transaction.execute(WRITE, 1, 1)
        await transaction.execute(WRITE, 3, 3)
    assert await shelf.notes() == [1, 3]


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("INSERT INTO note (id, n) VALUES (3, 0), (4, 0)", 2),
        ("UPDATE note SET n = 5", 2),
        ("UPDATE note SET n = 5 WHERE id > 9", 0),
        ("DELETE FROM note WHERE id = 1", 1),
        ("CREATE TEMPORARY TABLE brief (id int) ON COMMIT DROP", 0),
    ],
)
async def test_a_statement_tells_how_many_rows_it_touched(shelf: Any, sql: str, count: int) -> None:
    async with shelf.database.transaction() as transaction:
        await transaction.copy("note", ["id", "n"], [(1, 0), (2, 0)])
        assert await transaction.execute(sql) == count


async def test_a_snapshot_sees_one_moment_and_may_not_write(shelf: Any) -> None:
    async with shelf.database.snapshot() as reader:
        before = await reader.fetchval("SELECT count(*) FROM note")
        async with shelf.database.transaction() as transaction:
            await transaction.execute(WRITE, 1, 1)
        assert await reader.fetchval("SELECT count(*) FROM note") == before
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await reader.fetch(WRITE, 2, 2)
    assert await shelf.notes() == [1]


async def test_json_comes_back_as_it_was(shelf: Any) -> None:
    value = {"a": [1, None, "é"], "b": {"c": True}}
    async with shelf.database.transaction() as transaction:
        await transaction.execute("INSERT INTO note (id, n, j) VALUES (1, 1, $1)", value)
        row = await transaction.fetchrow("SELECT j FROM note")
    assert row is not None
    assert row["j"] == value


async def test_a_reader_sees_the_latest_commits(shelf: Any) -> None:
    async with shelf.database.reading() as reader:
        before = await reader.fetch("SELECT id FROM note")
        async with shelf.database.transaction() as transaction:
            await transaction.execute(WRITE, 1, 1)
        assert (before, await reader.fetchval("SELECT id FROM note")) == ([], 1)


async def test_two_that_block_each_other_both_end_well(shelf: Any) -> None:
    async with shelf.database.transaction() as transaction:
        await transaction.copy("note", ["id", "n"], [(1, 0), (2, 0)])
    both_hold_one, tries = asyncio.Barrier(2), 0

    async def add(first: int, second: int) -> None:
        met = False

        async def work(transaction: Transaction) -> None:
            nonlocal met, tries
            tries += 1
            await transaction.execute("UPDATE note SET n = n + 1 WHERE id = $1", first)
            if not met:
                met = True
                await both_hold_one.wait()
            await transaction.execute("UPDATE note SET n = n + 1 WHERE id = $1", second)

        await shelf.database.retrying(work)

    await asyncio.gather(add(1, 2), add(2, 1))
    rows = await shelf.owner.fetch("SELECT n FROM scheduler.note ORDER BY id")
    assert ([row["n"] for row in rows], tries) == ([2, 2], 3)


async def test_a_lost_connection_is_replaced_and_the_work_run_again(shelf: Any) -> None:
    tries = 0

    async def work(transaction: Transaction) -> str:
        nonlocal tries
        tries += 1
        await transaction.execute(WRITE, tries, 0)
        if tries == 1:
            pid = await transaction.fetchval("SELECT pg_backend_pid()")
            await shelf.owner.fetchval("SELECT pg_terminate_backend($1, 1000)", pid)
        await transaction.fetchval("SELECT 1")
        return "done"

    assert (await shelf.database.retrying(work), await shelf.notes()) == ("done", [2])


async def test_a_retry_owes_its_messages_once(shelf: Any) -> None:
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        transaction.owe(shelf.returned(1))
        if tries < 3:
            raise asyncpg.SerializationError

    await shelf.database.retrying(work)
    assert await shelf.count("outbox") == 1


async def test_a_fault_that_stays_is_raised_after_the_last_try(shelf: Any) -> None:
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await shelf.database.retrying(work, tries=3)
    assert tries == 3


async def test_a_faulty_row_is_not_tried_again(shelf: Any) -> None:
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        await transaction.execute("INSERT INTO note (id) VALUES (1)")

    with pytest.raises(asyncpg.NotNullViolationError):
        await shelf.database.retrying(work)
    assert tries == 1


@pytest.mark.parametrize("value", [2**40, "2102012906909001"], ids=["too large", "no number"])
async def test_a_value_that_fits_no_column_is_the_datas_fault(shelf: Any, value: Any) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.execute(WRITE, value, 1)

    with pytest.raises(asyncpg.DataError) as caught:
        await shelf.database.retrying(work)
    assert not isinstance(caught.value, INFRASTRUCTURE)


async def test_waiting_too_long_for_a_lock_is_infrastructures_fault(shelf: Any) -> None:
    async with shelf.database.transaction() as holder, shelf.database.transaction() as waiter:
        await holder.execute("LOCK TABLE note")
        await waiter.execute("SET LOCAL lock_timeout = '10ms'")
        with pytest.raises(INFRASTRUCTURE) as caught:
            async with waiter.savepoint():
                await waiter.fetch("SELECT id FROM note")
    assert not isinstance(caught.value, RETRIED)


async def test_a_session_knows_its_schema_and_its_name(shelf: Any) -> None:
    async with shelf.database.reading() as reader:
        row = await reader.fetchrow(
            "SELECT current_schema() AS s, current_setting('application_name') AS name"
        )
    assert dict(row) == {"s": "scheduler", "name": "cetak-scheduler"}


async def test_a_database_that_answers_is_pinged_quietly(shelf: Any) -> None:
    await shelf.database.ping()


async def test_a_database_that_is_not_there_is_infrastructures_fault(tmp_path: Any) -> None:
    database = Database(Login(role="scheduler", schema="scheduler", host=str(tmp_path)))
    await database.open()
    with pytest.raises(INFRASTRUCTURE):
        await database.ping()
    await database.close()


async def test_a_database_that_was_never_opened_closes_quietly() -> None:
    await Database(Login(role="scheduler", schema="scheduler")).close()


async def test_virtual_time_is_the_same_in_python_and_in_sql(virtual_shelf: Any) -> None:
    await virtual_shelf.clock.sleep(86400.5)
    async with virtual_shelf.database.reading() as reader:
        assert await reader.fetchval("SELECT backbone.now()") == virtual_shelf.clock.now()


async def test_real_time_in_sql_moves_within_a_transaction(shelf: Any) -> None:
    async with shelf.database.transaction() as transaction:
        first = await transaction.fetchval("SELECT backbone.now()")
        assert first < await transaction.fetchval("SELECT backbone.now()")

"""No statement's cost grows with the backlog: buffers touched at 3,000 waiting and at many more, which no machine's mood moves.

`make bench BENCH=scale` prints the same table at 3,000,000 over 514 offices.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.bench.backlog_generator import Backlog, load
from tests.bench.scale_acts import BATCH, Acts, open_desk, touched, traffic
from tests.bench.scale_report import buffers_table, totals
from tests.bench.scale_watch import Seen, WatchedDatabase

from backbone.database import Login
from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from scheduler.domain.ledger import ACCOUNTS
from scheduler.domain.policy import DEFAULT_RULES, parse_rules
from scheduler.domain.rank import place_cuts
from scheduler.store import applications, lanes

SMALL, LARGE = Backlog(waiting=3_000, offices=1), Backlog(waiting=100_000, offices=1)
MOST = 1.5
VACUUM_EVERY = 8
LITTLE = 150
"""Pages of a table so small that it is read whole for what a large one has an index."""
PLAIN = """WITH heads(kind, head) AS (VALUES ('first_issue', interval '8760 hours'), ('urgent', interval '17520 hours'))
SELECT 1 + count(*) FILTER (WHERE (a.ranked_from - coalesce(h.head, '0') + coalesce(mine.head, '0'), a.id)
    < (me.ranked_from, me.id)) AS place,
  1 + count(*) FILTER (WHERE (a.kind, a.district) = (me.kind, me.district)
    AND (a.ranked_from, a.id) < (me.ranked_from, me.id)) AS lane_place
FROM application a LEFT JOIN heads h ON h.kind = a.kind
CROSS JOIN (SELECT * FROM application WHERE id = $1) me LEFT JOIN heads mine ON mine.kind = me.kind
WHERE a.state = 'waiting' GROUP BY me.id"""
SOMEONE = f"""{applications.ONE} WHERE a.state = 'waiting' AND a.kind = $1 ORDER BY a.ranked_from OFFSET 777 LIMIT 1"""
SOME = """(SELECT a.*, o.epoch FROM application a JOIN office o ON o.code = a.office WHERE a.state = 'waiting'
  AND a.kind = 'data_change' ORDER BY a.ranked_from, a.id OFFSET 300 LIMIT 60)
UNION (SELECT a.*, o.epoch FROM application a JOIN office o ON o.code = a.office WHERE a.state = 'waiting' ORDER BY a.id LIMIT 60)"""
COUNTED_WRONG = """SELECT * FROM (
  SELECT office, x.grain, kind, x.district, x.start, sum(n) AS n FROM headcount CROSS JOIN LATERAL (VALUES
    (district, 'all', '-infinity'::date), (district, 'month', date_trunc('month', day::timestamp)::date),
    ('', 'month', date_trunc('month', day::timestamp)::date), ('', 'day', day)) x(district, grain, start)
  WHERE state = 'waiting' GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0) h
FULL JOIN (SELECT * FROM crowd WHERE n <> 0) c USING (office, grain, kind, district, start)
WHERE h.n IS DISTINCT FROM c.n"""


@pytest.fixture(scope="module")
async def backlogs(postgres: EmbeddedPostgres) -> AsyncIterator[dict[int, Login]]:
    """Databases of their own, by the number that waits in them."""
    owner = await asyncpg.connect(**postgres.login(OWNER, database="postgres").arguments())
    logins = {backlog.waiting: f"scale_{backlog.waiting}" for backlog in (SMALL, LARGE)}
    for backlog in (SMALL, LARGE):
        await owner.execute(f"CREATE DATABASE {logins[backlog.waiting]} TEMPLATE cetak STRATEGY file_copy")
        login = postgres.login("scheduler", "scheduler", logins[backlog.waiting])
        connection = await asyncpg.connect(**login.arguments(), server_settings={"search_path": "scheduler"})
        await load(connection, backlog, ACCOUNTS)
        await connection.close()
    yield {
        waiting: postgres.login("scheduler", "scheduler", database) for waiting, database in logins.items()
    }
    for database in logins.values():
        await owner.execute(f"DROP DATABASE {database} (FORCE)")
    await owner.close()


@pytest.fixture(scope="module")
async def seen(backlogs: dict[int, Login]) -> dict[int, dict[str, Seen]]:
    return {waiting: await touched(login) for waiting, login in backlogs.items()}


async def test_no_act_touches_more_buffers_where_the_backlog_is_long(
    seen: dict[int, dict[str, Seen]],
) -> None:
    print("\n" + buffers_table(seen))
    small, large = (totals(found) for found in seen.values())
    grown = {name: (small[name], large[name]) for name in small if large[name] > MOST * small[name] + LITTLE}
    assert grown == {}
    assert all(large[name] <= MOST * small[name] for name in ("release of 64", "explain", "summary"))


@pytest.mark.parametrize("kind", ["data_change", "first_issue"])
async def test_the_place_that_is_counted_is_the_place_in_line(
    backlogs: dict[int, Login], seen: dict[int, dict[str, Seen]], kind: str
) -> None:
    async with open_desk(backlogs[LARGE.waiting]) as desk, desk.database.reading() as reader:
        row = await reader.fetchrow(SOMEONE, kind)
        assert row is not None
        cuts = place_cuts(parse_rules(DEFAULT_RULES), kind, row["ranked_from"])
        plain = await reader.fetchrow(PLAIN, row["id"])
        assert plain is not None
        assert await applications.place(reader, row, cuts) == (plain["place"], plain["lane_place"])


async def test_places_counted_together_are_the_places_in_line(
    backlogs: dict[int, Login], seen: dict[int, dict[str, Seen]]
) -> None:
    """Some of one day, one behind another, and some of all kinds and all times."""
    async with open_desk(backlogs[SMALL.waiting]) as desk, desk.database.reading() as reader:
        rows = await reader.fetch(SOME)
        policy = parse_rules(DEFAULT_RULES)
        asked = [(row, place_cuts(policy, row["kind"], row["ranked_from"])) for row in rows]
        told = await applications.places(reader, rows[0]["office"], asked)
        plain = {row["id"]: await reader.fetchrow(PLAIN, row["id"]) for row in rows}
    assert told == {key: (row["place"], row["lane_place"]) for key, row in plain.items() if row is not None}


async def test_a_day_on_which_thousands_come_is_gone_through_once_a_batch(backlogs: dict[int, Login]) -> None:
    batches, size = 10, 200
    async with open_desk(backlogs[SMALL.waiting], watched=True) as desk:
        database = desk.database
        assert isinstance(database, WatchedDatabase)
        acts, costs = Acts(desk), []
        for _ in range(batches):
            seen = database.watch()
            await acts.one_day(size)
            costs.append(sum(buffers for name, buffers in seen if name == "applications.PLACES"))
    # Each card that came before is met once for its kind and once for its lane, in the index and in its row.
    print(costs)
    assert costs[-1] - costs[0] < 4 * batches * size


async def test_the_sums_are_those_of_the_headcount_after_cards_have_moved(
    seen: dict[int, dict[str, Seen]], backlogs: dict[int, Login]
) -> None:
    for login in backlogs.values():
        async with open_desk(login) as desk, desk.database.reading() as reader:
            assert await reader.fetch(COUNTED_WRONG) == []


@pytest.mark.parametrize("sql", [lanes.HEADS.format(eligible=lanes.FETCH["approved"]), lanes.TURN])
async def test_nobody_looks_for_a_lanes_approvals_among_all_offices_by_their_ends(
    backlogs: dict[int, Login], sql: str
) -> None:
    """The index by ends is no choice, whatever the server thinks of the right one: here it has gone."""
    async with open_desk(backlogs[SMALL.waiting]) as desk, desk.database.reading() as reader:
        undone = reader.connection.transaction()
        await undone.start()
        await reader.connection.execute("DROP INDEX approved_order, listing")
        await reader.connection.execute(f"PREPARE looked AS {sql}")
        count = await reader.fetchval(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'looked'"
        )
        plan = await reader.fetch(f"EXPLAIN EXECUTE looked({', '.join(['NULL'] * count)})")
        await undone.rollback()

    assert not [line for (line,) in plan if "approval_end" in line]


async def test_a_day_of_traffic_leaves_the_heads_of_the_lanes_cheap_and_the_tables_small(
    backlogs: dict[int, Login], seen: dict[int, dict[str, Seen]]
) -> None:
    """Forty batches, vacuumed as often as the table's settings make the server do it."""
    found = await traffic(backlogs[LARGE.waiting], 5 * VACUUM_EVERY, VACUUM_EVERY)

    assert sum(found.heads[-VACUUM_EVERY:]) <= 1.2 * sum(found.heads[:VACUUM_EVERY])
    # Between two vacuums the heads are looked up in the table, where a card has just been, too: up to four for one that goes.
    fresh = sum(n for name, n in seen[LARGE.waiting]["release of 64"] if name == "lanes.HEADS")
    assert max(found.heads) <= fresh + 4 * BATCH
    assert found.after <= 1.1 * found.before

"""The scheduler with 3,000 waiting at one office, and with 3,000,000 over 514: what it touches, how long it takes.

`make bench BENCH=scale` (or `BENCH=scale:100000`) makes both backlogs, prints buffers by statement and median times by
act, and the pick of a hundred (112 lanes, claims) beside a textbook's pick and Procrastinate's of the same run. Needs
8 GB of disk for a while.
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg
from tests.bench.backlog_generator import Backlog, load
from tests.bench.baselines import scale as others
from tests.bench.scale_acts import OFFICE, Acts, Traffic, open_desk, touched, traffic
from tests.bench.scale_report import FIRST_MET, buffers_table, picks_table, times_table, traffic_table
from tests.bench.scale_watch import Seen
from tests.bench.stage import Stage

from backbone import revisions
from backbone.database import Login, Transaction
from scheduler.domain.ledger import ACCOUNTS
from scheduler.domain.policy import DEFAULT_RULES
from scheduler.store import lanes
from scheduler.use_cases import policies, release
from scheduler.use_cases.desk import Desk

SMALL, MANY, AN_OFFICE = 3_000, 3_000_000, 5_836
A_LANE = 26_785
"""Waiting a lane of the textbook's: 112 lanes of three million. One lane must hold what is picked of it."""
CYCLES, LOOKS, SLOW, BATCHES = 15, 40, 3, 40
BEFORE = "0004"
"""The migration before the one that sums the backlog up: what is timed is all that came after it."""
CLAIMS = [
    {"name": "no_head_start", "permille": 200, "without_head_start": True},
    {"name": "far", "permille": 100, "districts": [f"{OFFICE}.12", f"{OFFICE}.13"]},
]
TAKE = "UPDATE application SET state = 'verifying', due_at = $2, seq = seq + 1 WHERE id = ANY($1::uuid[])"
PUT_BACK = "UPDATE scheduler.application SET state = 'waiting', due_at = NULL WHERE state || '' = 'verifying' AND due_at IS NOT NULL"
Times = dict[str, float]
Act = Callable[[], Awaitable[Any]]


async def run(stage: Stage, many: int = MANY) -> None:
    seen: dict[int, dict[str, Seen]] = {}
    times: dict[int, Times] = {}
    days: dict[int, Traffic] = {}
    await _give_memory(stage)
    for backlog in (
        Backlog(waiting=SMALL, alone=True),
        Backlog(waiting=many, offices=max(1, many // AN_OFFICE)),
    ):
        name = f"scale_{backlog.waiting}"
        _say(f"{backlog.waiting:,} waiting ...")
        login = await _make(stage, name, backlog)
        times[backlog.waiting] = {"migration, seconds": await _migrate(login)}
        picks = await _picks(stage, login, backlog.waiting)
        seen[backlog.waiting] = await touched(login)
        times[backlog.waiting] |= await _acts(login)
        days[backlog.waiting] = await traffic(login, BATCHES)
        times[backlog.waiting] |= picks
        await stage.value(f"DROP DATABASE {name}", database="postgres")
    stage.results["scale"] = {
        "buffers": seen,
        "median_ms": times,
        "traffic": {waiting: asdict(day) for waiting, day in days.items()},
    }
    tables = (buffers_table(seen), times_table(times), picks_table(times), traffic_table(days))
    print("\n\n".join(tables) + "\n")


async def _give_memory(stage: Stage) -> None:
    """A gigabyte of buffers, as a nation's server has, for ours and for the others'."""
    for setting in ("shared_buffers = '1GB'", "max_wal_size = '4GB'"):
        await stage.value(f"ALTER SYSTEM SET {setting}", database="postgres")
    await stage.postgres.stop()
    await stage.postgres.start()


async def _make(stage: Stage, name: str, backlog: Backlog) -> Login:
    await stage.value(f"CREATE DATABASE {name} TEMPLATE cetak", database="postgres")
    await stage.value(
        f"ALTER ROLE scheduler IN DATABASE {name} SET search_path = scheduler", database="postgres"
    )
    login = stage.spec.login("scheduler", name)
    connection = await asyncpg.connect(**login.arguments())
    await load(connection, backlog, ACCOUNTS)
    await connection.close()
    return login


async def _migrate(login: Login) -> float:
    """One migration back and forth again; the seconds that the way forth takes."""
    await revisions.downgrade(login, BEFORE)
    began = perf_counter()
    await revisions.upgrade(login)
    seconds = perf_counter() - began
    await _vacuum(login)
    return seconds


async def _vacuum(login: Login) -> None:
    """As the others' tables are before their picks."""
    connection = await asyncpg.connect(**login.arguments())
    await connection.execute("VACUUM (ANALYZE, INDEX_CLEANUP on)", timeout=3600)
    await connection.close()


async def _acts(login: Login) -> Times:
    """Every act on its own, each round after room was made."""
    taken: dict[str, list[float]] = {}
    async with open_desk(login) as desk:
        acts = Acts(desk)
        acts.who = await acts.someone()
        await acts.make_room()
        for name, act in acts.all().items():
            if name not in ("release of 64", "answer of 64, print release"):
                rounds = CYCLES if name.startswith("import") else LOOKS
                taken[name] = [await _timed(act) for _ in range(rounds)]
        for _ in range(CYCLES):
            await acts.make_room()
            taken.setdefault("release of 64", []).append(await _timed(acts.release))
            taken.setdefault("answer of 64, print release", []).append(await _timed(acts.answer))
    return _medians(taken)


async def _picks(stage: Stage, login: Login, waiting: int) -> Times:
    """Ours: a release's pick of a hundred, the turn, the cards, the merge with two claims, the log, the rows marked."""
    owner = stage.owner(login.database)
    connection = await asyncpg.connect(**owner.arguments())
    many, one = (others.Textbook(connection, lanes) for lanes in (max(2, waiting // A_LANE), 1))
    for book in (many, one):
        await book.make(waiting)
    async with open_desk(login) as desk:
        await _rule(desk, CLAIMS)
        found = await _in_turns(
            connection,
            owner,
            {
                "our pick of 100, 112 lanes, claims": lambda: desk.database.retrying(partial(_pick, desk)),
                "textbook pick of 100, ideal index, one of its lanes": many.ideal,
                "textbook pick of 100, ideal index, its only lane": one.ideal,
            },
            (PUT_BACK, many.put_back, one.put_back),
        )
        await _rule(desk, DEFAULT_RULES["claims"])
    slow = {
        "textbook pick of 100, ordered by ageing": [await _timed(one.ageing) for _ in range(SLOW)],
        **{
            name: [await _timed(pick) for _ in range(CYCLES)]
            for name, pick in (await others.procrastinate(connection, waiting)).items()
        },
    }
    await connection.execute("DROP SCHEMA bench CASCADE")
    await connection.close()
    return found | _medians(slow)


async def _rule(desk: Desk, claims: list[dict[str, Any]]) -> None:
    rules = {**DEFAULT_RULES, "claims": claims}
    await policies.put(desk, OFFICE, rules, valid_from=None, valid_until=None, author="bench", reason="bench")


async def _in_turns(
    connection: Any, owner: Login, picks: Mapping[str, Act], put_back: Sequence[str]
) -> Times:
    """Medians of two rounds, in which all pick by turns, so that all meet the machine in the same mood.

    In the first, after a checkpoint, each page is met and logged whole for the first time. What was picked waits again
    afterwards.
    """
    taken: dict[str, list[float]] = defaultdict(list)
    await connection.execute("CHECKPOINT")
    for met in (FIRST_MET, ""):
        for _ in range(CYCLES):
            for name, pick in picks.items():
                taken[name + met].append(await _timed(pick))
        for sql in put_back:
            await connection.execute(sql, timeout=600)
        await _vacuum(owner)
    return _medians(dict(sorted(taken.items(), key=lambda timed: FIRST_MET in timed[0])))


async def _pick(desk: Desk, tx: Transaction) -> None:
    turn = await lanes.take_turn(tx, OFFICE, desk.terms.approval_margin, desk.terms.silent)
    assert turn is not None
    policy = desk.policy(turn)
    assert len(policy.claims) == len(CLAIMS)
    picks = await release._picks(desk, tx, turn, policy, "verify", others.BATCH)
    assert len({pick.head.id for pick in picks}) == others.BATCH
    await tx.execute(TAKE, [pick.head.id for pick in picks], turn["now"] + desk.terms.verifying_due)


async def _timed(act: Act) -> float:
    """Milliseconds."""
    began = perf_counter()
    await act()
    return (perf_counter() - began) * 1000


def _medians(taken: dict[str, list[float]]) -> Times:
    return {name: round(statistics.median(values), 2) for name, values in taken.items()}


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr)

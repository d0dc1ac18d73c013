"""The scheduler with 3,000 waiting at one office, and with 3,000,000 over 514: what it touches, how long it takes.

`make bench BENCH=scale` (or `BENCH=scale:100000`) makes both backlogs, prints buffers by statement and median times by
act, and the pick of a hundred (112 lanes, claims) beside a textbook's pick and Procrastinate's of the same run. Needs
8 GB of disk for a while.
"""

import statistics
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from time import perf_counter
from typing import Any

import asyncpg
from tests.bench.backlog_generator import Backlog, load
from tests.bench.baselines import scale as others
from tests.bench.scale_acts import OFFICE, Acts, Traffic, open_desk, touched, traffic
from tests.bench.scale_report import buffers_table, picks_table, times_table, traffic_table
from tests.bench.scale_watch import Seen
from tests.bench.stage import Stage

from backbone import revisions
from backbone.database import Login, Transaction
from scheduler.domain.ledger import ACCOUNTS
from scheduler.domain.policy import parse_rules
from scheduler.store import lanes
from scheduler.use_cases import release
from scheduler.use_cases.desk import Desk

SMALL, MANY, AN_OFFICE = 3_000, 3_000_000, 5_836
CYCLES, LOOKS, SLOW, BATCHES = 15, 40, 3, 40
BEFORE = "0004"
"""The migration before the one that sums the backlog up: what is timed is all that came after it."""
CLAIMS = [
    {"name": "no_head_start", "permille": 200, "without_head_start": True},
    {"name": "far", "permille": 100, "districts": [f"{OFFICE}.12", f"{OFFICE}.13"]},
]
TAKE = "UPDATE application SET state = 'verifying', due_at = $2, seq = seq + 1 WHERE id = ANY($1::uuid[])"
PUT_BACK = "UPDATE application SET state = 'waiting', due_at = NULL WHERE state || '' = 'verifying' AND due_at IS NOT NULL"
Times = dict[str, float]


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
        picks = await _picks(login)
        seen[backlog.waiting] = await touched(login)
        times[backlog.waiting] |= await _acts(login)
        days[backlog.waiting] = await traffic(login, BATCHES)
        times[backlog.waiting] |= picks | await _peers(stage.owner(name), backlog)
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
    await revisions._alembic(login, lambda command, config: command.downgrade(config, BEFORE))
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


async def _picks(login: Login) -> Times:
    """A release's pick of a hundred: the turn, the cards, the merge with two claims, the log, the rows marked.

    On a backlog as it was loaded, as the others' are, and once before it counts: the others' rows have just been written,
    so these are to be in memory too. What was picked waits again afterwards.
    """
    names = ("our pick of 100, its pages to be read", "our pick of 100, 112 lanes, claims")
    taken: dict[str, list[float]] = {}
    for name in names:
        async with open_desk(login) as desk:
            taken[name] = [
                await _timed(lambda: desk.database.retrying(lambda tx: _pick(desk, tx)))
                for _ in range(CYCLES)
            ]
            async with desk.database.transaction() as tx:
                assert await tx.execute(PUT_BACK) == CYCLES * others.BATCH
        await _vacuum(login)
    return _medians(taken)


async def _pick(desk: Desk, tx: Transaction) -> None:
    turn = await lanes.take_turn(tx, OFFICE, desk.terms.approval_margin, desk.terms.silent)
    assert turn is not None
    policy = parse_rules({**turn["rules"], "claims": CLAIMS}, version=turn["version"])
    picks = await release._picks(desk, tx, turn, policy, "verify", others.BATCH)
    assert len({pick.head.id for pick in picks}) == others.BATCH
    await tx.execute(TAKE, [pick.head.id for pick in picks], turn["now"] + desk.terms.verifying_due)


async def _peers(owner: Login, backlog: Backlog) -> Times:
    offices = 1 if backlog.alone else backlog.offices
    connection = await asyncpg.connect(**owner.arguments())
    taken: dict[str, list[float]] = {}
    for make in (
        others.textbook(connection, backlog.waiting),
        others.textbook_of_offices(connection, backlog.waiting, offices),
        others.procrastinate(connection, backlog.waiting),
    ):
        for name, pick in (await make).items():
            taken[name] = [await _timed(pick) for _ in range(SLOW if "ageing" in name else CYCLES)]
    await connection.close()
    return _medians(taken)


async def _timed(act: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds."""
    began = perf_counter()
    await act()
    return (perf_counter() - began) * 1000


def _medians(taken: dict[str, list[float]]) -> Times:
    return {name: round(statistics.median(values), 2) for name, values in taken.items()}


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr)

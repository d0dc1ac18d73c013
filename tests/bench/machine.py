"""The machine's own limits, in the same run: a flush, a commit, a group commit, the HTTP stack, the load generator."""

import asyncio
import os
import secrets
from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import uuid4

import asyncpg
from tests.bench.stage import Stage

from backbone.database import Database
from intake.store import postings

SECONDS = 1.5
GROUP = 64
ONE = "INSERT INTO public.bench_one (id, body) VALUES ($1, $2)"


async def run(stage: Stage) -> None:
    port = stage.port + 10
    found = {
        "generator_answers_per_s": await _answers(stage, "bare", port),
        "fastapi_noop_per_s": await _answers(stage, "noop", port),
        "fdatasync_per_s": await asyncio.to_thread(_flushes, stage),
        "commits_per_s": await _commits(stage),
        "group_committed_applications_per_s": await _group_commits(stage),
    }
    stage.results["machine"] = {name: round(value) for name, value in found.items()}


async def _answers(stage: Stage, what: str, port: int) -> float:
    async with stage.server(what, port):
        found = await stage.load(port, first=1, name=what, seconds=SECONDS)
    return float(found["rate"])


def _flushes(stage: Stage) -> float:
    """8 kB written and flushed, on the disk that the database is on."""
    path = stage.postgres.folder / "bench-flush"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        return _rate(lambda: _flush(descriptor))
    finally:
        os.close(descriptor)
        path.unlink()


def _flush(descriptor: int) -> None:
    os.pwrite(descriptor, b"x" * 8192, 0)
    os.fdatasync(descriptor)


def _rate(work: Callable[[], Any]) -> float:
    n, began = 0, perf_counter()
    while perf_counter() - began < SECONDS:
        work()
        n += 1
    return n / (perf_counter() - began)


async def _commits(stage: Stage) -> float:
    """One row a commit on one connection: what a service does that commits for each request and no more."""
    connection = await asyncpg.connect(**stage.owner("textbook").arguments())
    await connection.execute("CREATE TABLE public.bench_one (id uuid PRIMARY KEY, body bytea)")
    n, began, body = 0, perf_counter(), secrets.token_bytes(300)
    while perf_counter() - began < SECONDS:
        await connection.execute(ONE, uuid4(), body)
        n += 1
    seconds = perf_counter() - began
    await connection.close()
    return n / seconds


async def _group_commits(stage: Stage) -> float:
    """Intake's own statement, a group at a time, and nothing else: no HTTP, no checks, no seals, no outbox."""
    database = Database(stage.spec.login("intake", "textbook"))
    await database.open()
    groups = [[_row() for _ in range(GROUP)] for _ in range(50)]
    began = perf_counter()
    for group in groups:
        async with database.transaction() as tx:
            await postings.post(tx, [row for row, _ in group], [key for _, key in group])
    seconds = perf_counter() - began
    await database.close()
    return len(groups) * GROUP / seconds


def _row() -> tuple[postings.NewApplication, postings.Keyed]:
    new = uuid4()
    row = postings.NewApplication(
        id=new,
        office="21.02",
        receipt_number=new.hex[:16],
        reference=None,
        source="kiosk",
        district_code="21.02.03",
        reason="data_change",
        captured_at=None,
        device="limit",
        person_hash=secrets.token_bytes(32),
        nik_last4="9001",
        person=secrets.token_bytes(180),
        row_hash=None,
        warnings="[]",
    )
    answer = secrets.token_bytes(300)
    return row, postings.Keyed(key=new.hex, fingerprint=secrets.token_bytes(32), answer=answer)

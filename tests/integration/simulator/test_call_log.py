"""The log of calls is a witness: a call is on disk before it is answered, and survives a crash."""

import asyncio
import json
from pathlib import Path
from typing import Any

from backbone.clock import VirtualClock
from simulator.call_log import read_calls


async def test_a_call_is_in_the_file_before_its_answer(
    make_caller: Any, virtual: VirtualClock, tmp_path: Path
) -> None:
    caller = make_caller(call_log=tmp_path / "calls.jsonl", latency_low=10, latency_high=10)

    async def ask() -> None:
        with virtual.at_work():
            await caller.record()

    asking = asyncio.create_task(ask())
    await virtual.sleep(5)
    (under_way,) = read_calls(tmp_path / "calls.jsonl")
    await virtual.sleep(5)
    await asking
    (ended,) = read_calls(tmp_path / "calls.jsonl")

    assert (under_way.answered, ended.answered) == (None, "ok")
    assert ended == next(iter(caller.centre.calls))


async def test_neither_nik_nor_password_is_in_the_file(make_caller: Any, tmp_path: Path) -> None:
    caller = make_caller(call_log=tmp_path / "calls.jsonl")
    await caller.record()
    text = (tmp_path / "calls.jsonl").read_text()

    assert caller.somebody.nik not in text
    assert "rahasia" not in text


async def test_a_restarted_centre_goes_on_counting(make_caller: Any, tmp_path: Path) -> None:
    for _ in range(2):
        caller = make_caller(call_log=tmp_path / "calls.jsonl")
        await caller.record()
        caller.centre.calls.close()

    assert [call.seq for call in read_calls(tmp_path / "calls.jsonl")] == [1, 2]


async def test_a_line_cut_off_by_a_crash_is_dropped(make_caller: Any, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    caller = make_caller(call_log=path)
    await caller.record()
    caller.centre.calls.close()
    path.write_bytes(path.read_bytes() + b'{"event": "start", "seq"')
    await make_caller(call_log=path).record()

    assert [call.answered for call in read_calls(path)] == ["ok", "ok"]


async def test_calls_at_the_same_time_are_each_in_the_file(make_caller: Any, tmp_path: Path) -> None:
    caller = make_caller(call_log=tmp_path / "calls.jsonl")
    await asyncio.gather(*(caller.record(who.nik) for who in caller.centre.population))
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]

    assert sorted(line["seq"] for line in lines if line["event"] == "start") == list(range(1, 21))
    assert sorted(line["seq"] for line in lines if line["event"] == "end") == list(range(1, 21))


def test_a_log_that_is_not_there_has_no_calls(tmp_path: Path) -> None:
    assert read_calls(tmp_path / "none.jsonl") == []

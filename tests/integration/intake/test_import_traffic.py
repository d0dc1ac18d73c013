"""An import among others: walk-ins, other imports, the relay, the scheduler and its answers."""

import asyncio
import itertools
import json
import os
import secrets
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.intake.clean_file import file_of

from backbone.contracts.intake import ApplicationReceived
from backbone.outbox import BATCH, Relay
from intake.use_cases import backlog_rows, importing, pace, people
from intake.use_cases.checker import Checker
from intake.use_cases.sweep import sweep_once


async def answer(counter: Any, messages: Sequence[ApplicationReceived]) -> None:
    """As the scheduler does that has taken them in."""
    await counter.tell(*(counter.message(message.application_id, "waiting", 1) for message in messages))


async def test_two_imports_of_one_file_at_once_store_it_once(counter: Any) -> None:
    content = file_of(500)

    first, second = await asyncio.gather(counter.upload(content), counter.upload(content))

    assert (first.status_code, second.status_code) == (200, 200), first.text + second.text
    reports = first.json(), second.json()
    assert sum(report["accepted"] for report in reports) == 500
    assert sum(report["duplicates"] for report in reports) == 500
    assert await counter.value("SELECT count(*) FROM application") == 500


async def test_a_walk_ins_letter_goes_before_the_imports(counter: Any) -> None:
    await counter.upload(file_of(1200))
    walk_in = await counter.applied()

    await counter.relay.run_once()

    told = [str(message.application_id) for message in counter.scheduler.of(ApplicationReceived)]
    assert told[0] == walk_in["application_id"]
    assert len(set(told)) == len(told) == 1201


async def test_an_imports_letters_go_as_fast_as_the_scheduler_answers(counter: Any) -> None:
    await counter.upload(file_of(1800))
    relay = Relay(counter.database, counter.broker, pace=counter.desk.pace)

    held_until = await relay.run_once()
    walk_in = await counter.applied()
    await relay.run_once()
    first = counter.scheduler.of(ApplicationReceived)
    await answer(counter, first[:-1])
    await relay.run_once()

    assert held_until is not None
    assert (len(first), str(first[-1].application_id)) == (2 * BATCH + 1, walk_in["application_id"])
    assert len(counter.scheduler.of(ApplicationReceived)) == 1801


async def test_letters_that_are_not_answered_hold_the_others_for_a_while_only(
    counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "PATIENCE", timedelta(0))
    await counter.upload(file_of(1800))

    await Relay(counter.database, counter.broker, pace=counter.desk.pace).run_once()

    assert len(counter.scheduler.of(ApplicationReceived)) == 1800


async def test_an_imports_letters_stand_back_while_it_runs_but_not_for_ever(
    counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(counter.database, counter.broker, pace=counter.desk.pace)
    await counter.upload(file_of(10))

    with counter.desk.pace.importing():
        held_until = await relay.run_once()
        walk_in = await counter.applied()
        await relay.run_once()
        told = [str(message.application_id) for message in counter.scheduler.of(ApplicationReceived)]
        monkeypatch.setattr(pace, "GIVE_WAY", timedelta(0))
        await relay.run_once()

    assert (told, held_until is not None) == ([walk_in["application_id"]], True)
    assert len(counter.scheduler.of(ApplicationReceived)) == 11


async def test_imported_applications_are_told_again_patiently_and_not_beside_their_own_letters(
    counter: Any,
) -> None:
    await counter.upload(file_of(700))
    await counter.execute("UPDATE application SET resend_at = backbone.now()")
    await sweep_once(counter.desk)
    waiting = await counter.value("SELECT count(*) FROM outbox")

    await counter.execute("DELETE FROM outbox")  # as if a broker had lost them
    await counter.execute("UPDATE application SET resend_at = backbone.now()")
    await sweep_once(counter.desk)
    walk_in = await counter.applied()
    await counter.relay.run_once()

    told = [str(message.application_id) for message in counter.scheduler.of(ApplicationReceived)]
    assert (waiting, len(told), told[0]) == (700, 701, walk_in["application_id"])


async def test_walk_ins_are_answered_while_a_file_is_imported(counter: Any) -> None:
    importing_it = asyncio.create_task(counter.upload(file_of(20_000)))
    took = []
    while not importing_it.done():
        began = time.perf_counter()
        await counter.applied()
        took.append(time.perf_counter() - began)

    assert (await importing_it).json()["accepted"] == 20_000
    assert len(took) > 5
    assert statistics.median(took) < 0.2


async def test_a_receipt_number_that_is_taken_costs_no_row(
    counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = itertools.chain([bytes(5), bytes(5)], map(os.urandom, itertools.repeat(5)))
    monkeypatch.setattr(secrets, "token_bytes", lambda size: next(drawn))

    report = (await counter.upload(file_of(3))).json()

    assert report["accepted"] == 3
    assert await counter.value("SELECT count(DISTINCT receipt_number) FROM application") == 3
    assert await counter.value("SELECT count(DISTINCT subject) FROM outbox") == 3


async def test_a_person_who_applies_while_the_file_is_read_keeps_the_application(
    counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = importing.judge
    applied: list[Any] = []

    async def overtaken(*given: Any, **more: Any) -> Any:
        placed = await judge(*given, **more)
        if not applied:
            sealed = placed[0][0].sealed
            assert sealed is not None
            person = people.unseal(counter.desk.keys.storage, sealed.row.id, sealed.row.person)
            applied.append(await counter.applied(counter.body(nik=person.nik)))
        return placed

    monkeypatch.setattr(importing, "judge", overtaken)
    report = (await counter.upload(file_of(3))).json()

    (open_case,) = report["problems"]
    assert (report["accepted"], open_case["verdict"]) == (2, "duplicate_person")
    assert open_case["open_since"] is not None
    assert await counter.value("SELECT count(*) FROM event WHERE what = 'imported'") == 2
    assert await counter.value("SELECT count(*) FROM outbox") == 3


async def test_an_imports_letters_are_what_a_posting_would_have_owed(counter: Any) -> None:
    await counter.upload(file_of(1))
    await counter.relay.run_once()

    (message,) = counter.scheduler.of(ApplicationReceived)
    row = await counter.row(message.application_id)
    told = json.loads(counter.courier.open(message.sealed, f"verification|{message.application_id}"))
    assert (message.receipt_number, message.reason, message.district_code) == (
        row["receipt_number"],
        row["reason"],
        row["district_code"],
    )
    assert (told["nik"][-4:], told["full_name"]) == (row["nik_last4"], "BUDI SANTOSO")


async def test_a_process_beside_ours_comes_to_the_same_verdicts(
    counter: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (data / "backlog-messy.csv").read_bytes()
    dry = (await counter.upload(content, dry_run=True)).json()
    monkeypatch.setattr(backlog_rows, "BIG", 0)
    monkeypatch.setattr(importing, "CHUNK", 10)

    real = (await counter.upload(content)).json()
    await counter.relay.run_once()

    for report in (dry, real):
        del report["batch_id"], report["seconds"], report["dry_run"]
    assert real == dry
    for told in counter.scheduler.of(ApplicationReceived):
        person = json.loads(counter.courier.open(told.sealed, f"verification|{told.application_id}"))
        assert person["nik"][-4:] == (await counter.row(told.application_id))["nik_last4"]


async def test_where_the_process_beside_ours_dies_the_import_can_be_run_again(
    counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Checker.start

    async def mortal(*given: Any) -> Checker:
        checker = await start(*given)
        checker._process.kill()
        return checker

    monkeypatch.setattr(backlog_rows, "BIG", 60)
    monkeypatch.setattr(importing, "CHUNK", 30)
    monkeypatch.setattr(Checker, "start", mortal)
    interrupted = await counter.upload(file_of(150))
    stored = await counter.value("SELECT count(*) FROM application")
    monkeypatch.setattr(Checker, "start", start)
    again = (await counter.upload(file_of(150))).json()

    assert (interrupted.status_code, interrupted.json()["type"]) == (503, "urn:cetak:import-interrupted")
    assert stored == 60
    assert (again["accepted"], again["duplicates"]) == (90, 60)


async def test_the_process_beside_ours_ends_with_the_import(
    counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    start = Checker.start

    async def noted(*given: Any) -> Checker:
        started.append(await start(*given))
        return started[0]

    monkeypatch.setattr(backlog_rows, "BIG", 0)
    monkeypatch.setattr(importing, "CHUNK", 30)
    monkeypatch.setattr(Checker, "start", noted)
    await counter.upload(file_of(90))

    (checker,) = started
    assert checker._process.returncode is not None

"""Reopening a closed case: a supervisor's act; one open case a person, whoever comes first."""

import asyncio
from typing import Any

import pytest

from backbone.contracts.intake import ApplicationReceived, ReopeningRequested
from intake.use_cases.sweep import tell_again

WHY = {"reason": "keberatan diterima"}


@pytest.mark.parametrize("state", ["refused", "lapsed"])
async def test_a_closed_case_is_opened_at_once_and_the_scheduler_asked(counter: Any, state: str) -> None:
    application, body = await _closed(counter, state)

    answer = await _reopen(counter, application)
    await counter.relay.run_once()

    row = await counter.row(application)
    (asked,) = counter.scheduler.of(ReopeningRequested)
    assert (answer.status_code, answer.json()["state"], row["open"]) == (202, "received", True)
    assert (asked.seq, asked.actor, asked.reason) == (2, "tester", WHY["reason"])
    assert (await counter.post(body)).status_code == 409


async def test_asked_twice_it_is_asked_of_the_scheduler_once(counter: Any) -> None:
    application, _ = await _closed(counter)

    answers = [await _reopen(counter, application) for _ in range(2)]
    await counter.relay.run_once()

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len(counter.scheduler.of(ReopeningRequested)) == 1


async def test_what_the_scheduler_says_then_counts(counter: Any) -> None:
    application, _ = await _closed(counter)
    await _reopen(counter, application)

    await counter.status(application, "waiting", 3)
    again = await _reopen(counter, application)

    row = await counter.row(application)
    assert (row["state"], row["open"]) == ("waiting", True)
    assert (again.status_code, again.json()["state"]) == (409, "waiting")


async def test_a_reopening_the_scheduler_did_not_take_lets_the_person_apply_anew(counter: Any) -> None:
    application, body = await _closed(counter)
    await _reopen(counter, application)

    await counter.status(application, "lapsed", 3)

    assert (await counter.row(application))["open"] is False
    assert (await counter.post(body)).status_code == 202


@pytest.mark.parametrize("state", ["withdrawn", "waiting", "printed"])
async def test_nothing_else_is_reopened(counter: Any, state: str) -> None:
    application, _ = await _closed(counter, state)

    answer = await _reopen(counter, application)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:not-to-reopen")


@pytest.mark.parametrize(
    ("scope", "prefix", "code"), [("operator", "21.02", 403), ("supervisor", "21.71", 404)]
)
async def test_it_is_for_the_office_s_supervisor(counter: Any, scope: str, prefix: str, code: int) -> None:
    application, _ = await _closed(counter)

    assert (await _reopen(counter, application, scope=scope, prefix=prefix)).status_code == code


async def test_beside_another_open_case_it_is_refused_and_nothing_changes(counter: Any) -> None:
    application, body = await _closed(counter)
    await counter.applied(body)

    answer = await _reopen(counter, application)
    await counter.relay.run_once()

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:open-application")
    assert (await counter.row(application))["state"] == "lapsed"
    assert counter.scheduler.of(ReopeningRequested) == []


async def test_reopened_and_applied_for_anew_at_once_one_of_them_counts(counter: Any) -> None:
    for _ in range(10):
        application, body = await _closed(counter)

        both = await asyncio.gather(_reopen(counter, application), counter.post(body))

        assert sorted(answer.status_code for answer in both) == [202, 409]
        person = "SELECT person_hash FROM application WHERE id = $1"
        is_open = f"SELECT count(*) FROM application WHERE open AND person_hash = ({person})"
        assert await counter.value(is_open, (await counter.row(application))["id"]) == 1


@pytest.mark.parametrize(
    ("what", "said"), [("withdraw", {"reason": "pindah"}), ("correct", {"note": "nama salah"})]
)
async def test_no_command_overtakes_the_reopening(counter: Any, what: str, said: dict[str, str]) -> None:
    application, _ = await _closed(counter)
    await _reopen(counter, application)

    headers = counter.token("supervisor")
    answer = await counter.client.post(f"/v1/applications/{application}/{what}", json=said, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:being-reopened")


async def test_a_reopening_that_was_lost_on_its_way_is_asked_again(counter: Any) -> None:
    application, _ = await _closed(counter)
    await _reopen(counter, application)
    await counter.relay.run_once()
    await counter.execute("UPDATE application SET resend_at = backbone.now() WHERE open")

    async with counter.database.transaction() as tx:
        await tell_again(counter.desk, tx)
    await counter.relay.run_once()

    first, second = counter.scheduler.of(ReopeningRequested)
    assert first == second
    assert counter.scheduler.of(ApplicationReceived)[-1].application_id == first.application_id


async def _closed(counter: Any, state: str = "lapsed") -> tuple[str, Any]:
    body = counter.body()
    application = (await counter.applied(body))["application_id"]
    await counter.status(application, state, 2)
    return application, body


async def _reopen(counter: Any, application: str, *, scope: str = "supervisor", prefix: str = "21.02") -> Any:
    headers = counter.token(scope, prefix=prefix)
    return await counter.client.post(f"/v1/applications/{application}/reopen", json=WHY, headers=headers)

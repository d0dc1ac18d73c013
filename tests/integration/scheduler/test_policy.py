"""The policy as data: versions, validity, every wrong field named, no row of the backlog rewritten."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backbone.contracts.scheduler import VerificationRequested
from scheduler.domain.policy import DEFAULT_RULES
from scheduler.use_cases.release import release_once

LOST_FIRST = {**DEFAULT_RULES, "head_starts": {"lost": 500_000}}


async def test_an_office_begins_with_the_default_policy(office: Any) -> None:
    await office.apply()

    found = await office.get("policy")

    assert (found["current"]["version"], found["current"]["valid_from"]) == (1, None)
    assert found["current"]["rules"]["head_starts"]["first_issue"] == 365 * 24 * 60


async def test_each_put_is_a_new_version_with_author_and_reason(office: Any) -> None:
    await office.apply()

    await _put(office, LOST_FIRST)
    answer = await _put(office, DEFAULT_RULES)

    assert (answer.json()["version"], answer.json()["author"], answer.json()["reason"]) == (
        3,
        "tester",
        "coba",
    )
    assert [version["version"] for version in (await office.get("policy"))["versions"]] == [3, 2, 1]


async def test_bad_rules_name_every_wrong_field(office: Any) -> None:
    await office.apply()
    rules = {
        "head_starts": {"first_issue": -1, "gold": 5},
        "claims": [{"name": "a", "permille": 700}, {"name": "a", "permille": 600, "districts": ["x"]}],
        "suspensions": [{"kind": "lost", "until": "besok"}],
        "extra": 1,
    }

    answer = await _put(office, rules)

    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {
        "rules.head_starts.first_issue",
        "rules.head_starts.gold",
        "rules.claims",
        "rules.claims[1].name",
        "rules.claims[1].districts",
        "rules.suspensions[0].until",
        "rules.suspensions[0].reason",
        "rules.extra",
        "rules.urgent_per_day",
    }


async def test_a_refused_policy_changes_nothing(office: Any) -> None:
    await office.apply()

    await _put(office, {})

    assert (await office.get("policy"))["current"]["version"] == 1


async def test_a_policy_of_an_unknown_office_is_not_found(office: Any) -> None:
    assert (await _put(office, DEFAULT_RULES)).status_code == 404


async def test_a_new_policy_holds_at_once_and_rewrites_no_row(office: Any) -> None:
    await office.apply("first_issue", ago=timedelta(days=100))
    lost = await office.apply("lost")
    stamps = await office.value("SELECT array_agg(xmin::text ORDER BY id) FROM application")
    await _put(office, LOST_FIRST)
    assert await office.value("SELECT array_agg(xmin::text ORDER BY id) FROM application") == stamps

    await _work(office)

    assert [m.application_id for m in office.gateway.of(VerificationRequested)] == [lost]
    assert await office.value("SELECT policy_version FROM release_log") == 2


async def test_setting_a_policy_writes_its_row_and_no_other(office: Any) -> None:
    await office.tell(
        *(office.received(reason, ago=timedelta(days=9)) for reason in ("lost", "first_issue") * 40)
    )
    await office.relay.run_once()
    tables = ("application", "headcount", "crowd", "lane", "event", "tally", "outbox", "release_turn")
    stamps = " UNION ALL ".join(f"SELECT '{t}', ctid::text, xmin::text FROM {t}" for t in tables)
    count = f"SELECT md5(string_agg(x::text, ' ' ORDER BY x::text)) FROM ({stamps}) x"
    before = await office.value(count)

    await _put(office, LOST_FIRST)

    assert await office.value(count) == before
    assert await office.value("SELECT count(*) FROM policy") == 2


@pytest.mark.parametrize("cap", [0, 1])
async def test_a_smaller_cap_holds_at_once_for_those_made_urgent_today(office: Any, cap: int) -> None:
    cards = [await office.apply() for _ in range(3)]
    assert await _urgent(office, cards[0]) == 200
    await _put(office, {**DEFAULT_RULES, "urgent_per_day": cap})
    assert await _urgent(office, cards[1]) == 409

    await _put(office, {**DEFAULT_RULES, "urgent_per_day": 2})

    assert [await _urgent(office, card) for card in cards[1:]] == [200, 409]


async def test_of_two_who_ask_for_the_last_urgent_place_at_once_one_gets_it(office: Any) -> None:
    cards = [await office.apply() for _ in range(2)]
    await _put(office, {**DEFAULT_RULES, "urgent_per_day": 1})

    async with office.database.transaction() as tx:
        await tx.fetchval("SELECT code FROM office WHERE code = '21.02' FOR UPDATE")
        asked = [asyncio.ensure_future(_urgent(office, card)) for card in cards]
        while await tx.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2:
            await asyncio.sleep(0.003)

    assert sorted(await asyncio.gather(*asked)) == [200, 409]
    assert await office.value("SELECT count(*) FROM application WHERE kind = 'urgent'") == 1
    assert await office.value("SELECT n FROM tally WHERE cause = 'urgent'") == 1


async def test_a_policy_of_the_future_waits_for_its_day(office: Any) -> None:
    first = await office.apply("first_issue", ago=timedelta(days=100))
    await office.apply("lost")
    await _put(office, LOST_FIRST, valid_from=_at(office, days=1))

    await _work(office)

    assert [m.application_id for m in office.gateway.of(VerificationRequested)] == [first]


async def test_the_release_loop_wakes_when_a_policy_of_the_future_begins(office: Any) -> None:
    await office.apply()
    start = (office.clock.now() + timedelta(hours=3)).replace(microsecond=0)
    await _put(office, LOST_FIRST, valid_from=start.isoformat())

    assert await release_once(office.desk) == start


async def test_the_release_loop_wakes_when_a_suspension_ends(office: Any) -> None:
    await office.apply()
    end = (office.clock.now() + timedelta(hours=3)).replace(microsecond=0)
    suspension = {"kind": "lost", "until": end.isoformat(), "reason": "jeda"}
    await _put(office, {**DEFAULT_RULES, "suspensions": [suspension]})

    assert await release_once(office.desk) == end


async def test_a_policy_that_has_ended_leaves_the_one_before_it(office: Any) -> None:
    await office.apply()
    await _put(office, LOST_FIRST, valid_from=_at(office, days=-2), valid_until=_at(office, days=-1))

    assert (await office.get("policy"))["current"]["version"] == 1


@pytest.mark.parametrize("field", ["reason", "office", "rules"])
async def test_a_policy_needs_all_its_fields(office: Any, field: str) -> None:
    body = {"office": "21.02", "rules": dict(DEFAULT_RULES), "reason": "coba"}
    del body[field]

    answer = await office.client.put("/v1/policy", json=body, headers=office.token("supervisor"))

    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_policy_that_ends_before_it_begins_is_refused(office: Any) -> None:
    await office.apply()

    answer = await _put(
        office, DEFAULT_RULES, valid_from=_at(office, days=2), valid_until=_at(office, days=1)
    )

    assert answer.json()["errors"][0]["field"] == "valid_until"


def _at(office: Any, *, days: int) -> str:
    return str((office.clock.now() + timedelta(days=days)).isoformat())


async def _put(office: Any, rules: Any, **values: Any) -> Any:
    return await office.client.put(
        "/v1/policy",
        json={"office": "21.02", "rules": dict(rules), "reason": "coba", **values},
        headers=office.token("supervisor"),
    )


async def _urgent(office: Any, card: Any) -> int:
    answer = await office.post(f"applications/{card}/urgent", reason="bencana")
    return int(answer.status_code)


async def _work(office: Any) -> None:
    await office.open_centre()
    await office.enrol(blanks=1)
    await office.release()


async def test_rules_that_changed_are_read_anew_though_their_version_is_the_same(office: Any) -> None:
    turn = {"code": "21.02", "version": 1, "rules": dict(DEFAULT_RULES)}
    first = office.desk.policy(turn)

    restored = office.desk.policy({**turn, "rules": {**DEFAULT_RULES, "urgent_per_day": 3}})

    assert (first.urgent_per_day, restored.urgent_per_day) == (10, 3)
    assert office.desk.policy({**turn, "version": 2}).version == 2

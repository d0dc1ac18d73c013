"""Who goes first: time, head starts, floors, suspensions; at verification and at printing, as the log shows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backbone.contracts.scheduler import VerificationRequested
from scheduler.domain.policy import DEFAULT_RULES, parse_rules
from scheduler.domain.release_log import SLACK, behind_floor, faults

DAY = timedelta(days=1)


async def test_a_first_time_holder_overtakes_older_cards_within_a_year(office: Any) -> None:
    await _work(office, blanks=1)
    await office.apply("data_change", ago=200 * DAY)
    young = await office.apply("first_issue", ago=DAY)

    await office.release()

    assert await _asked(office) == [young]


async def test_an_old_card_of_more_than_a_year_stands_before_a_first_time_holder(office: Any) -> None:
    await _work(office, blanks=1)
    old = await office.apply("data_change", ago=400 * DAY)
    await office.apply("first_issue", ago=DAY)

    await office.release()

    assert await _asked(office) == [old]


async def test_an_urgent_card_goes_before_all_others(office: Any) -> None:
    await office.apply("first_issue", ago=300 * DAY)
    urgent = await office.apply("lost", ago=DAY)
    assert (await office.post(f"applications/{urgent}/urgent", reason="naik haji")).status_code == 200
    await _work(office, blanks=1)

    await office.release()

    assert await _asked(office) == [urgent]


@pytest.mark.parametrize("stage", ["verify", "print"])
async def test_cards_without_a_head_start_get_a_fifth_of_both_stages(office: Any, stage: str) -> None:
    await _work(office, blanks=70, slots=8)
    for n in range(40):
        await office.apply("first_issue", ago=DAY * n)
        await office.apply("data_change", ago=DAY * n)

    await _print(office, 50)

    picks = await _picks(office, stage)
    policy = parse_rules(DEFAULT_RULES)
    (claim,) = policy.claims
    assert behind_floor(picks, policy, claim) <= SLACK
    assert sum(kind == "data_change" for kind, _, _ in picks[:40]) >= 8 - SLACK
    await office.check()


async def test_every_pick_of_a_release_is_the_one_the_policy_asked_for(office: Any) -> None:
    await _work(office, blanks=60, slots=8)
    reasons = ("first_issue", "data_change", "lost", "moved_in")
    for n in range(60):
        await office.apply(reasons[n % 4], district=f"21.02.0{n % 3 + 1}", ago=DAY * (n * 7 % 50))

    await _print(office, 40)

    async with office.database.reading() as reader:
        logs = await reader.fetch("SELECT * FROM release_log")
    assert {row["stage"] for row in logs} == {"verify", "print"}
    policy = parse_rules(DEFAULT_RULES)
    assert [fault for row in logs for fault in faults(row, policy, row["at"])] == []


async def test_a_suspended_kind_stands_still(office: Any) -> None:
    await office.apply("lost", ago=50 * DAY)
    other = await office.apply("data_change")
    rules = {**DEFAULT_RULES, "suspensions": [{"kind": "lost", "reason": "laporan polisi"}]}
    await _policy(office, rules)
    await _work(office)

    await office.release()

    assert await _asked(office) == [other]


async def test_a_suspension_that_is_over_holds_nothing(office: Any) -> None:
    card = await office.apply("lost")
    over = (office.clock.now() - DAY).isoformat()
    await _policy(
        office, {**DEFAULT_RULES, "suspensions": [{"kind": "lost", "reason": "dulu", "until": over}]}
    )
    await _work(office)

    await office.release()

    assert await _asked(office) == [card]


async def test_approved_cards_of_a_suspended_kind_take_no_room_from_others(office: Any) -> None:
    await _work(office, blanks=1)
    await office.apply("lost", ago=DAY)
    await office.release()
    await office.execute("UPDATE station SET seen_at = NULL")
    await office.approve()
    await _policy(office, {**DEFAULT_RULES, "suspensions": [{"kind": "lost", "reason": "jeda"}]})
    other = await office.apply("data_change")
    await office.hello()

    await office.release()

    assert await _asked(office) == [other]


async def test_a_frozen_card_is_passed_over(office: Any) -> None:
    frozen = await office.apply(ago=DAY)
    other = await office.apply()
    await office.execute("UPDATE application SET frozen_by = 1 WHERE id = $1", frozen)
    await _work(office)

    await office.release()

    assert await _asked(office) == [other]


async def test_districts_outside_the_office_share_one_lane_by_age(office: Any) -> None:
    await _work(office)
    second = await office.apply(district="31.71.01", ago=DAY)
    first = await office.apply(district="14.03.02", ago=2 * DAY)

    await office.release()

    assert await _asked(office) == [first, second]
    assert await office.value("SELECT array_agg(district) FROM lane") == ["outside"]


async def test_a_share_for_far_islands_brings_their_cards_forward(office: Any) -> None:
    claim = {"name": "pulau", "permille": 500, "districts": ["21.02.09"]}
    await office.apply(ago=DAY)
    await _policy(office, {**DEFAULT_RULES, "claims": [claim]})
    await office.tell(*(office.received(ago=(n + 5) * DAY) for n in range(10)))
    await office.tell(*(office.received(district="21.02.09") for _ in range(3)))
    await _work(office, blanks=6)

    await office.release()

    picks = await _picks(office, "verify")
    assert [district for _, district, _ in picks].count("21.02.09") == 3


async def test_ties_are_settled_by_the_id(office: Any) -> None:
    await _work(office, blanks=2)
    now = office.clock.now()
    messages = [office.received().model_copy(update={"received_at": now}) for _ in range(4)]
    await office.tell(*reversed(messages))

    await office.release()

    assert await _asked(office) == [message.application_id for message in messages[:2]]


async def _work(office: Any, *, blanks: int = 10, slots: int = 2) -> None:
    await office.open_centre()
    await office.enrol(blanks=blanks, slots=slots)


async def _policy(office: Any, rules: dict[str, Any]) -> None:
    response = await office.client.put(
        "/v1/policy",
        json={"office": "21.02", "rules": rules, "reason": "uji coba"},
        headers=office.token("supervisor"),
    )
    assert response.status_code == 200, response.text


async def _asked(office: Any) -> list[UUID]:
    return [message.application_id for message in office.gateway.of(VerificationRequested)]


async def _picks(office: Any, stage: str) -> list[tuple[str, str, list[str]]]:
    async with office.database.reading() as reader:
        rows = await reader.fetch(
            "SELECT kind, district, live FROM release_pick WHERE stage = $1 ORDER BY release, n", stage
        )
    return [(row["kind"], row["district"], row["live"]) for row in rows]


async def _print(office: Any, cards: int) -> None:
    """Work as the office would until so many cards are printed."""
    for _ in range(cards):
        await office.release()
        await office.approve()
        job, nonce = (await office.jobs())[0], office.ids.new()
        await office.arm(job, nonce)
        await office.report(job, nonce, "printed")

"""Policies and caps that begin and end of themselves: the scheduler in virtual time, nobody at the desk."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from backbone.clock import VirtualClock
from backbone.contracts.scheduler import VerificationRequested
from scheduler.domain.policy import DEFAULT_RULES, KINDS

STILL = [{"kind": kind, "reason": "jeda"} for kind in KINDS]
STAND_STILL = {**DEFAULT_RULES, "suspensions": STILL}
LOST_FIRST = {**DEFAULT_RULES, "head_starts": {"lost": 500 * 1440}}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def office(databases: Any, virtual: VirtualClock, open_office: Any) -> AsyncIterator[Any]:
    """An office in virtual time with its loops; its station never counts as silent, its centre never closes."""
    async with open_office(
        databases.login("scheduler"), virtual, None, silent=1e8, gone=1e8, tz="Asia/Jakarta"
    ) as found:
        loops = [asyncio.create_task(loop.run()) for loop in found.service.loops]
        yield found
        for loop in found.service.loops:
            loop.stop()
        await asyncio.gather(*loops)


async def test_a_policy_of_the_future_takes_effect_at_its_moment_of_itself(office: Any) -> None:
    begins = office.clock.now() + DAY
    first = await office.apply("first_issue", ago=100 * DAY)
    lost = await office.apply("lost")
    await _put(office, STAND_STILL)
    await _put(office, LOST_FIRST, valid_from=begins)
    await _work(office, blanks=1)

    await office.clock.sleep_until(begins - timedelta(seconds=1))
    before = await _seen(office, first)
    await office.clock.sleep_until(begins + timedelta(seconds=1))

    assert before == ([], 2, 1)
    assert await _asked(office) == [lost]
    assert await office.value("SELECT policy_version FROM release_log") == 3
    assert await office.value("SELECT at FROM release_log") == begins


async def test_a_policy_that_ends_leaves_the_one_before_it_in_force_of_itself(office: Any) -> None:
    begins = office.clock.now() + HOUR
    first = await office.apply("first_issue", ago=100 * DAY)
    other = await office.apply("data_change", ago=300 * DAY)
    await _put(office, {**STAND_STILL, "head_starts": DEFAULT_RULES["head_starts"]})
    await _put(office, {**STAND_STILL, "head_starts": {}}, valid_from=begins, valid_until=begins + HOUR)

    seen = []
    for moment in (begins, begins + HOUR):
        for seconds in (-1, 0):
            await office.clock.sleep_until(moment + timedelta(seconds=seconds))
            seen.append([await _seen(office, card) for card in (first, other)])

    assert [[(version, place) for _, version, place in both] for both in seen] == [
        [(2, 1), (2, 2)],
        [(3, 2), (3, 1)],
        [(3, 2), (3, 1)],
        [(2, 1), (2, 2)],
    ]


async def test_what_was_suspended_for_a_while_goes_when_the_policy_ends(office: Any) -> None:
    ends = office.clock.now() + DAY
    await office.apply("lost")
    await _put(office, STAND_STILL, valid_until=ends)
    card = await office.apply("lost", ago=DAY)
    await _work(office, blanks=1)

    await office.clock.sleep_until(ends - timedelta(seconds=1))
    before = await _asked(office)
    await office.clock.sleep_until(ends + timedelta(seconds=1))

    assert (before, await _asked(office)) == ([], [card])


async def test_a_suspension_ends_at_its_moment_of_itself(office: Any) -> None:
    ends = office.clock.now() + DAY
    card = await office.apply("lost")
    until = {"kind": "lost", "reason": "jeda", "until": ends.isoformat()}
    await _put(office, {**DEFAULT_RULES, "suspensions": [until]})
    await _work(office)

    await office.clock.sleep_until(ends - timedelta(seconds=1))
    before = await _asked(office)
    await office.clock.sleep_until(ends + timedelta(seconds=1))

    assert (before, await _asked(office)) == ([], [card])


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Jakarta", 17), ("Asia/Makassar", 16), ("Asia/Jayapura", 15)]
)
async def test_the_urgent_places_of_a_day_are_new_at_the_office_s_own_midnight(
    office: Any, zone: str, hour: int
) -> None:
    cards = [await office.apply() for _ in range(4)]
    await office.execute("UPDATE office SET tz = $1", zone)
    await _put(office, {**DEFAULT_RULES, "urgent_per_day": 2})
    midnight = office.clock.now().replace(hour=hour, minute=0)
    assert [await _urgent(office, card) for card in cards[:3]] == [200, 200, 409]

    await office.clock.sleep_until(midnight - timedelta(seconds=1))
    last_second = await _urgent(office, cards[2])
    await office.clock.sleep_until(midnight)

    assert last_second == 409
    assert [await _urgent(office, card) for card in cards[2:]] == [200, 200]
    assert [found["urgent"] for found in await _proof(office, days=2)] == [2, 2]


async def _put(
    office: Any, rules: Any, *, valid_from: datetime | None = None, valid_until: datetime | None = None
) -> None:
    times = {"valid_from": valid_from, "valid_until": valid_until}
    body = {
        "office": "21.02",
        "rules": rules,
        "reason": "coba",
        **{name: moment and moment.isoformat() for name, moment in times.items()},
    }
    answer = await office.client.put("/v1/policy", json=body, headers=office.token("supervisor"))
    assert answer.status_code == 200, answer.text


async def _work(office: Any, *, blanks: int = 10) -> None:
    await office.open_centre(closes_at=None)
    await office.enrol(blanks=blanks)


async def _asked(office: Any) -> list[Any]:
    return [message.application_id for message in office.gateway.of(VerificationRequested)]


async def _seen(office: Any, card: Any) -> tuple[list[Any], int, int]:
    """What was asked of the centre, the policy in force, the card's place under it."""
    found = await office.get(f"applications/{card}/explain")
    return await _asked(office), found["rank"]["policy_version"], found["place"]


async def _urgent(office: Any, card: Any) -> int:
    answer = await office.post(f"applications/{card}/urgent", reason="bencana")
    return int(answer.status_code)


async def _proof(office: Any, *, days: int) -> Any:
    return (await office.get(f"policy/proof?office=21.02&days={days}"))["days"]

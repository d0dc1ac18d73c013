"""A policy for one day, set ahead: it begins and ends of itself, and the daily proof is what the printed cards say."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from tests.simulation.people import Crowd, every
from tests.simulation.scene import WIB, Card, Scene

from scheduler.domain.policy import DEFAULT_RULES

FAR = "21.02.10"
CLAIM = {"name": "pulau", "permille": 400, "districts": [FAR]}
FAR_FIRST = {**DEFAULT_RULES, "claims": [CLAIM]}
ONE_DAY = date(2018, 7, 4)


def on(day: int, hour: int = 7, minute: int = 30) -> datetime:
    return datetime(2018, 7, day, hour, minute, tzinfo=WIB)


async def test_a_policy_of_one_day_rules_that_day_and_the_proof_says_so(open_here: Any) -> None:
    crowd = Crowd()
    scene = Scene(
        start=on(3),
        seconds=1800,
        backlog=crowd.at(every(on(1, 8), 110, minutes=20), ["first_issue"])
        + crowd.at(every(datetime(2018, 5, 1, 8, 0, tzinfo=WIB), 70, minutes=600), ["data_change", "lost"]),
        deliveries=[(on(3), 100)],
    )
    async with open_here(crowd, scene) as world:
        body = {"office": "21.02", "rules": FAR_FIRST}
        rules = {"valid_from": on(4, 0, 0).isoformat(), "valid_until": on(5, 0, 0).isoformat(), **body}
        await world.call("supervisor", "PUT", "/scheduler/v1/policy", json={**rules, "reason": "pulau jauh"})
        await world.sleep_until(on(3, 8, 0))
        await world.until_all_printed(by=on(7))
        cards = await world.cards()
        proof = await world.call("supervisor", "GET", "/scheduler/v1/policy/proof?office=21.02&days=7")
        tried = await world.call("supervisor", "POST", "/scheduler/v1/policy/rehearse", json=body)
        findings = await world.findings()

    days = {date.fromisoformat(day["day"]): day["policies"] for day in proof["days"]}
    assert findings == []
    assert sum(_printed(policies) for policies in days.values()) == len(cards) == 180
    assert {day: _printed(policies) for day, policies in days.items() if policies} == _by_day(cards)
    for policies in days.values():
        assert all(claim["kept"] for ruled in policies for claim in _claims(ruled))
    # Only what was picked a moment before midnight comes out under the policy of the day before.
    versions = {
        day: [ruled["version"] for ruled in policies if ruled["verify"]["cards"]]
        for day, policies in days.items()
    }
    assert versions[ONE_DAY] == [2]
    assert all(found in ([], [1]) for day, found in versions.items() if day != ONE_DAY)
    ruled = next(ruled for ruled in days[ONE_DAY] if ruled["version"] == 2)
    (claim,) = ruled["verify"]["claims"]
    assert claim["picks"] >= 40
    assert claim["got"] >= claim["promised"] - 2
    assert claim["bound"] > 0
    assert tried["replayed"]["picks"] >= 180
    assert tried["claims"][0]["would_get"] == tried["claims"][0]["got"] == 45


def _printed(policies: Any) -> int:
    return sum(ruled["printed"]["cards"] for ruled in policies)


def _claims(ruled: Any) -> list[Any]:
    return [claim for stage in ("verify", "print", "printed") for claim in ruled[stage]["claims"]]


def _by_day(cards: list[Card]) -> dict[date, int]:
    found: dict[date, int] = defaultdict(int)
    for card in cards:
        found[card.closed_at.date()] += 1
    return dict(found)

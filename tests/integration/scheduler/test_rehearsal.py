"""A policy tried on the live queue: what it tells is true when it is then set, and trying leaves nothing behind."""

from datetime import timedelta
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest

from onebox.demo.scenario import BACKLOG
from scheduler.domain.policy import DEFAULT_RULES, KINDS, parse_rules

DAY = timedelta(days=1)
LOST_FIRST = {**DEFAULT_RULES, "head_starts": {"lost": 200 * 1440, "first_issue": 90 * 1440}}
FAR = {"name": "pulau", "permille": 300, "districts": ["21.02.09"]}


async def test_the_places_it_tells_are_those_of_the_policy_when_it_is_set(office: Any) -> None:
    cards = await _crowd(office, 400)
    named = [str(card) for card in Random(3).sample(cards, 60)]

    tried = await _try(office, LOST_FIRST, application_ids=named)
    before = await _explained(office, tried)
    await _put(office, LOST_FIRST)
    after = await _explained(office, tried)

    told = [*tried["applications"], *tried["movers"]["up"], *tried["movers"]["down"]]
    assert [card["application_id"] for card in tried["applications"]] == named
    assert len(tried["movers"]["up"]) == len(tried["movers"]["down"]) == 10
    assert {card["application_id"]: card["place"]["before"] for card in told} == before
    assert {card["application_id"]: card["place"]["after"] for card in told} == after


async def test_it_counts_who_moves_nearly_as_one_by_one(office: Any) -> None:
    await _crowd(office, 600)
    moved = await _moved_one_by_one(office)

    moves = (await _try(office, LOST_FIRST))["moves"]

    ups = sorted(-places for places in moved if places < 0)
    downs = sorted(places for places in moved if places > 0)
    assert moves["cards"] == 600
    assert abs(moves["up"]["cards"] - len(ups)) <= 12
    assert abs(moves["down"]["cards"] - len(downs)) <= 12
    assert abs(moves["up"]["most"] - ups[-1]) <= 6
    assert abs(moves["down"]["most"] - downs[-1]) <= 6
    assert abs(moves["up"]["mean"] - sum(ups) / len(ups)) <= 3


async def test_the_largest_movers_are_named_largest_first(office: Any) -> None:
    await _crowd(office, 600)
    moved = await _moved_one_by_one(office)

    movers = (await _try(office, LOST_FIRST))["movers"]

    up = [card["place"]["before"] - card["place"]["after"] for card in movers["up"]]
    assert up == sorted(up, reverse=True)
    assert up[0] >= -min(moved) - 6
    assert all(card["receipt_number"].startswith("2102-") for card in movers["up"])


async def test_lanes_add_up_to_all(office: Any) -> None:
    await _crowd(office, 200)

    tried = await _try(office, LOST_FIRST)

    for side in ("up", "down"):
        assert sum(lane[side]["cards"] for lane in tried["lanes"]) == tried["moves"][side]["cards"]
    assert {lane["kind"]: lane["head_start_days"] for lane in tried["lanes"] if lane["head_start_days"]} == {
        "lost": 200,
        "first_issue": -275,
    }


async def test_the_same_policy_moves_nobody(office: Any) -> None:
    await _crowd(office, 100)

    tried = await _try(office, DEFAULT_RULES)

    assert (tried["moves"]["up"]["cards"], tried["moves"]["down"]["cards"]) == (0, 0)
    assert tried["movers"] == {"up": [], "down": []}
    assert all(kind["ahead"]["before"] == kind["ahead"]["after"] for kind in tried["arriving"])


async def test_who_arrives_after_it_is_set_finds_as_many_ahead_as_it_told(office: Any) -> None:
    await _crowd(office, 200)

    tried = await _try(office, LOST_FIRST)
    ahead = {kind["kind"]: kind["ahead"] for kind in tried["arriving"]}
    first = await office.apply("first_issue")
    assert (await _place(office, first)) - 1 == ahead["first_issue"]["before"]
    await _put(office, LOST_FIRST)

    assert set(ahead) == set(KINDS)
    assert (await _place(office, first)) - 1 == ahead["first_issue"]["after"]


async def test_trying_writes_nothing(office: Any) -> None:
    await _crowd(office, 50)
    tables = ("application", "policy", "event", "outbox", "release_log", "release_turn", "headcount", "tally")
    sums = [f"SELECT count(*), coalesce(sum(hashtext(t::text || t.xmin)), 0) FROM {t} t" for t in tables]
    before = [[tuple(row) for row in await _rows(office, sql)] for sql in sums]

    await _try(office, LOST_FIRST)

    assert [[tuple(row) for row in await _rows(office, sql)] for sql in sums] == before
    assert (await office.get("policy"))["current"]["version"] == 1


async def test_a_suspension_names_what_would_stand_still(office: Any) -> None:
    await office.tell(*(office.received("lost") for _ in range(3)), office.received())

    tried = await _try(
        office, {**DEFAULT_RULES, "suspensions": [{"kind": "lost", "reason": "laporan polisi"}]}
    )

    assert tried["suspended"] == [{"kind": "lost", "cards": 3, "before": False, "after": True}]


async def test_a_policy_of_the_future_is_compared_with_the_one_in_force_then(office: Any) -> None:
    await office.apply()
    await _put(office, LOST_FIRST, valid_from=_at(office, days=2))

    now = await _try(office, DEFAULT_RULES)
    later = await _try(office, DEFAULT_RULES, valid_from=_at(office, days=3))

    assert (now["policy_version"], later["policy_version"]) == (1, 2)


async def test_a_claim_would_have_got_its_share_of_what_was_picked(office: Any) -> None:
    await office.open_centre()
    await office.enrol(blanks=60, slots=8)
    await office.tell(*(office.received("first_issue", ago=(n + 9) * DAY) for n in range(80)))
    await office.tell(*(office.received(district="21.02.09", ago=n * DAY) for n in range(40)))
    for _ in range(6):
        await office.release()
        await office.approve()
    picks = await office.value("SELECT count(*) FROM release_pick WHERE stage = 'verify'")

    tried = await _try(office, {**DEFAULT_RULES, "claims": [FAR]})

    (claim,) = tried["claims"]
    assert picks >= 20
    assert tried["replayed"]["picks"] == claim["picks"] == picks
    assert claim["promised"] == picks * 300 // 1000
    assert claim["promised"] - 2 <= claim["would_get"] <= claim["promised"] + 2
    assert claim["bound"] <= claim["would_get"]
    assert claim["got"] < claim["would_get"]
    assert claim["waiting"] == 40 - claim["got"]


async def test_where_nothing_was_picked_no_claim_would_have_got_a_card(office: Any) -> None:
    await _crowd(office, 20)

    tried = await _try(office, {**DEFAULT_RULES, "claims": [FAR]})

    assert (tried["claims"][0]["picks"], tried["claims"][0]["would_get"]) == (0, 0)
    assert (tried["replayed"]["since"], tried["cards_a_day"]) == (None, None)


async def test_places_are_told_in_days_of_the_office_s_own_pace(office: Any) -> None:
    cards = await _crowd(office, 100)
    await office.execute(
        "INSERT INTO tally SELECT '21.02', (backbone.now() AT TIME ZONE 'Asia/Jakarta')::date - d, 'printed', n "
        "FROM (VALUES (1, 30), (2, 50), (40, 999)) x(d, n)"
    )

    tried = await _try(office, LOST_FIRST, application_ids=[str(card) for card in cards[:40]])

    assert tried["cards_a_day"] == 40
    for card in tried["applications"]:
        assert card["days"] == round((card["place"]["after"] - card["place"]["before"]) / 40, 1)


async def test_a_card_that_does_not_wait_has_no_place(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    tried = await _try(office, LOST_FIRST, application_ids=[job["application_id"]])

    assert tried["applications"][0]["state"] == "printing"
    assert tried["applications"][0]["place"] == {"before": None, "after": None}


async def test_an_application_of_nobody_is_named_as_wrong(office: Any) -> None:
    card = await office.apply()

    answer = await _post(office, LOST_FIRST, application_ids=[str(card), str(UUID(int=5))])

    assert [error["field"] for error in answer.json()["errors"]] == ["application_ids[1]"]


async def test_bad_rules_name_every_wrong_field_as_where_they_are_set(office: Any) -> None:
    await office.apply()
    rules = {**DEFAULT_RULES, "head_starts": {"gold": 1}, "claims": [{"name": "a"}]}

    tried, put = await _post(office, rules), await _put(office, rules)

    assert tried.status_code == 422
    assert tried.json()["errors"] == put.json()["errors"]


async def test_only_a_supervisor_of_the_office_tries_its_policy(office: Any) -> None:
    await office.apply()
    body = {"office": "21.02", "rules": dict(DEFAULT_RULES)}
    strangers = office.token("supervisor", prefix="21.03"), office.token("operator")

    answers = [
        await office.client.post("/v1/policy/rehearse", json=body, headers=headers) for headers in strangers
    ]

    assert [answer.status_code for answer in answers] == [403, 403]


async def test_an_unknown_office_is_not_found(office: Any) -> None:
    assert (await _post(office, DEFAULT_RULES)).status_code == 404


@pytest.mark.speed
async def test_trying_a_policy_on_the_specimen_backlog_takes_less_than_two_seconds(office: Any) -> None:
    cards = [line.split(",") for line in BACKLOG.read_text().splitlines()[1:]]
    rows = [office.received(row[6], district=row[5], ago=n * 4 * DAY / 24) for n, row in enumerate(cards)]
    for start in range(0, len(rows), 500):
        await office.tell(*rows[start : start + 500])
    named = [str(row.application_id) for row in Random(1).sample(rows, 100)]

    began = perf_counter()
    tried = await _try(office, {**LOST_FIRST, "claims": [FAR]}, application_ids=named)
    took = perf_counter() - began

    print(f"\nrehearsed on {tried['moves']['cards']} waiting, 100 named: {took * 1000:.0f} ms")
    assert tried["moves"]["cards"] == len(rows) == 3000
    assert took < 2


async def _crowd(office: Any, n: int) -> list[UUID]:
    """So many cards of all kinds over two years; their ids."""
    random = Random(7)
    cards = [
        office.received(
            random.choice(KINDS[:-1]),
            district=f"21.02.{random.randint(1, 5):02}",
            ago=timedelta(minutes=random.randrange(700 * 1440)),
        )
        for _ in range(n)
    ]
    await office.tell(*cards)
    return [card.application_id for card in cards]


async def _moved_one_by_one(office: Any) -> list[int]:
    """By how many places every card falls back under LOST_FIRST."""
    rows = await _rows(office, "SELECT id, kind, ranked_from FROM application WHERE state = 'waiting'")
    orders = []
    for rules in (DEFAULT_RULES, LOST_FIRST):
        policy = parse_rules(rules)
        queue = sorted(rows, key=lambda row: (policy.rank_at(row["kind"], row["ranked_from"]), row["id"]))
        orders.append({row["id"]: n for n, row in enumerate(queue)})
    return [orders[1][key] - orders[0][key] for key in orders[0]]


async def _explained(office: Any, tried: Any) -> dict[str, int]:
    told = [*tried["applications"], *tried["movers"]["up"], *tried["movers"]["down"]]
    return {card["application_id"]: await _place(office, card["application_id"]) for card in told}


async def _place(office: Any, card: Any) -> int:
    return int((await office.get(f"applications/{card}/explain"))["place"])


async def _rows(office: Any, sql: str) -> Any:
    async with office.database.reading() as reader:
        return await reader.fetch(sql)


def _at(office: Any, *, days: int) -> str:
    return str((office.clock.now() + timedelta(days=days)).isoformat())


async def _post(office: Any, rules: Any, **values: Any) -> Any:
    return await office.post("policy/rehearse", "supervisor", office="21.02", rules=dict(rules), **values)


async def _try(office: Any, rules: Any, **values: Any) -> Any:
    answer = await _post(office, rules, **values)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _put(office: Any, rules: Any, **values: Any) -> Any:
    return await office.client.put(
        "/v1/policy",
        json={"office": "21.02", "rules": dict(rules), "reason": "coba", **values},
        headers=office.token("supervisor"),
    )

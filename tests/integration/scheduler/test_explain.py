"""Why a card waits: its place as brute force counts it, every term of its rank, every reason at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from backbone.contracts.gateway import VerificationAnswered
from scheduler.domain.policy import DEFAULT_RULES, KINDS, parse_rules

Situation = Callable[[Any], Awaitable[None]]


async def test_a_place_is_what_counting_one_by_one_gives(office: Any) -> None:
    random = Random(7)
    cards = [
        office.received(
            random.choice(KINDS[:-1]),
            district=f"21.02.{random.randint(1, 5):02}",
            ago=timedelta(minutes=random.randrange(700 * 1440)),
        )
        for _ in range(300)
    ]
    await office.tell(*cards)
    for card in random.sample(cards, 5):
        await office.post(f"applications/{card.application_id}/urgent", reason="bencana")
    async with office.database.reading() as reader:
        rows = await reader.fetch("SELECT id, kind, district, ranked_from FROM application")
    policy = parse_rules(DEFAULT_RULES)
    queue = sorted(rows, key=lambda row: (policy.rank_at(row["kind"], row["ranked_from"]), row["id"]))

    for row in random.sample(rows, 30):
        found = await office.get(f"applications/{row['id']}/explain")
        lane = [
            other for other in queue if (other["kind"], other["district"]) == (row["kind"], row["district"])
        ]
        assert (found["place"], found["lane_place"]) == (queue.index(row) + 1, lane.index(row) + 1)


async def test_the_terms_of_a_rank_add_up(office: Any) -> None:
    card = await office.apply("first_issue", ago=timedelta(days=9))
    await office.execute("UPDATE application SET ranked_from = received_at + interval '2 days'")

    rank = (await office.get(f"applications/{card}/explain"))["rank"]

    assert datetime.fromisoformat(rank["rank_at"]) == datetime.fromisoformat(rank["received_at"]) + timedelta(
        seconds=rank["applicant_held_seconds"], minutes=-rank["head_start_minutes"]
    )
    assert (rank["applicant_held_seconds"], rank["head_start_minutes"]) == (2 * 86400, 365 * 1440)


async def test_a_rank_names_the_shares_it_is_part_of(office: Any) -> None:
    card = await office.apply("data_change")

    rank = (await office.get(f"applications/{card}/explain"))["rank"]

    assert rank["claims"] == [{"name": "no_head_start", "permille": 200}]


async def test_a_receipt_number_finds_its_card(office: Any) -> None:
    message = office.received()
    await office.tell(message)

    found = await office.get(f"applications/{message.receipt_number.lower()}/explain")

    assert found["application_id"] == str(message.application_id)


async def _closed(office: Any) -> None:
    await office.open_centre(version=2, state="closed", opens_at=office.clock.now() + timedelta(hours=9))


async def _outage(office: Any) -> None:
    await office.open_centre(version=2, state="outage")


async def _quota(office: Any) -> None:
    await office.open_centre(version=2, state="quota")


async def _credentials(office: Any) -> None:
    await office.open_centre(version=2, state="credentials")


async def _unknown(office: Any) -> None:
    await office.execute("DELETE FROM centre")


async def _paused(office: Any) -> None:
    await office.post("stations/2102-1/pause", reason="istirahat")


async def _silent(office: Any) -> None:
    await office.execute("UPDATE station SET seen_at = NULL")


async def _stopped(office: Any) -> None:
    await office.hello(printer="stopped")


async def _uncertain(office: Any) -> None:
    job, nonce = await office.armed()
    await office.report(job, nonce, "uncertain")


async def _no_blanks(office: Any) -> None:
    await office.post("stations/2102-1/count", blanks=0, second_person="saksi", reason="habis")


async def _suspended(office: Any) -> None:
    rules = {**DEFAULT_RULES, "suspensions": [{"kind": "lost", "reason": "jeda"}]}
    body = {"office": "21.02", "rules": rules, "reason": "jeda"}
    await office.client.put("/v1/policy", json=body, headers=office.token("supervisor"))


async def _frozen(office: Any) -> None:
    await office.execute("UPDATE application SET frozen_by = 3 WHERE reason = 'lost'")


async def _others(office: Any) -> None:
    await office.apply("first_issue")


async def _recovering(office: Any) -> None:
    await office.execute("UPDATE office SET recovering = true")


@pytest.mark.parametrize(
    ("situation", "code"),
    [
        (_closed, "centre_closed"),
        (_outage, "centre_outage"),
        (_quota, "centre_quota"),
        (_credentials, "centre_credentials"),
        (_unknown, "centre_unknown"),
        (_paused, "no_station"),
        (_silent, "no_station"),
        (_stopped, "printer_stopped"),
        (_uncertain, "stations_uncertain"),
        (_no_blanks, "no_blanks"),
        (_suspended, "suspended"),
        (_frozen, "incident"),
        (_others, "others_first"),
        (_recovering, "recovering"),
    ],
)
async def test_what_holds_a_waiting_card_is_named(office: Any, situation: Situation, code: str) -> None:
    await office.open_centre()
    await office.enrol()
    await situation(office)
    card = await office.apply("lost")
    if situation is _frozen:
        await situation(office)

    assert code in await _codes(office, card)


async def test_nothing_holds_a_card_that_may_go(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    card = await office.apply()

    assert await _codes(office, card) == []


async def test_all_that_holds_a_card_is_named_at_once(office: Any) -> None:
    await office.enrol(blanks=0)
    await _closed(office)
    await _others(office)
    await _suspended(office)
    card = await office.apply("lost")

    assert await _codes(office, card) == ["suspended", "centre_closed", "others_first", "no_blanks"]


@pytest.mark.parametrize(
    ("outcome", "code", "who"),
    [
        ("needs_correction", "applicant_must_correct", "applicant"),
        ("in_review", "officer_must_decide", "officer"),
        ("deferred", "record_not_ready", "nobody"),
    ],
)
async def test_whose_move_it_is_is_named(office: Any, outcome: Any, code: str, who: str) -> None:
    await office.open_centre()
    await office.enrol()
    card = await office.apply()
    await office.release()
    await office.tell(
        VerificationAnswered(application_id=card, round=1, outcome=outcome, code="1", at=office.clock.now())
    )

    found = await office.get(f"applications/{card}/explain")

    assert (found["who_acts"], [blocker["code"] for blocker in found["blockers"]]) == (who, [code])


async def test_a_card_at_a_station_shows_its_attempt(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()

    found = await office.get(f"applications/{job['application_id']}/explain")

    assert (found["attempt"]["state"], found["attempt"]["station"], found["place"]) == (
        "armed",
        "2102-1",
        None,
    )


async def _codes(office: Any, card: Any) -> list[str]:
    return [blocker["code"] for blocker in (await office.get(f"applications/{card}/explain"))["blockers"]]

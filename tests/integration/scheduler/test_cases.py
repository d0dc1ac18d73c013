"""An officer's acts on one case: urgent, decide, hold."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backbone.contracts.gateway import VerificationAnswered
from backbone.contracts.scheduler import ApplicationRanked, ApplicationStatus
from scheduler.use_cases.sweep import sweep_once


async def test_an_urgent_case_is_told_its_new_places(office: Any) -> None:
    await office.apply("first_issue", ago=timedelta(days=500))
    card = await office.apply("lost", ago=timedelta(days=1))
    await office.relay.run_once()
    office.intake.messages.clear()

    answer = await office.post(f"applications/{card}/urgent", reason="naik haji")
    await office.relay.run_once()

    (ranked,) = office.intake.of(ApplicationRanked)
    assert answer.json()["kind"] == "urgent"
    assert (ranked.place, ranked.lane_place) == (2, 1)
    await office.check()


async def test_urgent_cases_have_a_cap_a_day(office: Any) -> None:
    cards = [await office.apply() for _ in range(11)]

    answers = [(await office.post(f"applications/{card}/urgent", reason="bencana")) for card in cards]

    assert [answer.status_code for answer in answers] == [200] * 10 + [409]
    assert answers[-1].json()["per_day"] == 10


async def test_the_cap_holds_where_all_come_at_once(office: Any) -> None:
    cards = [await office.apply() for _ in range(14)]

    answers = await asyncio.gather(
        *(office.post(f"applications/{card}/urgent", reason="bencana") for card in cards)
    )

    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 4


async def test_one_case_made_urgent_twice_at_once_counts_once(office: Any) -> None:
    card = await office.apply()

    answers = await asyncio.gather(
        *(office.post(f"applications/{card}/urgent", reason="bencana") for _ in range(2))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    await office.check()


async def test_what_is_urgent_already_is_said_to_be(office: Any) -> None:
    card = await office.apply()
    await office.post(f"applications/{card}/urgent", reason="bencana")

    answer = await office.post(f"applications/{card}/urgent", reason="bencana")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:already-urgent")


async def test_no_case_is_held_until_a_moment_that_is_past(office: Any) -> None:
    card = await office.apply()

    answer = await office.post(f"applications/{card}/hold", reason="berkas", until="2018-01-01T00:00:00Z")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "past"


async def test_a_reason_of_blanks_is_none(office: Any) -> None:
    card = await office.apply()

    answer = await office.post(f"applications/{card}/urgent", reason="     ")

    assert answer.json()["errors"][0]["message_id"] == "Isian ini terlalu pendek: paling sedikit 3 huruf."


async def test_urgent_cases_are_in_the_public_count_of_the_day(office: Any) -> None:
    card = await office.apply()

    await office.post(f"applications/{card}/urgent", reason="bencana")

    assert (await office.get("summary"))["today"]["urgent"] == 1


async def test_a_case_on_its_way_cannot_be_made_urgent(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    answer = await office.post(f"applications/{job['application_id']}/urgent", reason="bencana")

    assert (answer.status_code, answer.json()["state"]) == (409, "printing")


@pytest.mark.parametrize("to", ["waiting", "needs_correction", "refused"])
async def test_an_officer_decides_a_case_in_review(office: Any, to: str) -> None:
    card = await _answered(office, "in_review")

    answer = await office.post(f"applications/{card}/decide", "operator", to=to, reason="diperiksa")

    assert answer.json()["state"] == to
    await office.check()


async def test_a_case_not_in_review_cannot_be_decided(office: Any) -> None:
    card = await office.apply()

    answer = await office.post(f"applications/{card}/decide", "operator", to="refused", reason="diperiksa")

    assert answer.status_code == 409


async def test_a_refused_case_is_not_decided_again_it_is_reopened_at_intake(office: Any) -> None:
    card = await _answered(office, "refused")

    answer = await office.post(f"applications/{card}/decide", to="waiting", reason="keberatan")

    assert (answer.status_code, await office.state("application", card)) == (409, "refused")


async def test_a_held_case_waits_again_after_its_date_in_its_old_place(office: Any) -> None:
    card = await office.apply(ago=timedelta(days=3))
    before = await office.row("application", card)
    assert (await _hold(office, card)).json()["state"] == "in_review"
    await office.execute("UPDATE application SET due_at = backbone.now()")

    await sweep_once(office.desk)

    row = await office.row("application", card)
    assert (row["state"], row["ranked_from"]) == ("waiting", before["ranked_from"])
    await office.check()


async def test_a_case_in_review_is_held_on_and_that_is_an_event(office: Any) -> None:
    card = await _answered(office, "in_review")

    await _hold(office, card, days=9)
    await office.relay.run_once()

    row = await office.row("application", card)
    assert row["due_at"] - office.clock.now() > timedelta(days=8)
    status = office.intake.of(ApplicationStatus)[-1]
    assert (status.state, status.cause, status.due_at) == ("in_review", "held", row["due_at"])
    await office.check()


async def test_a_frozen_case_can_be_held_and_the_sweep_finds_rest(office: Any) -> None:
    card = await office.apply()
    await office.execute("UPDATE application SET frozen_by = 1")
    await _hold(office, card)
    await office.execute("UPDATE application SET due_at = backbone.now()")

    await sweep_once(office.desk)

    assert await sweep_once(office.desk) is None
    assert await office.state("application", card) == "waiting"


async def test_a_card_on_its_way_cannot_be_held(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    assert (await _hold(office, job["application_id"])).status_code == 409


async def test_a_hold_needs_a_date_with_its_zone(office: Any) -> None:
    card = await office.apply()

    answer = await office.post(f"applications/{card}/hold", until="2026-12-01T00:00:00", reason="tunggu")

    assert answer.json()["errors"][0]["field"] == "until"


async def test_every_act_needs_a_reason(office: Any) -> None:
    card = await office.apply()

    answer = await office.post(f"applications/{card}/urgent")

    assert answer.json()["errors"][0]["field"] == "reason"


async def _answered(office: Any, outcome: Any) -> UUID:
    await office.open_centre()
    await office.enrol()
    card: UUID = await office.apply()
    await office.release()
    now = office.clock.now()
    await office.tell(VerificationAnswered(application_id=card, round=1, outcome=outcome, code="11", at=now))
    return card


async def _hold(office: Any, card: Any, *, days: int = 2) -> Any:
    until = (office.clock.now() + timedelta(days=days)).isoformat()
    return await office.post(f"applications/{card}/hold", "operator", until=until, reason="tunggu berkas")

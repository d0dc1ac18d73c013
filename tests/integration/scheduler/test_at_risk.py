"""Service targets and who is at risk of missing theirs, in counter time, from an index and never from the whole backlog."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from backbone import calendar
from backbone.calendar import Calendar, Hours
from backbone.contracts.gateway import CalendarsChanged, VerificationAnswered
from scheduler.domain.policy import KINDS

DAILY = Hours.parse("07:30-16:00")
COUNTER = Calendar(name="counter", tz="Asia/Jakarta", weekly=(*(DAILY,) * 5, *(Hours.parse("closed"),) * 2))
WHY = "standar pelayanan"


async def test_there_are_no_targets_until_a_supervisor_sets_some(office: Any) -> None:
    await office.apply(ago=timedelta(days=900))

    none = await office.get("targets")
    risks = await office.get("at-risk")

    assert (none["current"], none["versions"]) == (None, [])
    assert (risks["targets_version"], risks["items"], risks["next"]) == (None, [], None)


async def test_targets_have_versions_with_author_and_reason(office: Any) -> None:
    await office.apply()
    first = await _set(office, {"lost": 16})
    second = await _set(office, {"first_issue": 40.5, "urgent": 8})

    found = await office.get("targets")

    assert (first.json()["version"], second.json()["version"]) == (1, 2)
    assert found["current"]["hours"] == {"first_issue": 40.5, "urgent": 8}
    assert [(one["version"], one["author"], one["reason"]) for one in found["versions"]] == [
        (2, "tester", WHY),
        (1, "tester", WHY),
    ]


@pytest.mark.parametrize(
    ("hours", "field"), [({"lost": 0}, "hours.lost"), ({"birthday": 3}, "hours.birthday")]
)
async def test_a_wrong_target_is_named(office: Any, hours: dict[str, float], field: str) -> None:
    await office.apply()

    answer = await _set(office, hours)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)


async def test_targets_are_the_office_s_and_its_supervisor_s(office: Any) -> None:
    await office.apply()

    assert (await _set(office, {"lost": 9}, "operator")).status_code == 403
    assert (await _set(office, {"lost": 9}, office_code="21.03")).status_code == 403
    strange = await office.client.get(
        "/v1/at-risk?office=21.99", headers=office.token("supervisor", prefix="")
    )
    assert strange.status_code == 404


async def test_who_is_at_risk_is_what_reading_every_case_s_clock_gives(office: Any) -> None:
    random = Random(11)
    await _counter(office, COUNTER)
    cards = [
        office.received(random.choice(KINDS[:-1]), ago=timedelta(minutes=random.randrange(60 * 24 * 60)))
        for _ in range(120)
    ]
    await office.tell(*cards)
    hours = {"lost": 30.0, "first_issue": 120.0, "moved_in": 4.0}
    await _set(office, hours)

    found = await office.get("at-risk?share=0.7&limit=1000")

    now = datetime.fromisoformat(found["as_of"])
    used = {
        card.application_id: calendar.open_seconds(COUNTER, card.received_at, now) / 3600
        for card in cards
        if card.reason in hours
    }
    reasons = {card.application_id: card.reason for card in cards}
    risky = {str(card) for card, spent in used.items() if spent >= 0.7 * hours[reasons[card]]}
    assert {one["id"] for one in found["items"]} == risky
    assert len(risky) > 20
    for one in found["items"]:
        assert one["used_hours"] == pytest.approx(used[UUID(one["id"])], abs=0.02)
        assert one["left_hours"] == pytest.approx(one["target_hours"] - one["used_hours"], abs=0.02)
        due = calendar.advance(
            COUNTER, datetime.fromisoformat(one["ranked_from"]), one["target_hours"] * 3600
        )
        assert datetime.fromisoformat(one["due_at"]) == due
        assert one["exceeded"] == (due is not None and due <= now)
    dues = [one["due_at"] for one in found["items"]]
    assert dues == sorted(dues, key=datetime.fromisoformat)


async def test_pages_show_the_same_in_the_same_order(office: Any) -> None:
    random = Random(5)
    await office.tell(
        *(
            office.received(random.choice(["lost", "damaged"]), ago=timedelta(hours=random.randrange(900)))
            for _ in range(23)
        )
    )
    await _set(office, {"lost": 50, "damaged": 90})
    whole = [one["id"] for one in (await office.get("at-risk"))["items"]]

    shown, query = [], "at-risk?limit=4"
    while True:
        page = await office.get(query)
        shown += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        query = f"at-risk?limit=4&after={page['next']}"

    assert shown == whole
    assert len(whole) > 8


async def test_a_cursor_of_something_else_is_refused(office: Any) -> None:
    await office.apply()

    answer = await office.client.get("/v1/at-risk?after=abc", headers=office.token("operator"))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor")


async def test_the_clock_stands_still_while_the_applicant_must_act(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    card = await office.apply("lost", ago=timedelta(hours=100))
    await _set(office, {"lost": 90})
    await office.release()
    said = {"round": 1, "outcome": "needs_correction", "code": "1", "at": office.clock.now()}
    await office.tell(VerificationAnswered(application_id=card, **said))

    theirs = (await office.get("at-risk"))["items"]
    # They held it for 30 of the 100 hours, and have acted.
    await office.execute(
        "UPDATE application SET state = 'in_review', due_at = NULL, ranked_from = received_at + interval '30 h'"
    )
    ours = await office.get("at-risk")
    (closer,) = (await office.get("at-risk?share=0.7"))["items"]

    assert theirs == ours["items"] == []
    assert (closer["used_hours"], closer["exceeded"], closer["state"]) == (70, False, "in_review")


async def test_a_card_that_is_printed_is_at_no_risk_and_one_in_flight_is(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    card = await office.apply("lost", ago=timedelta(hours=50))
    await _set(office, {"lost": 40})
    await office.release()

    (one,) = (await office.get("at-risk"))["items"]
    await office.approve()
    (job,) = await office.jobs()
    nonce = office.ids.new()
    await office.arm(job, nonce)
    await office.report(job, nonce, "printed")

    assert (one["id"], one["state"], one["exceeded"]) == (str(card), "verifying", True)
    assert (await office.get("at-risk"))["items"] == []


async def _set(office: Any, hours: dict[str, float], *scopes: str, office_code: str = "21.02") -> Any:
    body = {"office": office_code, "hours": hours, "reason": WHY}
    return await office.client.put(
        "/v1/targets", json=body, headers=office.token(*(scopes or ("supervisor",)))
    )


async def _counter(office: Any, found: Calendar) -> None:
    calendars = {"counter": found.to_json()}
    await office.tell(CalendarsChanged(version=1, calendars=calendars, at=office.clock.now()))

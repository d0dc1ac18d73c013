"""Why nothing moves, for an office and a station: what it says is what release does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from backbone.calendar import Calendar, Hours
from backbone.contracts.gateway import CalendarsChanged, VerificationAnswered
from scheduler.domain.policy import DEFAULT_RULES

Situation = Callable[[Any], Awaitable[Any]]
SHUT = Hours.parse("closed")


async def _nothing(office: Any) -> None:
    pass


async def _centre_closed(office: Any) -> None:
    await office.open_centre(version=2, state="closed", opens_at=office.clock.now() + timedelta(hours=9))


async def _close_passed(office: Any) -> None:
    await office.open_centre(version=2, closes_at=office.clock.now() - timedelta(seconds=1))


async def _not_reported(office: Any) -> None:
    await office.execute("DELETE FROM centre")


async def _quota_used_up(office: Any) -> None:
    await office.open_centre(version=2, quota_left=1)


async def _one_a_minute(office: Any) -> None:
    await office.open_centre(version=2, calls_per_hour=120)


async def _recovering(office: Any) -> None:
    await office.execute("UPDATE office SET recovering = true")


async def _paused(office: Any) -> None:
    await office.post("stations/2102-1/pause", reason="istirahat")


async def _lost(office: Any) -> None:
    await office.post("stations/2102-1/lost", reason="dicuri")


async def _silent(office: Any) -> None:
    await office.execute("UPDATE station SET seen_at = backbone.now() - interval '91 s'")


async def _stopped(office: Any) -> None:
    await office.hello(printer="stopped", printer_reasons=["marker-supply-empty-error"])


async def _no_blanks(office: Any) -> None:
    await office.post("stations/2102-1/count", blanks=0, second_person="saksi", reason="habis")


async def _one_blank(office: Any) -> None:
    await office.post("stations/2102-1/count", blanks=1, second_person="saksi", reason="habis")


async def _no_station(office: Any) -> None:
    await office.execute("UPDATE station SET state = 'retired'")


async def _suspended(office: Any) -> None:
    rules = {**DEFAULT_RULES, "suspensions": [{"kind": "lost", "reason": "jeda"}]}
    body = {"office": "21.02", "rules": rules, "reason": "jeda"}
    await office.client.put("/v1/policy", json=body, headers=office.token("supervisor"))


async def _hours_over(office: Any) -> None:
    shut = Calendar(name="printing", tz="Asia/Jakarta", weekly=(SHUT,) * 7).to_json()
    await office.tell(CalendarsChanged(version=1, calendars={"printing": shut}, at=office.clock.now()))


async def _needs_centre(office: Any) -> None:
    await office.execute("UPDATE office SET print_after_close = false")
    await _centre_closed(office)


async def _frozen(office: Any) -> None:
    await office.execute(
        """WITH made AS (INSERT INTO incident (office, application_id, kind, detail)
          SELECT office, id, 'x', '{}' FROM application RETURNING id, application_id)
        UPDATE application a SET frozen_by = made.id FROM made WHERE made.application_id = a.id"""
    )


CAUSES: list[tuple[Situation, str | None, str | None]] = [
    (_nothing, None, None),
    (_centre_closed, "centre_closed", None),
    (_close_passed, "centre_closed", None),
    (_not_reported, "centre_unknown", None),
    (_quota_used_up, "quota_spoken_for", None),
    (_one_a_minute, None, None),
    (_recovering, "recovering", "recovering"),
    (_paused, "station_paused", "station_paused"),
    (_lost, "station_lost", "station_lost"),
    (_silent, "station_silent", "station_silent"),
    (_stopped, None, "ribbon_out"),
    (_no_blanks, "no_blanks", "no_blanks"),
    (_one_blank, "blanks_promised", None),
    (_no_station, "no_station", "no_station"),
    (_suspended, "suspended", "suspended"),
    (_hours_over, "no_printing_hours", "printing_closed"),
    (_needs_centre, "centre_closed", "centre_closed"),
    (_frozen, "incident", "incident"),
]


@pytest.mark.parametrize(("cause", "verification", "printing"), CAUSES)
async def test_a_cause_is_named_at_the_stages_it_stops_and_release_does_as_said(
    office: Any, cause: Situation, verification: str | None, printing: str | None
) -> None:
    await _with_cards(office)
    await cause(office)

    said = await _said_and_done(office)

    for stage, code in (("verification", verification), ("printing", printing)):
        assert (code in said[stage]) if code else (said[stage] == []), stage


PAIRS = [_centre_closed, _paused, _no_blanks, _suspended, _one_a_minute, _hours_over, _one_blank]


@pytest.mark.parametrize("causes", [pair for pair in product(PAIRS, PAIRS) if pair[0] is not pair[1]])
async def test_what_is_said_is_what_release_does_whatever_comes_together(office: Any, causes: Any) -> None:
    await _with_cards(office)
    for cause in causes:
        await cause(office)

    await _said_and_done(office)


async def test_an_idle_office_has_no_reasons(office: Any) -> None:
    await office.open_centre()
    await office.enrol()

    (found,) = (await office.get("explain"))["offices"]

    assert [stage["blockers"] for stage in found["stages"]] == [[], []]
    assert not found["moving"]


async def test_reasons_are_told_with_owner_cards_end_and_both_languages(office: Any) -> None:
    await _with_cards(office)
    await _centre_closed(office)

    (hold,) = (await office.get("explain"))["offices"][0]["stages"][0]["blockers"]

    opens = (await office.get("explain"))["offices"][0]["next"][0]
    assert (hold["owner"], hold["cards"], hold["clears_at"]) == ("centre", 2, opens["at"])
    assert (hold["message_id"], hold["message_en"]) == (
        "Pusat data sedang tutup.",
        "The data centre is closed.",
    )
    assert opens["code"] == "centre_opens"


async def test_what_stands_aside_is_told_with_its_next_date(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    cards = [await office.apply() for _ in range(3)]
    await office.release()
    for card, outcome in zip(cards, ("in_review", "needs_correction", "deferred"), strict=True):
        said = {"round": 1, "outcome": outcome, "code": "1", "at": office.clock.now()}
        await office.tell(VerificationAnswered(application_id=card, **said))

    (found,) = (await office.get("explain"))["offices"]

    standing = {hold["code"]: hold["cards"] for hold in found["aside"]}
    assert standing == {"officer_must_decide": 1, "applicant_must_correct": 1, "record_not_ready": 1}
    due = {one["code"]: one["at"] for one in found["next"]}
    assert {"needs_correction", "deferred", "centre_closes"} <= due.keys()
    assert due["deferred"] < due["needs_correction"]


async def test_an_announced_delivery_is_what_comes_next(office: Any) -> None:
    await _with_cards(office)
    await _no_blanks(office)
    comes = office.clock.now() + timedelta(days=2)
    await office.execute(
        "INSERT INTO delivery (office, note_number, place, blanks, expected_at, actor) VALUES ('21.02', 'SJ-8', '', 500, $1, 'x')",
        comes,
    )

    (found,) = (await office.get("explain"))["offices"]

    holds = [hold for stage in found["stages"] for hold in stage["blockers"] if hold["code"] == "no_blanks"]
    assert {hold["clears_at"] for hold in holds} == {
        one["at"] for one in found["next"] if one["code"] == "delivery"
    }


STATION: list[tuple[Situation, str]] = [
    (_paused, "station_paused"),
    (_lost, "station_lost"),
    (_silent, "station_silent"),
    (_stopped, "ribbon_out"),
    (_no_blanks, "no_blanks"),
    (_no_station, "station_retired"),
    (_hours_over, "printing_closed"),
    (_recovering, "recovering"),
    (_needs_centre, "centre_closed"),
]


@pytest.mark.parametrize(("cause", "code"), STATION)
async def test_a_station_says_why_it_prints_nothing(office: Any, cause: Situation, code: str) -> None:
    await _with_cards(office)
    await cause(office)

    found = await office.get("stations/2102-1/explain")

    assert code in [stop["code"] for stop in found["blockers"]]
    assert (found["in_hand"], found["approved"], found["nothing_approved"]) == (0, 2, False)


async def test_a_station_that_waits_for_approvals_says_what_holds_those(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.apply()
    await _centre_closed(office)

    found = await office.get("stations/2102-1/explain", "auditor")

    assert (found["blockers"], found["nothing_approved"]) == ([], True)
    assert [hold["code"] for hold in found["verification"]["blockers"]] == ["centre_closed"]


async def test_a_station_with_its_hands_full_or_an_uncertain_card_says_so(office: Any) -> None:
    await office.open_centre()
    await office.enrol(slots=1)
    job, nonce = await office.armed()
    busy = await office.get("stations/2102-1/explain")
    await office.report(job, nonce, "uncertain")

    doubtful = await office.get("stations/2102-1/explain")

    assert ([stop["code"] for stop in busy["blockers"]], busy["in_hand"]) == (["slots_full"], 1)
    assert "uncertain_card" in [stop["code"] for stop in doubtful["blockers"]]


async def test_a_station_may_ask_for_itself_only(office: Any) -> None:
    await office.enrol()
    await office.enrol("2102-2")
    mine = office.token("station", station="2102-1")

    codes = [
        (await office.client.get(f"/v1/stations/2102-{n}/explain", headers=mine)).status_code
        for n in (1, 2, 9)
    ]

    assert codes == [200, 403, 404]


async def _with_cards(office: Any) -> None:
    """Two cards approved with a station that could take them, two that wait; nothing stops anything."""
    await office.open_centre()
    await office.enrol()
    await office.post("stations/2102-1/pause", reason="sebentar")
    await office.execute("UPDATE station SET state = 'running'")
    await office.tell(*(office.received("lost") for _ in range(2)))
    await office.execute("UPDATE station SET seen_at = backbone.now()")
    await office.release()
    await office.execute("UPDATE station SET printer = 'stopped'")
    await office.approve()
    await office.execute("UPDATE station SET printer = 'ready'")
    await office.tell(*(office.received("lost") for _ in range(2)))


async def _said_and_done(office: Any) -> dict[str, list[str]]:
    """What is said of each stage, once it was seen that release does as said."""
    (found,) = (await office.get("explain"))["offices"]
    moved = "SELECT count(*) FROM event WHERE cause = $1"
    before = {cause: await office.value(moved, cause) for cause in ("released", "reserved")}

    await office.release()

    for stage, cause in zip(found["stages"], ("released", "reserved"), strict=True):
        picked = await office.value(moved, cause) - before[cause]
        assert picked == stage["room"], (stage, picked)
        assert bool(stage["blockers"]) == (stage["cards"] > 0 and not picked), stage
    return {stage["name"]: [hold["code"] for hold in stage["blockers"]] for stage in found["stages"]}

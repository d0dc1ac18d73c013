"""An application's whole way through the office, and what may come between; every story ends with a clean audit."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from simulator.domain.faults import Outage

WIB = ZoneInfo("Asia/Jakarta")
SHORT_DAY = {"centre_hours": ("08:00-15:00",) * 7}


def at(hour: int, minute: int = 0, *, day: int = 29) -> datetime:
    return datetime(2018, 6, day, hour, minute, tzinfo=WIB)


def codes(explained: dict[str, Any]) -> set[str]:
    return {blocker["code"] for blocker in explained["blockers"]}


class JamOnce:
    """The first card sent does not come out."""

    def __init__(self) -> None:
        self.jammed: UUID | None = None

    def __call__(self, attempt_id: UUID) -> str | None:
        if self.jammed is None:
            self.jammed = attempt_id
            return "media-jam"
        return None


async def test_an_application_goes_from_the_kiosk_to_the_citizens_hand(office: Any) -> None:
    posted = await office.post(office.people.take(1)[0])
    queued = await office.receipt(posted)
    await office.sleep(minutes=1)
    why = await office.explain(posted["application_id"])
    await office.until_all_printed()
    ready = await office.receipt(posted)
    cards = list((office.home / "cards").glob("*.pdf"))
    path = f"/intake/v1/applications/{posted['application_id']}/collect"
    collected = await office.call("counter", "POST", path)
    taken = await office.receipt(posted)

    assert queued["state"] == "queued"
    assert (why["state"], why["attempt"]["state"]) == ("printing", "armed")
    assert ready["state"] == "ready"
    assert [card.read_bytes()[:4] for card in cards] == [b"%PDF"]
    assert collected["state"] == "collected"
    assert taken["state"] == "collected"
    assert await office.audit() == []


async def test_first_time_holders_overtake_and_the_others_keep_their_share(open_office: Any) -> None:
    async with open_office(hours=SHORT_DAY) as office:
        others = await office.post_all(office.people.take(20, "data_change"))
        first_timers = await office.post_all(office.people.take(6, "first_issue"))
        await office.until_all_printed()
        order = [row["application_id"] for row in await office.printed()]
        findings = await office.audit()

    assert set(first_timers) <= set(order[:10])
    assert set(others) & set(order[:8])
    assert [card for card in order if card in others] == others
    assert findings == []


async def test_a_closed_centre_holds_everything_until_it_opens(open_office: Any) -> None:
    async with open_office(hours=SHORT_DAY) as office:
        ids = await office.post_all(office.people.take(5))
        await office.sleep(minutes=10)
        why = await office.explain(ids[0])
        asked_before = len(list(office.centre.calls))
        await office.until_all_printed(hours=6)
        calls = [call.started_at for call in office.centre.calls]
        findings = await office.audit()

    assert why["state"] == "waiting"
    assert "centre_closed" in codes(why)
    assert asked_before == 0
    assert min(calls) >= at(8)
    assert findings == []


async def test_printing_goes_on_after_the_close_from_approvals_made_before(open_office: Any) -> None:
    async with open_office(hours=SHORT_DAY) as office:
        await office.sleep_until(at(13, 30))
        await office.post_all(office.people.take(60))
        await office.sleep_until(at(23))
        after = [row for row in await office.printed() if row["armed_at"] >= at(15)]
        calls = [call.started_at for call in office.centre.calls]
        findings = await office.audit()

    assert len(after) > 15
    assert max(calls) < at(15)
    assert findings == []


async def test_a_centre_that_forbids_it_gets_no_card_printed_after_its_close(open_office: Any) -> None:
    async with open_office(
        hours=SHORT_DAY | {"printing_hours": ("07:30-16:30",) * 7}, print_after_close=False
    ) as office:
        await office.sleep_until(at(13, 30))
        await office.post_all(office.people.take(45))
        await office.sleep_until(at(16))
        waiting = [row["application_id"] for row in await office.printed()]
        held = next(answer for answer in office.accepted if answer["application_id"] not in waiting)
        why = await office.explain(held["application_id"])
        await office.until_all_printed()
        armed = [row["armed_at"].astimezone(WIB).hour for row in await office.printed()]
        findings = await office.audit()

    assert 8 <= min(armed) <= max(armed) < 15
    assert "centre_closed" in codes(why)
    assert findings == []


async def test_no_blanks_hold_the_cards_until_they_are_delivered(open_office: Any) -> None:
    async with open_office(blanks=2) as office:
        ids = await office.post_all(office.people.take(8))
        await office.sleep(minutes=240)
        printed = [row["application_id"] for row in await office.printed()]
        (why, *_) = [await office.explain(id_) for id_ in ids if id_ not in printed]
        await office.deliver(10)
        await office.until_all_printed(hours=4)
        findings = await office.audit()

    assert len(printed) == 4
    assert "no_blanks" in codes(why)
    assert findings == []


async def test_a_jammed_card_stops_its_station_until_two_persons_settle_it(open_office: Any) -> None:
    jam = JamOnce()
    async with open_office(fault=jam) as office:
        await office.post_all(office.people.take(8))
        await office.sleep(minutes=180)
        (doubtful,) = await office.uncertain()
        before = await office.printed()
        path = f"/scheduler/v1/attempts/{doubtful['id']}/reconcile"
        alone = await office.ask(
            "operator",
            "POST",
            path,
            json={"verdict": "spoiled", "note": "kartu rusak", "second_person": None},
        )
        settled = await office.settle(doubtful["id"], "spoiled")
        await office.until_all_printed(hours=6)
        again = [row for row in await office.printed() if row["application_id"] == doubtful["application_id"]]
        findings = await office.audit()

    assert doubtful["id"] == str(jam.jammed)
    assert len(before) >= 6
    assert doubtful["station"] not in {row["station"] for row in before}
    assert alone.status_code == 422
    assert settled["state"] == "spoiled"
    assert [row["n"] for row in again] == [2]
    assert findings == []


async def test_a_blank_found_intact_goes_back_and_the_card_is_printed_again(open_office: Any) -> None:
    async with open_office(fault=JamOnce()) as office:
        await office.post_all(office.people.take(1))
        await office.sleep(minutes=30)
        (doubtful,) = await office.uncertain()
        await office.settle(doubtful["id"], "intact")
        await office.until_all_printed(hours=2)
        blanks = await office.call("operator", "GET", f"/scheduler/v1/stations/{doubtful['station']}/stock")
        findings = await office.audit()

    assert blanks["blanks"].get("spoiled", 0) == 0
    assert findings == []


async def test_an_outage_of_the_centre_costs_no_one_their_place(office: Any) -> None:
    begins = office.clock.now() + timedelta(minutes=1)
    office.centre.outages.append(Outage(from_=begins, until=begins + timedelta(hours=2)))
    await office.sleep(minutes=2)
    ids = await office.post_all(office.people.take(6, "data_change"))
    await office.sleep(minutes=60)
    during = await office.printed()
    why = await office.explain(ids[0])
    await office.until_all_printed(hours=6)
    order = [row["application_id"] for row in await office.printed()]

    assert during == []
    assert "centre_outage" in codes(why)
    assert set(order) == set(ids)
    assert await office.audit() == []


async def test_a_waiting_application_is_withdrawn_and_its_person_may_apply_again(open_office: Any) -> None:
    async with open_office(hours=SHORT_DAY) as office:
        person = office.people.take(1)[0]
        first = await office.post(person)
        await office.sleep(minutes=1)
        path = f"/intake/v1/applications/{first['application_id']}/withdraw"
        await office.call("counter", "POST", path, json={"reason": "kartu lama ditemukan"})
        await office.sleep(minutes=1)
        view = await office.receipt(first)
        body, key = person.body(), {"Idempotency-Key": "loket-2"}
        again = await office.call("counter", "POST", "/intake/v1/applications", json=body, headers=key)
        await office.until_all_printed(hours=3)
        cards = [row["application_id"] for row in await office.printed()]
        findings = await office.audit()

    assert view["state"] == "withdrawn"
    assert cards == [again["application_id"]]
    assert findings == []


async def test_a_name_the_centre_does_not_know_is_corrected_and_the_card_printed(office: Any) -> None:
    person = office.people.take(1)[0]
    posted = await office.post(person, full_name="ZAINUDDIN TAMPUBOLON")
    await office.sleep(minutes=30)
    asked = await office.receipt(posted)
    path = f"/intake/v1/applications/{posted['application_id']}/correct"
    body = {"full_name": person.full_name, "note": "nama menurut Kartu Keluarga"}
    await office.call("counter", "POST", path, json=body)
    await office.until_all_printed(hours=3)
    ready = await office.receipt(posted)
    why = await office.explain(posted["application_id"])

    assert asked["state"] == "action_needed"
    assert ready["state"] == "ready"
    assert why["rank"]["applicant_held_seconds"] > 60
    assert await office.audit() == []


async def test_an_imported_backlog_is_printed_by_its_own_dates(office: Any) -> None:
    report = await office.import_backlog(20)
    again = await office.import_backlog(20)
    await office.until_all_printed()
    cards = await office.printed()

    assert report["rejected"] == 0
    assert again["duplicates"] == 20
    assert len(cards) == 20
    assert cards[0]["closed_at"].tzinfo == UTC
    assert await office.audit() == []

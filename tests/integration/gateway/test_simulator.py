"""Against the simulated centre over its wire, in virtual time; its own log of calls is the witness."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.app import create_app
from simulator.domain.account import Credentials
from simulator.domain.faults import Fault, Order, Outage
from simulator.settings import SimulatorSettings

HOURS = ("07:30-15:00",) * 7
CLOSE = datetime(2018, 6, 29, 8, 0, tzinfo=UTC)
OURS = {"user_id": "cetak", "password": "rahasia-simulasi", "ip_user": "127.0.0.1"}


class Simulated:
    """The simulator's application and the centre inside."""

    def __init__(self, clock: Any, **settings: Any) -> None:
        self.app = create_app(SimulatorSettings(people=60, **settings), clock)
        self.centre = self.app.state.centre

    def requests(self, office: Any, count: int) -> list[Any]:
        """Requests for people as the centre knows them, whose records are ready."""
        people = [
            person for person in self.centre.population if person.refusal is None and not person.mismatches
        ]
        ready = [person for person in people if person.ektp_status in ("PRINT_READY_RECORD", "CARD_ISSUED")]
        return [
            office.request(
                nik=person.nik,
                full_name=person.full_name,
                birth_date=person.birth_date.isoformat(),
                sex=person.sex,
            )
            for person in ready[:count]
        ]


@pytest.fixture
def simulate(virtual: Any, open_office: Any) -> Any:
    async def simulated(*, centre: dict[str, Any] | None = None, **settings: Any) -> tuple[Any, Simulated]:
        found = Simulated(virtual, **(centre or {}))
        return await open_office(centre=found.app, **{**OURS, **settings}), found

    return simulated


async def test_people_whose_records_are_ready_are_approved(simulate: Any) -> None:
    office, simulated = await simulate()
    await office.send(*simulated.requests(office, 20))
    await office.pass_seconds(300)
    assert [answer.outcome for answer in office.scheduler.answers()] == ["approved"] * 20
    assert [call.answered for call in simulated.centre.calls] == ["ok"] * 40


async def test_an_unknown_person_needs_correction(simulate: Any) -> None:
    office, _ = await simulate()
    await office.send(office.request(nik="2102014201909999"))
    await office.pass_seconds(30)
    (answer,) = office.scheduler.answers()
    assert (answer.outcome, answer.code, answer.elements) == ("needs_correction", "13", ("nik",))


async def test_no_call_meets_a_shut_centre_where_the_calendars_agree(simulate: Any) -> None:
    office, simulated = await simulate(
        centre={"weekly": HOURS}, centre_hours=HOURS, calls_per_hour=1200, calls_in_flight=4
    )
    await office.clock.sleep_until(CLOSE - timedelta(seconds=60))
    await office.send(*simulated.requests(office, 20))
    await office.pass_seconds(300)
    assert {call.answered for call in simulated.centre.calls} == {"ok"}
    assert all(call.started_at < CLOSE for call in simulated.centre.calls)
    assert len(office.scheduler.answers()) + len(office.scheduler.returned()) == 20
    assert office.scheduler.returned()


async def test_a_centre_that_shuts_earlier_than_our_calendar_is_shown_and_asked_again(simulate: Any) -> None:
    office, simulated = await simulate(centre={"weekly": HOURS})
    await office.clock.sleep_until(CLOSE + timedelta(minutes=1))
    await office.send(*simulated.requests(office, 1))
    await office.pass_seconds(10)
    window = office.scheduler.windows()[-1]
    assert (window.state, window.cause) == ("outage", "centre_closed")
    await office.clock.sleep_until(window.opens_at + timedelta(seconds=1))
    await office.send(*simulated.requests(office, 1))
    await office.pass_seconds(10)
    assert len(office.scheduler.answers()) == 1


@pytest.mark.parametrize(
    "kind", ["status", "timeout", "reset", "malformed", "html", "wrong_json", "other_nik"]
)
async def test_no_fault_makes_an_answer(simulate: Any, kind: Any) -> None:
    office, simulated = await simulate()
    simulated.centre.orders.add(Order(fault=Fault(kind=kind), calls=1, method="CALL_NIK"))
    await office.send(*simulated.requests(office, 1))
    await office.pass_seconds(100)
    assert not office.scheduler.answers()
    assert len(office.scheduler.returned()) == 1


async def test_an_hours_outage_loses_nothing(simulate: Any) -> None:
    office, simulated = await simulate()
    now = office.clock.now()
    simulated.centre.outages.append(Outage(from_=now, until=now + timedelta(hours=1)))
    requests = simulated.requests(office, 8)
    for _ in range(90):
        answered = {answer.application_id for answer in office.scheduler.answers()}
        if office.scheduler.windows()[-1].state == "open":
            await office.send(*(one for one in requests if one.application_id not in answered))
        await office.pass_seconds(60)
    assert {answer.application_id for answer in office.scheduler.answers()} == {
        one.application_id for one in requests
    }
    failed = [call for call in simulated.centre.calls if call.answered != "ok"]
    assert len(failed) <= 4 + 14


async def test_changed_credentials_stop_after_the_calls_in_flight(simulate: Any) -> None:
    office, simulated = await simulate()
    simulated.centre.account.credentials = Credentials(user_id="cetak", password="baru", ip_user="127.0.0.1")
    await office.send(*simulated.requests(office, 20))
    await office.pass_seconds(3600)
    assert office.scheduler.windows()[-1].state == "credentials"
    assert len(office.scheduler.returned()) == 20
    assert len(list(simulated.centre.calls)) <= 4


async def test_the_centres_quota_ends_the_day(simulate: Any) -> None:
    office, simulated = await simulate(centre={"daily_quota": 11})
    await office.send(*simulated.requests(office, 20))
    await office.pass_seconds(600)
    assert office.scheduler.windows()[-1].state == "quota"
    assert len(office.scheduler.answers()) + len(office.scheduler.returned()) == 20
    assert "quota" not in {call.answered for call in simulated.centre.calls}

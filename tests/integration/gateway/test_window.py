"""The window opens, closes, is changed and breaks; nothing is lost, everything is announced."""

from datetime import UTC, datetime, timedelta
from typing import Any

HOURS = ("07:30-15:00",) * 7
CLOSE = datetime(2018, 6, 29, 8, 0, tzinfo=UTC)
CLOSED: tuple[int, Any, dict[str, str]] = (503, {}, {"retry-after": "90"})


def _states(office: Any) -> list[tuple[str, str]]:
    return [(window.state, window.cause) for window in office.scheduler.windows()]


async def test_the_start_announces_window_and_calendars(office: Any) -> None:
    assert {type(message).__name__ for message in office.scheduler.heard} == {
        "WindowChanged",
        "CalendarsChanged",
    }
    (window,) = office.scheduler.windows()
    assert (window.state, window.version) == ("open", 1)
    assert window.closes_at == datetime(2018, 6, 29, 17, 0, tzinfo=UTC)


async def test_versions_grow_by_one(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.pass_seconds(3 * 86400)
    versions = [window.version for window in office.scheduler.windows()]
    assert versions == list(range(1, len(versions) + 1))
    assert _states(office)[:3] == [("open", ""), ("closed", "weekly"), ("open", "")]


async def test_what_cannot_start_before_the_close_goes_back(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS, calls_in_flight=1)
    await office.clock.sleep_until(CLOSE - timedelta(seconds=6))
    await office.send(*(office.request() for _ in range(5)))
    await office.pass_seconds(60)
    assert len(office.scheduler.answers()) == 2
    assert len(office.scheduler.returned()) == 3
    assert await office.value("SELECT count(*) FROM request") == 0
    assert all(at + timedelta(seconds=office.centre.seconds) <= CLOSE for at, _, _ in office.centre.calls)


async def test_the_window_is_told_shut_before_requests_come_back(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.clock.sleep_until(CLOSE - timedelta(seconds=2))
    await office.send(office.request())
    await office.pass_seconds(1)
    window, back = office.scheduler.heard[-2:]
    assert (window.state, window.cause) == ("closed", "closing")
    assert back.cause == "closed:closing"


async def test_an_answer_after_the_close_counts(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.clock.sleep_until(CLOSE - timedelta(seconds=5))
    office.centre.seconds = 2.6
    await office.send(office.request())
    await office.pass_seconds(60)
    (answer,) = office.scheduler.answers()
    assert answer.at > CLOSE


async def test_a_request_between_its_calls_goes_back_at_the_close(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.clock.sleep_until(CLOSE - timedelta(seconds=5))
    office.centre.seconds = 4
    await office.send(office.request())
    await office.pass_seconds(60)
    assert not office.scheduler.answers()
    assert len(office.scheduler.returned()) == 1
    assert len(office.centre.calls) == 1


async def test_a_request_in_a_shut_window_comes_back_with_the_window(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.clock.sleep_until(CLOSE + timedelta(hours=1))
    await office.send(office.request())
    await office.pass_seconds(1)
    window, back = office.scheduler.heard[-2:]
    assert (window.state, back.cause) == ("closed", "closed")
    assert not office.centre.calls


async def test_a_request_for_an_unknown_account_comes_back(office: Any) -> None:
    await office.send(office.request().model_copy(update={"account": "other"}))
    await office.pass_seconds(1)
    assert office.scheduler.returned()[0].cause == "no_account"


async def test_a_centre_that_says_closed_is_probed_after_its_own_pause(office: Any) -> None:
    office.centre.faults = [CLOSED]
    await office.send(office.request())
    await office.pass_seconds(80)
    assert _states(office)[-1] == ("outage", "centre_closed")
    assert len(office.scheduler.returned()) == 1
    await office.pass_seconds(15)
    assert _states(office)[-1] == ("open", "probation")
    await office.send(office.request())
    await office.pass_seconds(10)
    assert _states(office)[-1] == ("open", "")
    assert len(office.scheduler.answers()) == 1


async def test_a_failing_centre_is_left_alone_for_one_two_five_and_five_minutes(office: Any) -> None:
    pauses = []
    for _ in range(4):
        office.centre.faults = [(500, {}, {})]
        await office.send(office.request())
        await office.pass_seconds(2)
        window = office.scheduler.windows()[-1]
        assert (window.state, window.cause) == ("outage", "http_500")
        pauses.append(round((window.opens_at - window.at).total_seconds() / 60))
        await office.clock.sleep_until(window.opens_at)
        await office.pass_seconds(0)
    assert pauses == [1, 2, 5, 5]


async def test_in_an_outage_all_waiting_requests_go_back(office: Any) -> None:
    office.centre.faults = [(500, {}, {})] * 4
    await office.send(*(office.request() for _ in range(9)))
    await office.pass_seconds(20)
    assert len(office.scheduler.returned()) == 9
    assert len([state for state in _states(office) if state[0] == "outage"]) == 1
    assert await office.value("SELECT count(*) FROM request") == 0


async def test_on_probation_one_request_is_the_probe(office: Any) -> None:
    office.centre.faults = [CLOSED]
    await office.send(office.request())
    await office.pass_seconds(100)
    office.centre.most_in_flight = 0
    office.centre.faults = [CLOSED]
    await office.send(*(office.request() for _ in range(9)))
    await office.pass_seconds(20)
    assert office.centre.most_in_flight == 1
    assert len(office.scheduler.returned()) == 10


async def test_an_answer_that_takes_too_long_is_no_answer(open_office: Any) -> None:
    office = await open_office(timeout_seconds=5)
    office.centre.seconds = 6
    await office.send(office.request())
    await office.pass_seconds(10)
    assert _states(office)[-1] == ("outage", "timeout")


async def test_garbage_is_an_outage(office: Any) -> None:
    office.centre.faults = [(200, b"<html>maintenance</html>", {})]
    await office.send(office.request())
    await office.pass_seconds(10)
    assert _states(office)[-1] == ("outage", "unreadable")


async def test_wrong_credentials_stop_all_calls_until_an_officer_resumes(open_office: Any) -> None:
    office = await open_office(calls_in_flight=1)
    office.centre.faults = [(200, {"content": [{"RESPON": "User ID atau Password Salah"}]}, {})]
    await office.send(*(office.request() for _ in range(3)))
    await office.pass_seconds(3 * 86400)
    await office.send(office.request())
    await office.pass_seconds(10)
    assert _states(office)[-1] == ("credentials", "login")
    assert (len(office.scheduler.returned()), len(office.centre.calls)) == (4, 1)
    response = await office.http.post("/v1/centre/resume", headers=office.headers("supervisor"))
    assert response.json() == {"account": "default", "state": "open", "cause": "probation"}
    await office.send(office.request())
    await office.pass_seconds(10)
    assert _states(office)[-1] == ("open", "")
    assert len(office.scheduler.answers()) == 1


async def test_the_days_quota_ends_at_the_centres_midnight(open_office: Any) -> None:
    office = await open_office(centre_hours=("00:00-24:00",) * 7, quota=100)
    office.centre.faults = [(200, {"content": [{"RESPON": "Kuota Akses Hari ini telah Habis"}]}, {})]
    await office.send(office.request())
    await office.pass_seconds(10)
    window = office.scheduler.windows()[-1]
    assert (window.state, window.quota_left) == ("quota", 0)
    assert window.opens_at == datetime(2018, 6, 29, 17, 0, tzinfo=UTC)
    await office.clock.sleep_until(window.opens_at + timedelta(seconds=1))
    window = office.scheduler.windows()[-1]
    assert (window.state, window.quota_left) == ("open", 100)


async def test_the_centres_word_lowers_the_quota(open_office: Any) -> None:
    office = await open_office(quota=100)
    office.centre.quota_left = 7
    await office.send(office.request())
    await office.pass_seconds(1.5)
    assert await office.value("SELECT quota_left FROM account") == 6


async def test_the_last_calls_of_a_quota_shut_the_day(open_office: Any) -> None:
    office = await open_office(quota=4, calls_in_flight=1)
    await office.send(*(office.request() for _ in range(3)))
    await office.pass_seconds(30)
    assert len(office.scheduler.answers()) == 2
    assert _states(office)[-1] == ("quota", "quota_used_up")
    assert len(office.scheduler.returned()) == 1


async def test_what_is_left_of_a_quota_is_kept_for_second_calls(open_office: Any) -> None:
    office = await open_office(quota=9)
    await office.send(*(office.request() for _ in range(10)))
    await office.pass_seconds(60)
    assert (len(office.scheduler.answers()), len(office.centre.calls)) == (4, 8)
    assert len(office.scheduler.returned()) == 6


async def test_a_days_report_tells_what_was_used_and_wasted(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.pass_seconds(600)
    await office.send(office.request())
    await office.pass_seconds(100)
    office.centre.faults = [CLOSED]
    await office.send(office.request())
    await office.clock.sleep_until(CLOSE + timedelta(hours=1))
    response = await office.http.get("/v1/window", headers=office.headers("auditor"))
    today = response.json()["today"]
    assert (today["starts"], today["approvals"], today["open_minutes"]) == (3, 1, 450.0)
    assert today["wasted_minutes"]["outage"] == 1.5
    assert sum(today["wasted_minutes"].values()) == 450 - 3 / 60
    assert datetime.fromisoformat(today["closed"]) == CLOSE


async def test_each_day_has_its_own_report(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    await office.pass_seconds(3 * 86400)
    response = await office.http.get("/v1/window/days", headers=office.headers("auditor"))
    assert [day["open_minutes"] for day in response.json()] == [0.0, 450.0, 450.0, 450.0]

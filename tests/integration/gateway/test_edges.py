"""A second before and after an override begins and ends, with calls in flight: none starts outside, all count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

HOURS = ("07:30-24:00",) * 7
BEGIN = datetime(2018, 6, 29, 7, 0, tzinfo=UTC)
END = datetime(2018, 6, 29, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def cut(open_office: Any) -> Any:
    """The centre is shut from 14:00 to 16:00 WIB by an officer's word of the morning."""
    office = await open_office(centre_hours=HOURS)
    body = {"from": BEGIN.isoformat(), "until": END.isoformat(), "closed": True, "reason": "listrik padam"}
    headers = office.headers("supervisor")
    assert (await office.http.put("/v1/calendars/centre/overrides", json=body, headers=headers)).is_success
    return office


async def _state_at(office: Any, moment: datetime) -> tuple[str, bool]:
    await office.clock.sleep_until(moment)
    await office.pass_seconds(0)
    view = (await office.http.get("/v1/window", headers=office.headers("counter"))).json()
    return view["state"], view["open"]


async def test_the_window_is_open_a_second_before_and_shut_at_the_begin_of_an_override(cut: Any) -> None:
    assert await _state_at(cut, BEGIN - SECOND) == ("open", True)
    assert await _state_at(cut, BEGIN) == ("closed", False)
    assert await _state_at(cut, BEGIN + SECOND) == ("closed", False)


async def test_the_window_is_shut_a_second_before_and_open_at_the_end_of_an_override(cut: Any) -> None:
    assert await _state_at(cut, END - SECOND) == ("closed", False)
    assert await _state_at(cut, END) == ("open", True)
    assert await _state_at(cut, END + SECOND) == ("open", True)


async def test_a_request_a_second_before_the_override_goes_back_uncalled(cut: Any) -> None:
    await cut.clock.sleep_until(BEGIN - SECOND)
    await cut.send(cut.request())
    await cut.pass_seconds(60)
    assert (len(cut.centre.calls), len(cut.scheduler.returned())) == (0, 1)


async def test_calls_in_flight_when_the_override_begins_finish_and_count(cut: Any) -> None:
    await cut.clock.sleep_until(BEGIN - 5 * SECOND)
    cut.centre.seconds = 3
    await cut.send(cut.request())
    await cut.pass_seconds(60)
    (answer,) = cut.scheduler.answers()
    assert answer.at == BEGIN + SECOND
    assert all(at < BEGIN for at, _, _ in cut.centre.calls)


async def test_a_request_at_the_end_of_the_override_is_called_at_once(cut: Any) -> None:
    await cut.clock.sleep_until(END)
    await cut.pass_seconds(0)
    await cut.send(cut.request())
    await cut.pass_seconds(10)
    assert cut.centre.calls[0][0] == END
    assert len(cut.scheduler.answers()) == 1


async def test_closing_now_lets_the_call_in_flight_finish_and_starts_no_second(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    office.centre.seconds = 4
    await office.send(office.request())
    await office.pass_seconds(1)
    now = office.clock.now()
    body = {"from": now.isoformat(), "until": END.isoformat(), "closed": True, "reason": "tutup sekarang"}
    await office.http.put("/v1/calendars/centre/overrides", json=body, headers=office.headers("supervisor"))
    await office.pass_seconds(60)
    assert all(at < now for at, _, _ in office.centre.calls)
    assert len(office.scheduler.answers()) + len(office.scheduler.returned()) == 1


async def test_the_quota_begins_anew_with_the_new_year_of_the_centre(open_office: Any) -> None:
    office = await open_office(centre_hours=("closed",) * 7, quota=4)
    midnight = datetime(2018, 12, 31, 17, 0, tzinfo=UTC)
    await office.clock.sleep_until(midnight - SECOND)
    async with office.database.transaction() as tx:
        await tx.execute("UPDATE account SET quota_left = 0")
    await office.clock.sleep_until(midnight + SECOND)
    assert await office.value("SELECT quota_left FROM account") == 4
    assert str(await office.value("SELECT report_day FROM account")) == "2019-01-01"

"""How much is released, and when nothing is."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from backbone.calendar import Calendar, Hours
from backbone.contracts.gateway import CalendarsChanged
from backbone.contracts.intake import WithdrawalRequested
from backbone.contracts.scheduler import VerificationRequested

OPEN, SHUT = Hours.parse("00:00-24:00"), Hours.parse("closed")


async def _centre_closed(office: Any) -> None:
    await office.open_centre(version=2, state="closed", cause="jam tutup")


async def _centre_close_passed(office: Any) -> None:
    await office.open_centre(version=2, closes_at=office.clock.now() - timedelta(seconds=1))


async def _quota_used_up(office: Any) -> None:
    await office.open_centre(version=2, quota_left=1)


async def _recovering(office: Any) -> None:
    await office.execute("UPDATE office SET recovering = true")


async def _station_paused(office: Any) -> None:
    await office.post("stations/2102-1/pause", reason="istirahat")


async def _station_silent(office: Any) -> None:
    await office.execute("UPDATE station SET seen_at = backbone.now() - interval '91 s'")


async def _no_blanks(office: Any) -> None:
    await office.post("stations/2102-1/count", blanks=0, second_person="saksi", reason="habis")


async def _not_reported(office: Any) -> None:
    await office.execute("DELETE FROM centre")


@pytest.mark.parametrize(
    "situation",
    [
        _centre_closed,
        _centre_close_passed,
        _quota_used_up,
        _recovering,
        _station_paused,
        _station_silent,
        _no_blanks,
        _not_reported,
    ],
)
async def test_nothing_is_verified(office: Any, situation: Callable[[Any], Awaitable[None]]) -> None:
    await office.open_centre()
    await office.enrol()
    await office.apply()
    await situation(office)

    await office.release()

    assert office.gateway.of(VerificationRequested) == []


@pytest.mark.parametrize("situation", [_recovering, _station_paused, _station_silent, _no_blanks])
async def test_nothing_is_reserved(office: Any, situation: Callable[[Any], Awaitable[None]]) -> None:
    await _approved(office)
    await situation(office)

    await office.release()

    assert await office.jobs() == []


async def test_a_closed_centre_does_not_stop_printing(office: Any) -> None:
    await _approved(office)
    await _centre_closed(office)

    await office.release()

    assert len(await office.jobs()) == 1


async def test_where_printing_needs_the_centre_nothing_is_reserved_after_the_close(office: Any) -> None:
    await _approved(office)
    await office.execute("UPDATE office SET print_after_close = false")
    await _centre_closed(office)

    await office.release()

    assert await office.jobs() == []


async def test_where_printing_needs_the_centre_a_close_vetoes_arming(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.execute("UPDATE office SET print_after_close = false")
    await _centre_closed(office)

    refused = await office.arm(job, office.ids.new())

    assert (refused.status_code, refused.json()["veto"]) == (409, "window")


async def test_recovery_vetoes_arming(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await _recovering(office)

    assert (await office.arm(job, office.ids.new())).json()["veto"] == "recovery"


async def test_nothing_is_reserved_outside_printing_hours(office: Any) -> None:
    await _approved(office)
    await _calendars(office, SHUT, version=1)

    await office.release()

    assert await office.jobs() == []


async def test_printing_goes_on_when_its_hours_begin(office: Any) -> None:
    await _approved(office)
    await _calendars(office, SHUT, version=1)
    await office.release()
    await _calendars(office, OPEN, version=2)

    await office.release()

    assert len(await office.jobs()) == 1


async def test_an_older_version_of_the_calendars_changes_nothing(office: Any) -> None:
    await _approved(office)
    await _calendars(office, OPEN, version=2)
    await _calendars(office, SHUT, version=1)

    await office.release()

    assert len(await office.jobs()) == 1


async def test_an_older_word_on_the_window_changes_nothing(office: Any) -> None:
    await office.open_centre(version=5)
    await office.open_centre(version=4, state="closed")
    await office.enrol()
    await office.apply()

    await office.release()

    assert len(office.gateway.of(VerificationRequested)) == 1


async def test_the_quota_bounds_what_is_asked_at_two_calls_a_card(office: Any) -> None:
    await office.open_centre(quota_left=6)
    await office.enrol()
    await office.tell(*(office.received() for _ in range(9)))

    await office.release()

    assert len(office.gateway.of(VerificationRequested)) == 3


@pytest.mark.parametrize(("elsewhere", "asked"), [(True, 2), (False, 9)])
async def test_an_office_asks_within_its_part_of_the_accounts_rate_while_others_wait(
    office: Any, elsewhere: bool, asked: int
) -> None:
    """Ten approvals a minute; ten blanks here, thirty at an office that shares the account."""
    await office.open_centre(calls_per_hour=1200)
    await office.enrol(blanks=10)
    other = office.received().model_copy(update={"office": "21.03", "district_code": "21.03.01"})
    await office.tell(other, *(office.received() for _ in range(9)))
    await office.execute(
        "UPDATE stock SET n = 30 WHERE (office, item, account) = ('21.03', 'blank', 'on_hand')"
    )
    if not elsewhere:
        gone = WithdrawalRequested(
            application_id=other.application_id,
            actor="loket",
            reason="pindah",
            requested_at=office.clock.now(),
        )
        await office.tell(gone)

    await office.release()

    assert len(office.gateway.of(VerificationRequested)) == asked


async def test_a_station_gets_as_many_as_it_has_slots(office: Any) -> None:
    await office.open_centre()
    await office.enrol(slots=3)
    await office.tell(*(office.received() for _ in range(9)))
    await office.release()
    await office.approve()

    await office.release()

    assert len(await office.jobs()) == 3


async def test_two_stations_share_the_work(office: Any) -> None:
    await office.open_centre()
    await office.enrol("2102-1")
    await office.enrol("2102-2")
    await office.tell(*(office.received() for _ in range(9)))
    await office.release()
    await office.approve()

    await office.release()

    assert [len(await office.jobs(station)) for station in ("2102-1", "2102-2")] == [2, 2]


async def test_of_two_idle_stations_the_one_with_more_blanks_prints(office: Any) -> None:
    await office.open_centre()
    await office.enrol("2102-1", blanks=10)
    await office.enrol("2102-2", blanks=11)
    await office.apply()
    await office.release()
    await office.approve()

    await office.release()

    assert [len(await office.jobs(station)) for station in ("2102-1", "2102-2")] == [0, 1]


async def test_an_approval_about_to_end_is_not_reserved(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.apply()
    await office.release()
    await office.approve(until=timedelta(minutes=5))

    await office.release()

    assert await office.jobs() == []


async def _approved(office: Any) -> None:
    """One approved card, and a station that has not taken it yet."""
    await office.open_centre()
    await office.enrol()
    await office.apply()
    await office.release()
    await office.execute("UPDATE station SET printer = 'stopped'")
    await office.approve()
    await office.execute("UPDATE station SET printer = 'ready'")


async def _calendars(office: Any, hours: Hours, *, version: int) -> None:
    printing = Calendar(name="printing", tz="Asia/Jakarta", weekly=(hours,) * 7).to_json()
    await office.tell(
        CalendarsChanged(version=version, calendars={"printing": printing}, at=office.clock.now())
    )

"""One SQL statement a call start: window, drain margin, rate, quota, probation."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from datacenter_gateway.store import accounts

CLOSE = datetime(2018, 6, 29, 8, 0, tzinfo=UTC)
"""15:00 WIB."""
HOURS = ("07:30-15:00",) * 7


@pytest.fixture
async def shut_office(open_office: Any) -> Any:
    """A gateway whose loops start nothing by themselves: no call may be in flight."""
    return await open_office(centre_hours=HOURS, calls_in_flight=0)


async def _first(office: Any, claim: Any = None) -> Any:
    async with office.database.reading() as reader:
        return await accounts.start_first(reader, "default", claim or office.ids.new(), 90)


async def _set(office: Any, **values: Any) -> None:
    async with office.database.transaction() as tx:
        for name, value in values.items():
            await tx.execute(f"UPDATE account SET {name} = $1", value)


@pytest.mark.parametrize(
    ("seconds", "starts"), [(4.5, True), (3.5, True), (3.4, False), (1, False), (0, False), (-1, False)]
)
async def test_a_first_call_starts_only_if_both_calls_can_end_before_the_close(
    shut_office: Any, seconds: float, starts: bool
) -> None:
    office = shut_office
    await office.send(office.request())
    await _set(office, closes_at=office.clock.now() + timedelta(seconds=seconds))
    assert (await _first(office) is not None) is starts


@pytest.mark.parametrize(("seconds", "starts"), [(2.0, True), (1.9, False), (-1, False)])
async def test_a_second_call_needs_time_for_itself_alone(
    shut_office: Any, seconds: float, starts: bool
) -> None:
    office, claim = shut_office, shut_office.ids.new()
    await office.send(office.request())
    first = await _first(office, claim)
    await _set(office, closes_at=office.clock.now() + timedelta(seconds=seconds))
    async with office.database.reading() as reader:
        row = await accounts.start_second(reader, "default", claim, 90, first["application_id"])
    assert (row is not None) is starts


@pytest.mark.parametrize("state", ["closed", "outage", "quota", "credentials"])
async def test_no_call_starts_in_any_state_but_open(shut_office: Any, state: str) -> None:
    office = shut_office
    await office.send(office.request())
    await _set(office, state=state)
    assert await _first(office) is None


@pytest.mark.parametrize(("seconds", "starts"), [(35.9, False), (36, True)])
async def test_the_rate_leaves_its_gap_between_starts(shut_office: Any, seconds: float, starts: bool) -> None:
    office = shut_office
    await office.send(office.request())
    await _set(office, calls_per_hour=100.0, last_start=office.clock.now() - timedelta(seconds=seconds))
    assert (await _first(office) is not None) is starts


@pytest.mark.parametrize(("left", "starts"), [(0, False), (1, False), (2, True)])
async def test_a_first_call_needs_the_quota_of_both(shut_office: Any, left: int, starts: bool) -> None:
    office = shut_office
    await office.send(office.request())
    await _set(office, quota_left=left)
    assert (await _first(office) is not None) is starts


async def test_on_probation_one_call_is_in_flight(shut_office: Any) -> None:
    office = shut_office
    await office.send(office.request(), office.request())
    await _set(office, probation=True)
    assert await _first(office) is not None
    assert await _first(office) is None


async def test_every_start_is_logged_with_the_close_it_was_measured_against(shut_office: Any) -> None:
    office = shut_office
    await office.send(office.request())
    await _first(office)
    async with office.database.reading() as reader:
        (row,) = await reader.fetch("SELECT account, at, method, closes_at FROM call_start")
    assert dict(row) == {
        "account": "default",
        "at": office.clock.now(),
        "method": "CALL_VERIFY_BY_ELEMEN",
        "closes_at": CLOSE,
    }


async def test_the_log_of_starts_cannot_be_changed(shut_office: Any) -> None:
    office = shut_office
    await office.send(office.request())
    await _first(office)
    with pytest.raises(Exception, match="append-only"):
        async with office.database.transaction() as tx:
            await tx.execute("DELETE FROM call_start")


async def test_with_a_rate_all_starts_keep_the_gap(open_office: Any) -> None:
    office = await open_office(calls_per_hour=600)
    await office.send(*(office.request() for _ in range(5)))
    await office.pass_seconds(120)
    starts = [at for at, _, _ in office.centre.calls]
    assert len(office.scheduler.answers()) == 5
    assert min(b - a for a, b in pairwise(starts)) >= timedelta(seconds=6)

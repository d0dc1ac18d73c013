"""An override tried first: what it says comes true, nothing is written; the past stays as it was."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backbone.calendar import is_open, open_seconds
from datacenter_gateway.store import calendars
from datacenter_gateway.use_cases import calendars as acts

HOURS = ("07:30-24:00",) * 7
NOON = datetime(2018, 6, 29, 5, 0, tzinfo=UTC)
MIDNIGHT = datetime(2018, 6, 29, 17, 0, tzinfo=UTC)


def _body(begin: datetime = NOON, end: datetime = MIDNIGHT, **changes: Any) -> dict[str, Any]:
    said = {"from": begin.isoformat(), "until": end.isoformat(), "closed": True, "reason": "pusat tutup"}
    return said | changes


async def _ask(office: Any, verb: str, *, prefix: str = "", name: str = "centre", **body: Any) -> Any:
    path = f"/v1/calendars/{name}/overrides" + ("/preview" if verb == "POST" else "")
    headers = office.headers("supervisor", prefix=prefix)
    return await office.http.request(verb, path, json=_body(**body), headers=headers)


async def test_a_preview_tells_minutes_approvals_and_the_next_close_and_writes_nothing(
    open_office: Any,
) -> None:
    office = await open_office(centre_hours=HOURS, calls_per_hour=600)
    told = (await _ask(office, "POST")).json()
    assert (told["minutes"], told["approvals"], told["approvals_by"]) == (-720, -3600, "rate")
    assert [(day["hours_before"], day["hours_after"]) for day in told["days"]] == [
        ("07:30-24:00", "07:30-12:00")
    ]
    assert (told["before"]["open"], told["after"]["open"], told["given_back"]) == (True, False, 0)
    assert datetime.fromisoformat(told["after"]["opens_at"]) == datetime(2018, 6, 30, 0, 30, tzinfo=UTC)
    assert await office.value("SELECT count(*) FROM override") == 0


async def test_what_a_preview_says_comes_true(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    told = (await _ask(office, "POST")).json()
    await _ask(office, "PUT")
    await office.clock.sleep_until(NOON + timedelta(seconds=1))
    window = office.scheduler.windows()[-1]
    assert (window.state, window.cause) == ("closed", "override")
    assert window.opens_at == datetime.fromisoformat(told["after"]["opens_at"])


async def test_a_quota_bounds_the_approvals_a_preview_counts(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS, calls_per_hour=600, quota=400)
    told = (await _ask(office, "POST")).json()
    assert told["approvals"] == 0


async def test_closing_now_tells_how_many_requests_go_back(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS, calls_per_hour=10)
    await office.send(*(office.request() for _ in range(3)))
    await office.pass_seconds(10)
    begin = office.clock.now() - timedelta(hours=1)
    told = (await _ask(office, "POST", begin=begin)).json()
    await _ask(office, "PUT", begin=begin)
    await office.pass_seconds(0)
    assert (told["given_back"], told["calls_under_way"]) == (2, 1)
    assert len(office.scheduler.returned()) == 2


async def test_an_override_begins_now_at_the_earliest_and_is_still_the_same_again(office: Any) -> None:
    begin = office.clock.now() - timedelta(hours=1)
    first = (await _ask(office, "PUT", begin=begin)).json()
    moment = office.clock.now()
    await office.pass_seconds(60)
    again = (await _ask(office, "PUT", begin=begin)).json()
    assert datetime.fromisoformat(first["from"]) == moment
    assert again["id"] == first["id"] == (await _ask(office, "POST", begin=begin)).json()["same"]


async def test_a_smaller_regions_word_is_named_as_stronger(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS, account_prefix="21.02")
    own = (await _ask(office, "PUT", prefix="21.02", closed=False, hours="07:30-24:00")).json()
    told = (await _ask(office, "POST")).json()
    assert [one["id"] for one in told["stronger"]] == [own["id"]]
    assert (told["rules"], told["minutes"]) == (False, 0)


async def test_another_regions_word_is_not_followed_by_the_account(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS, account_prefix="21.02")
    told = (await _ask(office, "POST", prefix="33")).json()
    assert (told["account_follows"], told["approvals"]) == (False, None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"end": NOON - timedelta(days=9)}, 422),
        ({"begin": NOON - timedelta(days=9), "end": NOON - timedelta(days=8)}, 409),
        ({"hours": "08:00-09:00"}, 422),
        ({"prefix": "x"}, 422),
    ],
)
async def test_a_preview_refuses_what_setting_would_refuse(
    office: Any, changes: dict[str, Any], status: int
) -> None:
    body = _body(**changes)
    headers = office.headers("supervisor")
    path = "/v1/calendars/centre/overrides"
    tried = await office.http.post(f"{path}/preview", json=body, headers=headers)
    put = await office.http.put(path, json=body, headers=headers)
    assert (tried.status_code, put.status_code) == (status, status)


async def test_only_who_may_set_an_override_may_try_it(office: Any) -> None:
    response = await office.http.post(
        "/v1/calendars/centre/overrides/preview", json=_body(), headers=office.headers("operator")
    )
    assert response.status_code == 403


async def test_an_override_ended_while_it_ruled_keeps_the_past_it_made(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    begin = office.clock.now()
    one = (await _ask(office, "PUT", begin=begin)).json()
    await office.pass_seconds(600)
    ended = office.clock.now()
    await office.http.delete(
        "/v1/calendars/centre/overrides",
        params={"id": one["id"], "reason": "buka lagi"},
        headers=office.headers("supervisor"),
    )
    await office.pass_seconds(600)
    async with office.database.reading() as reader:
        centre = (await calendars.in_force(reader))["centre"]
    assert open_seconds(centre, begin, ended) == 0
    assert is_open(centre, ended)
    assert office.scheduler.windows()[-1].state == "open"


async def test_an_override_that_is_over_cannot_be_ended(office: Any) -> None:
    one = (await _ask(office, "PUT", end=NOON + timedelta(hours=1))).json()
    await office.clock.sleep_until(NOON + timedelta(hours=2))
    response = await office.http.delete(
        "/v1/calendars/centre/overrides",
        params={"id": one["id"], "reason": "terlambat"},
        headers=office.headers("supervisor"),
    )
    assert (response.status_code, response.json()["type"]) == (409, "urn:cetak:override-already-over")


async def test_a_day_off_that_was_only_estimated_gives_way_to_the_decreed_one(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.service.app.state.desk
    decreed = date(2019, 6, 20)
    monkeypatch.setattr(acts, "holidays_between", lambda start, end: {decreed: "Hari decree"})
    await acts.seed(desk)
    async with office.database.reading() as reader:
        off = (await calendars.in_force(reader))["counter"].closed_on
    assert {day for day in off if day >= office.clock.now().date()} == {decreed}
    assert date(2018, 6, 1) in off


async def test_a_holiday_is_named_by_the_window(open_office: Any) -> None:
    office = await open_office(centre_hours=HOURS)
    async with office.database.transaction() as tx:
        await calendars.seed(
            tx,
            name="centre",
            version=2,
            tz="Asia/Jakarta",
            weekly=list(HOURS),
            follows_holidays=True,
            closed_on=[date(2018, 8, 17)],
            known_until=date(2020, 12, 31),
            author="uji",
        )
    await office.clock.sleep_until(datetime(2018, 8, 17, 3, tzinfo=UTC))
    view = (await office.http.get("/v1/window", headers=office.headers("counter"))).json()
    assert (view["why"]["kind"], view["why"]["holiday"]) == ("holiday", "Hari Kemerdekaan Republik Indonesia")

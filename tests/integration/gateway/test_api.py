"""The gateway over HTTP: the record's wall, overrides with their history, the window, ops."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datacenter_gateway.store import calendars

CLOSE = datetime(2018, 6, 29, 8, 0, tzinfo=UTC)


async def _approved(office: Any) -> Any:
    await office.send(office.request())
    await office.pass_seconds(10)
    return office.scheduler.answers()[0].approval_id


async def test_a_ticket_opens_its_own_approvals_record(office: Any) -> None:
    approval_id = await _approved(office)
    response = await office.http.get(f"/v1/records/{approval_id}", headers=office.ticket(approval_id))
    body = response.json()
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert (body["nik"], body["rt"], body["blood_type"]) == ("2102014201909001", "001", "-")
    assert (body["birth_date"], body["sex"]) == ("1990-01-02", "F")


async def test_a_ticket_opens_no_other_record(office: Any) -> None:
    approval_id = await _approved(office)
    response = await office.http.get(f"/v1/records/{approval_id}", headers=office.ticket(office.ids.new()))
    assert response.status_code == 403


async def test_a_ticket_ends_after_a_quarter_of_an_hour(office: Any) -> None:
    approval_id = await _approved(office)
    ticket = office.ticket(approval_id)
    await office.pass_seconds(901)
    assert (await office.http.get(f"/v1/records/{approval_id}", headers=ticket)).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"authorization": "Ticket forged"}, {"authorization": "Ticket "}])
async def test_without_a_ticket_there_is_no_record(office: Any, headers: dict[str, str]) -> None:
    approval_id = await _approved(office)
    assert (await office.http.get(f"/v1/records/{approval_id}", headers=headers)).status_code == 401


async def test_an_officers_token_is_no_ticket(office: Any) -> None:
    approval_id = await _approved(office)
    response = await office.http.get(f"/v1/records/{approval_id}", headers=office.headers("supervisor"))
    assert response.status_code == 401


async def test_an_ended_approvals_record_is_gone_at_once(office: Any) -> None:
    approval_id = await _approved(office)
    await office.clock.sleep_until(office.scheduler.answers()[0].approved_until)
    response = await office.http.get(f"/v1/records/{approval_id}", headers=office.ticket(approval_id))
    assert (response.status_code, response.json()["type"]) == (410, "urn:cetak:approval-ended")


async def test_an_erased_record_is_gone(office: Any) -> None:
    approval_id = await _approved(office)
    async with office.database.transaction() as tx:
        await tx.execute(
            "UPDATE approval SET record = NULL, erased_at = backbone.now(), erased_why = 'printed'"
        )
    response = await office.http.get(f"/v1/records/{approval_id}", headers=office.ticket(approval_id))
    assert response.status_code == 410


async def test_an_unknown_approval_is_not_found(office: Any) -> None:
    unknown = office.ids.new()
    response = await office.http.get(f"/v1/records/{unknown}", headers=office.ticket(unknown))
    assert response.status_code == 404


async def test_the_record_at_rest_shows_no_data(office: Any) -> None:
    await _approved(office)
    assert b"2102014201909001" not in await office.value("SELECT record FROM approval")


def _override(office: Any, **changes: Any) -> dict[str, Any]:
    body = {
        "from": "2018-06-29T00:00:00+07:00",
        "until": "2018-07-10T00:00:00+07:00",
        "hours": "07:30-15:00",
        "reason": "Pusat data tutup lebih awal",
    }
    return {**body, **changes}


async def _put(office: Any, name: str = "centre", prefix: str = "", **changes: Any) -> Any:
    return await office.http.put(
        f"/v1/calendars/{name}/overrides",
        json=_override(office, **changes),
        headers=office.headers("supervisor", prefix=prefix),
    )


async def test_an_override_moves_the_close_at_once(office: Any) -> None:
    assert (await _put(office)).status_code == 200
    await office.pass_seconds(0)
    assert office.scheduler.windows()[-1].closes_at == CLOSE
    view = (await office.http.get("/v1/window", headers=office.headers("counter"))).json()
    assert (view["open"], view["why"]["kind"]) == (True, "override")
    assert datetime.fromisoformat(view["closes_at"]) == CLOSE


async def test_an_override_announces_the_calendars_with_a_higher_version(office: Any) -> None:
    await _put(office)
    await office.pass_seconds(0)
    first, second = (m for m in office.scheduler.heard if type(m).__name__ == "CalendarsChanged")
    assert second.version == first.version + 1
    assert second.calendars["centre"]["overrides"][0]["hours"] == "07:30-15:00"


async def test_an_override_that_shuts_now_gives_waiting_requests_back(open_office: Any) -> None:
    office = await open_office(calls_per_hour=10)
    await office.send(*(office.request() for _ in range(3)))
    await office.pass_seconds(10)
    await _put(office, hours=None, closed=True)
    await office.pass_seconds(1000)
    assert len(office.scheduler.returned()) == 3
    assert len(office.centre.calls) == 1


async def test_the_same_override_again_changes_nothing(office: Any) -> None:
    first, second = await _put(office), await _put(office)
    assert first.json()["id"] == second.json()["id"]
    assert await office.value("SELECT count(*) FROM override") == 1


async def test_a_deleted_override_rules_no_more_and_stays_in_the_history(office: Any) -> None:
    override_id = (await _put(office)).json()["id"]
    for _ in range(2):
        response = await office.http.delete(
            "/v1/calendars/centre/overrides",
            params={"id": override_id, "reason": "Pusat data buka lagi"},
            headers=office.headers("supervisor"),
        )
        assert response.status_code == 204
    await office.pass_seconds(0)
    assert office.scheduler.windows()[-1].closes_at > CLOSE
    read = office.headers("auditor")
    assert (await office.http.get("/v1/calendars/centre/overrides", headers=read)).json() == []
    history = (await office.http.get("/v1/calendars/centre/overrides?history=true", headers=read)).json()
    assert [(row["act"], row["author"]) for row in history] == [("set", "tester"), ("deleted", "tester")]


async def test_the_calendar_of_any_past_moment_can_be_told(office: Any) -> None:
    before = office.clock.now()
    await office.pass_seconds(60)
    await _put(office)
    async with office.database.reading() as reader:
        then = (await calendars.in_force(reader, before))["centre"]
        now = (await calendars.in_force(reader, office.clock.now()))["centre"]
    assert (len(then.overrides), len(now.overrides)) == (0, 1)


async def test_an_officer_changes_the_calendar_of_his_own_region_only(office: Any) -> None:
    assert (await _put(office, prefix="21.02", prefix_=0)).json()["prefix"] == "21.02"
    response = await office.http.put(
        "/v1/calendars/centre/overrides",
        json=_override(office, prefix=""),
        headers=office.headers("supervisor", prefix="21.02"),
    )
    assert response.status_code == 403


async def test_another_regions_override_leaves_the_account_alone(open_office: Any) -> None:
    office = await open_office(account_prefix="21.02")
    await office.http.put(
        "/v1/calendars/centre/overrides",
        json=_override(office, prefix="33"),
        headers=office.headers("supervisor"),
    )
    await office.pass_seconds(0)
    assert len(office.scheduler.windows()) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"hours": "15:00-07:30"}, 422),
        ({"hours": None}, 422),
        ({"closed": True}, 422),
        ({"until": "2018-06-28T00:00:00+07:00"}, 422),
        ({"from": "2018-06-01T00:00:00+07:00", "until": "2018-06-02T00:00:00+07:00"}, 409),
        ({"from": "2018-06-29T00:00:00"}, 422),
        ({"reason": ""}, 422),
    ],
)
async def test_an_override_that_makes_no_sense_is_refused(
    office: Any, changes: dict[str, Any], status: int
) -> None:
    assert (await _put(office, **changes)).status_code == status


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/v1/calendars/centre/overrides"), ("POST", "/v1/centre/resume")]
)
async def test_only_a_supervisor_changes_the_window(office: Any, method: str, path: str) -> None:
    response = await office.http.request(
        method, path, json=_override(office), headers=office.headers("operator", "auditor")
    )
    assert response.status_code == 403


async def test_a_calendar_of_another_name_is_not_there(office: Any) -> None:
    response = await office.http.get("/v1/calendars/lunch/overrides", headers=office.headers("auditor"))
    assert response.status_code == 422


async def test_the_counter_rests_on_public_holidays_and_the_centre_does_not(office: Any) -> None:
    found = (await office.http.get("/v1/calendars", headers=office.headers("auditor"))).json()["calendars"]
    assert "2018-08-17" in found["counter"]["closed_on"]
    assert found["centre"]["closed_on"] == []


async def test_each_year_the_days_off_of_another_year_are_added(open_office: Any) -> None:
    office = await open_office(centre_hours=("closed",) * 7)
    await office.clock.sleep_until(datetime(2019, 1, 2, tzinfo=UTC))
    found = (await office.http.get("/v1/calendars", headers=office.headers("auditor"))).json()
    assert "2021-08-17" in found["calendars"]["counter"]["closed_on"]
    assert found["version"] == 4


async def test_a_shut_window_is_ready_with_a_warning(office: Any) -> None:
    await _put(office, hours=None, closed=True)
    response = await office.http.get("/health/ready")
    assert (response.status_code, response.json()["status"]) == (200, "warn")


async def test_the_queue_tells_depth_and_what_blocks_it(open_office: Any) -> None:
    office = await open_office(calls_in_flight=0)
    await office.send(office.request())
    await office.clock.sleep(30)
    view = (await office.http.get("/queue")).json()
    assert (view["depth"], view["in_flight"], view["oldest_seconds"]) == (1, 0, 30)
    await _put(office, hours=None, closed=True)
    view = (await office.http.get("/queue")).json()
    assert (view["depth"], view["blocked_by"]) == (0, ["closed:override"])


async def test_metrics_show_the_window(office: Any) -> None:
    text = (await office.http.get("/metrics")).text
    assert 'cetak_window_open{account="default"} 1.0' in text


async def test_tables_and_migrations_agree(office: Any) -> None:
    from backbone.revisions import differences

    assert await differences(office.database.login) == []


async def test_no_credential_and_no_person_stands_in_a_log(
    office: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    office.centre.faults = [(500, {}, {})]
    await office.send(office.request())
    await office.pass_seconds(timedelta(minutes=5).total_seconds())
    await _approved(office)
    captured = capsys.readouterr()
    for word in ("rahasia", "2102014201909001", "SITI"):
        assert word not in captured.out + captured.err

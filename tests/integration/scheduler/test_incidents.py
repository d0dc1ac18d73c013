"""What contradicts a verdict is an incident; closing it lets the case go on."""

from typing import Any


async def test_an_agent_s_printed_after_intact_is_an_incident(office: Any) -> None:
    job, nonce = await _uncertain(office)
    await office.execute("UPDATE station SET printer = 'stopped'")
    await _reconcile(office, job, "intact")

    answer = await office.report(job, nonce, "printed")

    assert answer.json()["incident"]
    assert (await office.row("application", job["application_id"]))["frozen_by"] is not None


async def test_closing_an_incident_lets_its_case_go_on(office: Any) -> None:
    job, nonce = await _uncertain(office)
    await office.execute("UPDATE station SET printer = 'stopped'")
    await _reconcile(office, job, "intact")
    await office.report(job, nonce, "printed")
    (incident,) = await office.get("incidents")

    answer = await office.post(f"incidents/{incident['id']}/close", resolution="kartu dimusnahkan")

    assert answer.json()["closed_by"] == "tester"
    assert (await office.row("application", job["application_id"]))["frozen_by"] is None
    await office.check()


async def test_a_case_with_two_incidents_stays_frozen_until_both_are_closed(office: Any) -> None:
    card = await office.apply()
    for n in range(2):
        await office.execute(
            "INSERT INTO incident (office, application_id, kind, detail) VALUES ('21.02', $1, $2, '{}')",
            card,
            f"k{n}",
        )
    first, second = await office.get("incidents")
    await office.execute("UPDATE application SET frozen_by = $1", first["id"])

    await office.post(f"incidents/{first['id']}/close", resolution="selesai")

    assert (await office.row("application", card))["frozen_by"] == second["id"]


async def test_two_persons_who_say_different_things_are_an_incident(office: Any) -> None:
    job, _ = await _uncertain(office)
    await office.execute("UPDATE station SET printer = 'stopped'")
    await _reconcile(office, job, "intact")

    for _ in range(2):
        answer = await _reconcile(office, job, "printed")
        assert (answer.status_code, answer.json()["incident"]) == (409, True)

    (incident,) = await office.get("incidents")
    assert (incident["kind"], incident["detail"]["stored"], incident["detail"]["said"]) == (
        "verdict_contradicts",
        "released",
        "printed",
    )
    assert (await office.row("application", job["application_id"]))["frozen_by"] == incident["id"]
    await office.check()


async def test_a_verdict_on_a_card_never_in_doubt_is_no_incident(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, _ = await office.armed()

    answer = await _reconcile(office, job, "spoiled")

    assert (answer.status_code, answer.json()["incident"]) == (409, False)
    assert await office.get("incidents") == []


async def _uncertain(office: Any) -> tuple[dict[str, Any], Any]:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    await office.report(job, nonce, "uncertain")
    return job, nonce


async def _reconcile(office: Any, job: dict[str, Any], verdict: str, second: str | None = "saksi") -> Any:
    return await office.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict=verdict, second_person=second, note="dilihat"
    )

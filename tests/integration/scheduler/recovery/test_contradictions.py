"""Cards that contradict, applications that are gone, stations that never tell."""

from datetime import timedelta
from typing import Any
from uuid import UUID


async def test_the_received_date_and_the_place_in_time_stay(ready: Any) -> None:
    application = await ready.apply(ago=timedelta(days=90))
    before = await ready.row("application", application)
    await ready.recovered(ready.entry(application_id=str(application)))
    after = await ready.row("application", application)

    assert (after["received_at"], after["ranked_from"]) == (before["received_at"], before["ranked_from"])


async def test_an_approval_given_again_meanwhile_is_spent(ready: Any) -> None:
    application = await ready.apply()
    await ready.release()
    await ready.execute("UPDATE station SET state = 'paused'")
    (approved,) = await ready.approve()
    await ready.recovered(ready.entry(application_id=str(application)))
    owed = await ready.value("SELECT count(*) FROM outbox WHERE type = 'approval.spent.v1'")

    assert (approved, owed) == (application, 1)


async def test_the_reserved_card_of_another_station_gives_way_to_the_one_that_was_printed(ready: Any) -> None:
    job = await ready.reserved()
    told = ready.entry(application_id=job["application_id"])

    assert await ready.recovered(told) == {"freed": 1, "found": 1}
    assert (await ready.attempt(job["attempt_id"]))["state"] == "released"
    assert await ready.state("application", UUID(job["application_id"])) == "printing"
    await ready.check()


async def test_a_second_card_of_one_application_is_an_incident_and_the_newest_keeps_the_place(
    ready: Any,
) -> None:
    application = await ready.apply()
    first, second = (ready.entry(application_id=str(application), fence=900 + n) for n in range(2))

    assert await ready.recovered(first, second) == {"found": 1, "contradiction": 1}
    assert (await ready.attempt(second["attempt_id"]))["state"] == "uncertain"
    assert await ready.incidents() == ["journal_contradicts"]
    assert (await ready.row("application", application))["frozen_by"] is not None
    await ready.check()


async def test_a_card_printed_though_a_person_found_its_blank_is_an_incident(ready: Any) -> None:
    job, nonce = await ready.armed()
    await ready.report(job, nonce, "uncertain")
    await ready.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict="intact", note="utuh", second_person="Tono"
    )

    assert await ready.recovered(ready.entry(job)) == {"contradiction": 1}
    assert await ready.incidents() == ["journal_contradicts"]


async def test_a_card_of_a_withdrawn_application_is_an_incident(ready: Any) -> None:
    application = await ready.apply()
    await ready.execute("UPDATE application SET state = 'withdrawn' WHERE id = $1", application)

    assert await ready.recovered(ready.entry(application_id=str(application))) == {"contradiction": 1}


async def test_a_journal_that_claims_another_stations_card_is_an_incident(ready: Any) -> None:
    job = await ready.reserved()
    await ready.enrol("2102-2")
    await ready.begin()
    await ready.tell_journal()
    await ready.tell_journal(ready.entry(job), station="2102-2")
    await ready.finish()

    assert await ready.incidents() == ["journal_contradicts"]


async def test_a_card_of_an_unknown_application_is_an_incident_and_nothing_is_lost(ready: Any) -> None:
    told = ready.entry()

    assert await ready.recovered(told) == {"no_application": 1}
    assert await ready.incidents() == ["journal_without_application"]
    (incident,) = await ready.get("incidents")
    assert incident["detail"]["receipt_number"] == told["receipt_number"]
    await ready.check()


async def test_its_application_that_comes_later_finds_its_card(ready: Any) -> None:
    message = ready.received()
    told = ready.entry(application_id=str(message.application_id))
    await ready.recovered(told)
    await ready.tell(message)

    assert await ready.state("application", message.application_id) == "printing"
    assert (await ready.attempt(told["attempt_id"]))["state"] == "uncertain"
    assert await ready.value("SELECT count(*) FROM tombstone") == 0
    await ready.check()


async def test_blanks_that_came_after_the_backup_are_made_good(bare: Any) -> None:
    await bare.open_centre()
    await bare.enrol(blanks=1)
    applications = [await bare.apply() for _ in range(3)]
    told = [bare.entry(application_id=str(a), fence=900 + n) for n, a in enumerate(applications)]

    assert await bare.recovered(*told) == {"found": 3}
    assert await bare.blanks() == {"received": 3, "uncertain": 3}
    await bare.check()


async def test_what_was_reserved_at_a_lost_station_is_for_two_persons_to_settle(ready: Any) -> None:
    job = await ready.reserved()
    await ready.begin()
    await ready.post("stations/2102-1/lost", reason="terbakar")
    await ready.finish()

    assert (await ready.attempt(job["attempt_id"]))["state"] == "uncertain"
    assert await ready.incidents() == ["journal_lost"]
    settled = await ready.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict="intact", note="utuh", second_person="Tono"
    )
    assert settled.status_code == 200
    await ready.check()


async def test_a_lost_station_that_comes_back_tells_its_journal_after_all(ready: Any) -> None:
    application = await ready.apply()
    await ready.begin()
    await ready.post("stations/2102-1/lost", reason="dikira terbakar")
    await ready.finish()
    wanted = (await ready.hello()).json()["journal_wanted"]
    told = ready.entry(application_id=str(application))
    await ready.tell_journal(told)

    assert wanted
    assert (await ready.attempt(told["attempt_id"]))["state"] == "uncertain"
    await ready.check()

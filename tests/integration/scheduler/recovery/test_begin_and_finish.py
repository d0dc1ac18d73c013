"""Beginning and ending a recovery, and what stands still meanwhile."""

from typing import Any

import pytest

from backbone.contracts.scheduler import ApplicationStatus
from scheduler.use_cases.sweep import sweep_once


async def test_only_a_supervisor_begins_and_ends_it(ready: Any) -> None:
    assert (await ready.begin("operator")).status_code == 403
    assert (await ready.post("recover/finish", "operator", office="21.02")).status_code == 403


async def test_it_raises_the_epoch_and_lifts_the_fence_by_a_million(ready: Any) -> None:
    job = await ready.reserved()
    await ready.begin()
    found = await ready.standing()

    assert (found["recovering"], found["epoch"] > 1, found["awaited"]) == (True, True, ["2102-1"])
    assert await ready.value("SELECT last_value FROM fence") >= job["fence"] + 1_000_000


async def test_begun_twice_is_begun_once(ready: Any) -> None:
    await ready.begin()
    before = await ready.standing()
    await ready.begin()

    assert (await ready.standing())["epoch"] == before["epoch"]
    assert await ready.value("SELECT count(*) FROM recovery") == 1


async def test_an_office_that_does_not_exist_is_not_found(ready: Any) -> None:
    answer = await ready.client.post(
        "/v1/recover",
        json={"office": "21.09", "reason": "apa pun"},
        headers=ready.token("supervisor", prefix=""),
    )
    assert answer.status_code == 404


async def test_nothing_is_reserved_or_armed_meanwhile(ready: Any) -> None:
    job = await ready.reserved()
    await ready.begin()
    await ready.apply()
    await ready.release()

    assert (await ready.arm(job, ready.ids.new())).json()["veto"] == "recovery"
    assert len(await ready.jobs()) == 1


@pytest.mark.parametrize("why", ["silent", "paused", "expired", "lost"])
async def test_nothing_reserved_is_freed_before_its_stations_journal_was_heard(ready: Any, why: str) -> None:
    job = await ready.reserved()
    await ready.begin()
    if why == "silent":
        await ready.execute("UPDATE station SET seen_at = backbone.now() - interval '10 min'")
    elif why == "expired":
        await ready.execute("UPDATE application SET approved_until = backbone.now() - interval '1 min'")
    else:
        await ready.post(f"stations/2102-1/{'pause' if why == 'paused' else 'lost'}", reason="mati lampu")
    due = await sweep_once(ready.desk)

    assert (await ready.attempt(job["attempt_id"]))["state"] == "reserved"
    assert due is None or due > ready.clock.now()


async def test_hello_tells_a_station_that_its_journal_is_wanted_until_it_told_it_whole(ready: Any) -> None:
    before = (await ready.hello()).json()
    await ready.begin()
    asked = (await ready.hello()).json()
    await ready.tell_journal(ready.entry(), last=False)
    half = (await ready.hello()).json()
    await ready.tell_journal()
    after = (await ready.hello()).json()

    assert [a["journal_wanted"] for a in (before, asked, half, after)] == [False, True, True, False]
    assert [a["recovering"] for a in (before, asked, after)] == [False, True, True]


async def test_it_does_not_end_while_a_journal_is_awaited(ready: Any) -> None:
    await ready.enrol("2102-2")
    await ready.begin()
    await ready.tell_journal()
    answer = await ready.finish()

    assert (answer.status_code, answer.json()["stations"]) == (409, ["2102-2"])
    assert (await ready.standing())["recovering"]


async def test_a_journal_of_another_epoch_is_refused(ready: Any) -> None:
    await ready.begin()
    assert (await ready.tell_journal(epoch=1)).json()["type"] == "urn:cetak:other-epoch"


async def test_a_journal_of_an_older_process_is_refused(ready: Any) -> None:
    await ready.hello(run=3)
    await ready.begin()
    assert (await ready.tell_journal(run=2)).json()["type"] == "urn:cetak:station-superseded"


async def test_a_journal_of_another_station_is_forbidden(ready: Any) -> None:
    answer = await ready.client.post(
        "/v1/stations/2102-1/journal",
        json={"epoch": 1, "run": 1, "entries": [], "last": True},
        headers=ready.token("station", station="2102-2"),
    )
    assert answer.status_code == 403


async def test_a_page_told_twice_is_told_once(ready: Any) -> None:
    await ready.begin()
    page = ready.entry()
    await ready.tell_journal(page)
    assert (await ready.tell_journal(page)).json()["entries"] == 1


async def test_after_the_end_the_office_goes_on_with_numbers_nobody_has_seen(ready: Any) -> None:
    before = await ready.reserved()
    await ready.recovered()
    await ready.release()
    (after,) = await ready.jobs()

    assert after["application_id"] == before["application_id"]
    assert after["fence"] >= before["fence"] + 1_000_000
    assert (await ready.arm(after, ready.ids.new())).status_code == 200


async def test_ended_twice_is_ended_once(ready: Any) -> None:
    await ready.recovered()
    assert (await ready.finish()).status_code == 200
    assert await ready.value("SELECT count(*) FROM recovery") == 1


async def test_a_second_restore_is_a_second_recovery(ready: Any) -> None:
    await ready.recovered()
    first = (await ready.standing())["epoch"]
    await ready.recovered()

    assert (await ready.standing())["epoch"] > first


async def test_what_was_told_before_is_looked_at_again(ready: Any) -> None:
    job = await ready.reserved()
    told = ready.entry(job)
    await ready.recovered(told)

    assert await ready.recovered(told) == {"nothing": 1}


async def test_statuses_bear_the_new_epoch(ready: Any) -> None:
    application = await ready.apply()
    await ready.recovered(ready.entry(application_id=str(application)))
    await ready.relay.run_once()
    epoch = (await ready.standing())["epoch"]
    told = [m for m in ready.intake.of(ApplicationStatus) if m.application_id == application]

    assert (told[-1].epoch, told[-1].cause, told[-1].seq) == (epoch, "found_in_journal", told[-2].seq + 1)


@pytest.mark.parametrize("proof", ["fence_seen", "knows_more"])
async def test_a_station_that_knows_more_proves_the_restore_by_itself(ready: Any, proof: str) -> None:
    seen = 1 + await ready.value("SELECT last_value FROM fence")
    answer = (
        await ready.hello(**({"fence_seen": seen} if proof == "fence_seen" else {"knows_more": True}))
    ).json()
    found = await ready.standing()

    assert (answer["recovering"], answer["journal_wanted"], answer["epoch"]) == (True, True, found["epoch"])
    assert (found["recovering"], found["began_by"]) == (True, "station:2102-1")
    assert await ready.value("SELECT last_value FROM fence") > seen


async def test_a_station_that_has_seen_what_was_given_proves_nothing(ready: Any) -> None:
    job = await ready.reserved()
    assert not (await ready.hello(fence_seen=job["fence"])).json()["recovering"]


async def test_of_two_processes_with_one_number_the_first_counts(ready: Any) -> None:
    first, second = str(ready.ids.new()), str(ready.ids.new())
    assert (await ready.hello(run=2, process=first)).status_code == 200
    assert (await ready.hello(run=2, process=second)).status_code == 409
    assert (await ready.hello(run=2, process=first)).status_code == 200


@pytest.mark.parametrize("lost", [True, False])
async def test_a_superseded_hello_says_the_number_and_whether_the_other_machine_is_off(
    ready: Any, lost: bool
) -> None:
    await ready.hello(run=9)
    if lost:
        await ready.post("stations/2102-1/lost", reason="diska diganti")
    problem = (await ready.hello(run=3)).json()

    assert (problem["run"], problem["declared_lost"]) == (9, lost)


async def test_an_armed_card_that_a_newer_machine_knows_nothing_of_is_uncertain(ready: Any) -> None:
    job, _ = await ready.armed()
    await ready.hello(run=2, gave_up=[job["attempt_id"]])

    assert (await ready.attempt(job["attempt_id"]))["state"] == "uncertain"
    await ready.check()


async def test_the_run_that_armed_a_card_cannot_disown_it(ready: Any) -> None:
    job, _ = await ready.armed()
    await ready.hello(run=1, gave_up=[job["attempt_id"]])

    assert (await ready.attempt(job["attempt_id"]))["state"] == "armed"

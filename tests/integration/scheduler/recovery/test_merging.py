"""What each journal entry means for what the restored database has, or has not."""

from typing import Any
from uuid import UUID

import pytest


async def test_what_is_reserved_and_in_no_journal_goes_back(ready: Any) -> None:
    job = await ready.reserved()

    assert await ready.recovered() == {"freed": 1}
    assert await ready.state("application", UUID(job["application_id"])) == "approved"
    await ready.check()


@pytest.mark.parametrize(
    "said",
    [
        {"intended_at": None, "outcome": None},
        {"intended_at": None, "outcome": "uncertain"},
        {"outcome": "released"},
    ],
)
async def test_what_the_journal_never_sent_goes_back(ready: Any, said: dict[str, Any]) -> None:
    job = await ready.reserved()

    assert (await ready.recovered(ready.entry(job, **said)))["freed"] == 1
    assert (await ready.attempt(job["attempt_id"]))["state"] == "released"
    await ready.check()


async def test_a_reserved_card_that_was_printed_becomes_printed_by_the_journals_evidence(ready: Any) -> None:
    job = await ready.reserved()

    assert await ready.recovered(ready.entry(job)) == {"printed": 1}
    assert (await ready.attempt(job["attempt_id"]))["closed_by"] == "journal"
    assert await ready.state("application", UUID(job["application_id"])) == "printed"
    assert await ready.blanks() == {"received": 10, "on_hand": 9, "printed": 1}
    await ready.check()


@pytest.mark.parametrize(
    "said", [{"evidence": {"by": "spooler"}}, {"outcome": "uncertain"}, {"outcome": None}]
)
async def test_without_the_devices_word_it_becomes_uncertain(ready: Any, said: dict[str, Any]) -> None:
    job = await ready.reserved()

    assert await ready.recovered(ready.entry(job, **said)) == {"uncertain": 1}
    assert await ready.blanks() == {"received": 10, "on_hand": 9, "uncertain": 1}
    await ready.check()


async def test_an_armed_card_is_closed_by_its_journal(ready: Any) -> None:
    job, nonce = await ready.armed()

    assert await ready.recovered(ready.entry(job, nonce=str(nonce))) == {"printed": 1}
    await ready.check()


async def test_an_armed_card_that_is_being_sent_is_left_to_its_station(ready: Any) -> None:
    job, nonce = await ready.armed()
    told = ready.entry(job, nonce=str(nonce), outcome=None, outcome_at=None, evidence={})

    assert await ready.recovered(told) == {"nothing": 1}
    assert (await ready.report(job, nonce, "printed")).json()["state"] == "printed"
    await ready.check()


async def test_a_card_freed_since_the_restore_is_printed_after_all(ready: Any) -> None:
    job = await ready.reserved()
    await ready.post("stations/2102-1/pause", reason="menunggu teknisi")
    await ready.post("stations/2102-1/resume", reason="sudah")

    assert await ready.recovered(ready.entry(job)) == {"printed": 1}
    assert await ready.state("application", UUID(job["application_id"])) == "printed"
    assert await ready.blanks() == {"received": 10, "on_hand": 9, "printed": 1}
    await ready.check()


async def test_a_card_freed_since_without_the_devices_word_is_uncertain(ready: Any) -> None:
    job = await ready.reserved()
    await ready.post("stations/2102-1/pause", reason="menunggu teknisi")

    assert await ready.recovered(ready.entry(job, outcome="uncertain")) == {"uncertain": 1}
    await ready.check()


async def test_an_unknown_card_gets_its_row_uncertain_and_its_blank_booked(ready: Any) -> None:
    application = await ready.apply()
    told = ready.entry(application_id=str(application))

    assert await ready.recovered(told) == {"found": 1}
    found = await ready.attempt(told["attempt_id"])
    assert (found["state"], found["station"], found["fence"]) == ("uncertain", "2102-1", 900)
    assert (found["recovered"], str(found["approval_id"])) == (True, told["approval_id"])
    assert await ready.state("application", application) == "printing"
    assert await ready.blanks() == {"received": 10, "on_hand": 9, "uncertain": 1}
    await ready.check()


async def test_an_unknown_card_of_an_old_journal_has_no_approval(ready: Any) -> None:
    application = await ready.apply()
    told = ready.entry(application_id=str(application), approval_id=None)
    await ready.recovered(told)

    assert (await ready.attempt(told["attempt_id"]))["approval_id"] == UUID(int=0)


async def test_an_unknown_card_that_was_never_sent_leaves_no_trace(ready: Any) -> None:
    application = await ready.apply()
    told = ready.entry(application_id=str(application), intended_at=None, outcome=None)

    assert await ready.recovered(told) == {"nothing": 1}
    assert await ready.value("SELECT count(*) FROM attempt") == 0


async def test_its_number_may_have_been_given_again_since(ready: Any) -> None:
    job = await ready.reserved()
    application = await ready.apply()
    told = ready.entry(application_id=str(application), fence=job["fence"])

    assert (await ready.recovered(told))["found"] == 1
    assert (await ready.attempt(told["attempt_id"]))["fence"] > job["fence"]


async def test_several_unknown_cards_may_wait_for_a_look_at_one_station(ready: Any) -> None:
    applications = [await ready.apply() for _ in range(3)]
    told = [ready.entry(application_id=str(a), fence=900 + n) for n, a in enumerate(applications)]

    assert await ready.recovered(*told) == {"found": 3}
    await ready.check()


async def test_a_station_with_unknown_cards_gets_no_other_until_they_are_settled(ready: Any) -> None:
    application = await ready.apply()
    told = ready.entry(application_id=str(application))
    await ready.recovered(told)
    await ready.apply()
    await ready.release()
    await ready.approve()
    await ready.release()
    during = [job["state"] for job in await ready.jobs()]
    await ready.post(f"attempts/{told['attempt_id']}/reconcile", verdict="printed", note="ada di baki")
    await ready.release()

    assert during == ["uncertain"]
    assert [job["state"] for job in await ready.jobs()] == ["reserved"]
    assert await ready.state("application", application) == "printed"
    await ready.check()


@pytest.mark.parametrize(("verdict", "left"), [("spoiled", "waiting"), ("intact", "waiting")])
async def test_a_found_card_that_is_none_waits_for_a_new_approval(
    ready: Any, verdict: str, left: str
) -> None:
    application = await ready.apply()
    told = ready.entry(application_id=str(application))
    await ready.recovered(told)
    await ready.post(
        f"attempts/{told['attempt_id']}/reconcile", verdict=verdict, note="diperiksa", second_person="Tono"
    )

    assert await ready.state("application", application) == left
    await ready.check()

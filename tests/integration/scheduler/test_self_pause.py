"""A station pauses itself after two spoiled cards in a row, and says why."""

import asyncio
from typing import Any


async def test_two_cards_spoiled_in_a_row_pause_their_station(office: Any) -> None:
    for job in [await _printed(office), await _printed(office)]:
        await _spoil(office, job)

    row = await office.row("station", "2102-1")
    assert (row["state"], row["reason"]) == ("paused", "spoiled_in_a_row")
    await office.check()


async def test_cards_spoiled_one_after_the_other_pause_too(office: Any) -> None:
    for _ in range(2):
        await _spoil(office, await _printed(office))

    assert await office.state("station", "2102-1") == "paused"


async def test_a_good_card_between_two_spoiled_ones_lets_the_station_run(office: Any) -> None:
    jobs = [await _printed(office) for _ in range(3)]
    await _spoil(office, jobs[0])
    await _spoil(office, jobs[2])

    assert await office.state("station", "2102-1") == "running"


async def test_two_cards_spoiled_at_once_pause_their_station_too(office: Any) -> None:
    jobs = [await _printed(office), await _printed(office)]

    await asyncio.gather(*(_spoil(office, job) for job in jobs))

    row = await office.row("station", "2102-1")
    assert (row["state"], row["reason"]) == ("paused", "spoiled_in_a_row")
    await office.check()


async def test_the_pause_frees_what_the_station_has_reserved_and_the_station_hears_why(office: Any) -> None:
    jobs = [await _printed(office), await _printed(office)]
    await office.reserved()

    for job in jobs:
        await _spoil(office, job)

    said = (await office.hello()).json()
    assert (said["state"], said["reason"]) == ("paused", "spoiled_in_a_row")
    assert await office.jobs() == []
    await office.check()


async def test_an_uncertain_card_found_spoiled_counts_among_those_in_a_row(office: Any) -> None:
    await _spoil(office, await _printed(office))
    await office.execute("UPDATE application SET frozen_by = 0 WHERE state = 'waiting'")
    job, nonce = await office.armed()
    await office.report(job, nonce, "uncertain")

    await _reconcile(office, job, "spoiled")

    assert await office.state("station", "2102-1") == "paused"


async def test_a_blank_found_intact_does_not_pause_a_station_that_was_resumed(office: Any) -> None:
    for job in [await _printed(office), await _printed(office)]:
        await _spoil(office, job)
    await office.post("stations/2102-1/resume", reason="pita diganti")
    await office.execute("UPDATE application SET frozen_by = 0 WHERE state = 'waiting'")
    job, nonce = await office.armed()
    await office.report(job, nonce, "uncertain")

    await _reconcile(office, job, "intact")

    assert await office.state("station", "2102-1") == "running"


async def _printed(office: Any) -> dict[str, Any]:
    if not await office.value("SELECT count(*) FROM station"):
        await office.open_centre()
        await office.enrol()
    # A spoiled case of before is first in line again: it would be printed instead of a fresh one.
    await office.execute("UPDATE application SET frozen_by = 0 WHERE state = 'waiting'")
    job, nonce = await office.armed()
    await office.report(job, nonce, "printed")
    found: dict[str, Any] = job
    return found


async def _reconcile(office: Any, job: dict[str, Any], verdict: str, second: str | None = "saksi") -> Any:
    return await office.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict=verdict, second_person=second, note="dilihat"
    )


async def _spoil(office: Any, job: dict[str, Any], second: str = "saksi") -> Any:
    return await office.post(f"attempts/{job['attempt_id']}/spoil", second_person=second, note="tergores")

"""Two at once at one attempt: whoever comes first wins, the other is told so, and every account stays balanced."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from backbone.contracts.intake import ApplicationCollected, CorrectionSubmitted, WithdrawalRequested
from scheduler.use_cases.release import release_once
from scheduler.use_cases.sweep import sweep_once

Work = Callable[[Any, dict[str, Any], UUID], Awaitable[Any]]


async def _arm(office: Any, job: dict[str, Any], nonce: UUID) -> int:
    return int((await office.arm(job, nonce)).status_code)


async def _arm_by_another_nonce(office: Any, job: dict[str, Any], nonce: UUID) -> int:
    return int((await office.arm(job, office.ids.new())).status_code)


async def _pause(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    assert (await office.post("stations/2102-1/pause", reason="istirahat")).status_code == 200


async def _withdraw(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    now = office.clock.now()
    await office.tell(
        WithdrawalRequested(
            application_id=job["application_id"], actor="loket", reason="pindah", requested_at=now
        )
    )


async def _correct(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    await office.tell(
        CorrectionSubmitted(
            application_id=job["application_id"],
            version=1,
            actor="loket",
            note="nama",
            sealed=b"new",
            reason="lost",
            district_code="21.02.04",
            submitted_at=office.clock.now(),
        )
    )


async def _expire(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    await office.execute(
        "UPDATE application SET approved_until = backbone.now() WHERE id = $1", UUID(job["application_id"])
    )
    await sweep_once(office.desk)


async def _silence(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    await office.execute("UPDATE station SET seen_at = backbone.now() - interval '6 min'")
    await sweep_once(office.desk)


async def _lose(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    assert (await office.post("stations/2102-1/lost", reason="terbakar")).status_code == 200


def _say(state: str) -> Work:
    async def say(office: Any, job: dict[str, Any], nonce: UUID) -> None:
        assert (await office.report(job, nonce, state)).status_code == 200

    return say


def _settle(verdict: str) -> Work:
    async def settle(office: Any, job: dict[str, Any], nonce: UUID) -> int:
        response = await office.post(
            f"attempts/{job['attempt_id']}/reconcile", verdict=verdict, second_person="saksi", note="dilihat"
        )
        return int(response.status_code)

    return settle


async def _spoil(office: Any, job: dict[str, Any], nonce: UUID) -> int:
    response = await office.post(
        f"attempts/{job['attempt_id']}/spoil", second_person="saksi", note="tergores"
    )
    return int(response.status_code)


async def _collect(office: Any, job: dict[str, Any], nonce: UUID) -> None:
    now = office.clock.now()
    await office.tell(
        ApplicationCollected(application_id=job["application_id"], actor="loket", collected_at=now)
    )


RESERVED = {
    "arm": _arm,
    "arm by another nonce": _arm_by_another_nonce,
    "pause": _pause,
    "withdraw": _withdraw,
    "correct": _correct,
    "expire": _expire,
    "silence": _silence,
    "lost": _lose,
}
ARMED = {
    "printed": _say("printed"),
    "uncertain": _say("uncertain"),
    "released": _say("released"),
    "lost": _lose,
    "pause": _pause,
    "withdraw": _withdraw,
    "expire": _expire,
}
UNCERTAIN = {
    "printed": _say("printed"),
    "found printed": _settle("printed"),
    "found spoiled": _settle("spoiled"),
    "found intact": _settle("intact"),
}


async def _fresh(office: Any, *, armed: bool) -> tuple[dict[str, Any], UUID]:
    """A running station with one reserved or armed attempt and nothing else to do."""
    await office.post("stations/2102-1/pause", reason="bersih")
    await office.execute("UPDATE application SET frozen_by = 0 WHERE state IN ('waiting', 'approved')")
    await office.hello()
    await office.post("stations/2102-1/resume", reason="mulai lagi")
    job, nonce = await office.reserved(), office.ids.new()
    if armed:
        assert (await office.arm(job, nonce)).status_code == 200
    return job, nonce


@pytest.mark.parametrize("first", RESERVED)
async def test_a_reserved_card_is_either_armed_once_or_free(office: Any, first: str) -> None:
    await office.open_centre()
    await office.enrol(blanks=50)
    for second in RESERVED.keys() - {first}:
        job, nonce = await _fresh(office, armed=False)
        works = [partial(RESERVED[name], office, job, nonce) for name in (first, second)]

        answers = await office.race("attempt", UUID(job["attempt_id"]), *works)

        state = await office.state("attempt", job["attempt_id"])
        assert answers.count(200) == (state in ("armed", "uncertain")), (first, second, state)
        await office.check()
        if state == "armed":
            await office.report(job, (await office.row("attempt", job["attempt_id"]))["nonce"], "printed")
        elif state == "uncertain":
            await _settle("printed")(office, job, nonce)


@pytest.mark.parametrize("first", ARMED)
async def test_an_armed_card_has_one_fate(office: Any, first: str) -> None:
    await office.open_centre()
    await office.enrol(blanks=50)
    for second in ARMED.keys() - {first}:
        job, nonce = await _fresh(office, armed=True)
        works = [partial(ARMED[name], office, job, nonce) for name in (first, second)]

        await office.race("attempt", UUID(job["attempt_id"]), *works)

        state, names = await office.state("attempt", job["attempt_id"]), {first, second}
        if "printed" in names and "released" not in names:
            assert state == "printed", names
        elif "uncertain" in names or "lost" in names:
            assert state in ("uncertain", "released", "printed"), names
        await office.check()
        if state == "armed":
            await office.report(job, nonce, "printed")
        elif state == "uncertain":
            await _settle("printed")(office, job, nonce)


@pytest.mark.parametrize("first", UNCERTAIN)
async def test_an_uncertain_card_is_settled_once(office: Any, first: str) -> None:
    await office.open_centre()
    await office.enrol()
    for second in UNCERTAIN:
        job, nonce = await _fresh(office, armed=True)
        await office.report(job, nonce, "uncertain")
        works = [partial(UNCERTAIN[name], office, job, nonce) for name in (first, second)]

        await office.race("attempt", UUID(job["attempt_id"]), *works)

        closing = "SELECT count(*) FROM stock_move WHERE attempt_id = $1 AND source = 'uncertain'"
        assert await office.value(closing, UUID(job["attempt_id"])) == 1
        await office.check()


@pytest.mark.parametrize("works", [(_spoil, _collect), (_collect, _spoil)])
async def test_a_card_is_handed_over_or_spoiled_never_both(office: Any, works: tuple[Work, Work]) -> None:
    await office.open_centre()
    await office.enrol()
    job, nonce = await _fresh(office, armed=True)
    await office.report(job, nonce, "printed")

    await office.race(
        "application",
        UUID(job["application_id"]),
        *(partial(work, office, job, nonce) for work in works),
    )

    row = await office.row("application", job["application_id"])
    assert (row["state"] == "printed") == (row["collected_at"] is not None)
    await office.check()


@pytest.mark.parametrize("works", [(_pause, None), (None, _pause)])
async def test_nothing_stays_reserved_at_a_station_paused_meanwhile(office: Any, works: Any) -> None:
    await office.open_centre()
    await office.enrol(slots=8)
    await office.tell(*(office.received(ago=timedelta(days=n)) for n in range(6)))
    await office.release()
    await office.execute("UPDATE station SET seen_at = NULL")
    await office.approve()
    await office.execute("UPDATE station SET seen_at = backbone.now()")

    await office.race(
        "application",
        await office.value("SELECT max(id::text)::uuid FROM application"),
        *(
            (lambda: release_once(office.desk)) if work is None else (lambda: _pause(office, {}, UUID(int=0)))
            for work in works
        ),
    )

    await office.check()


async def test_two_release_loops_at_once_pick_no_card_twice(office: Any) -> None:
    await office.open_centre()
    await office.enrol("2102-1", blanks=30, slots=8)
    await office.enrol("2102-2", blanks=30, slots=8)
    await office.tell(*(office.received(ago=timedelta(hours=n)) for n in range(40)))

    for _ in range(4):
        await asyncio.gather(*(release_once(office.desk) for _ in range(4)))
        await office.relay.run_once()
        await office.approve()
    await asyncio.gather(*(release_once(office.desk) for _ in range(4)))

    picked = await office.value(
        "SELECT count(*) - count(DISTINCT card) FROM release_pick WHERE stage = 'print'"
    )
    assert picked == 0
    assert await office.value("SELECT count(*) FROM attempt WHERE state = 'reserved'") == 16
    await office.check()


async def test_many_stations_report_at_once_and_none_waits_for_another_for_ever(office: Any) -> None:
    stations = [f"2102-{n}" for n in range(1, 9)]
    await office.open_centre()
    for station in stations:
        await office.enrol(station)
    for n in range(32):
        await office.apply(("lost", "data_change", "damaged", "first_issue")[n % 4])
    for _ in range(4):
        await office.release()
        await office.approve()
    await office.release()
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = await office.value(deadlocks)

    for _ in range(3):
        waiting = {station: await office.jobs(station) for station in stations}
        held = [(station, jobs[0], office.ids.new()) for station, jobs in waiting.items() if jobs]
        assert len(held) > 4
        for station, job, nonce in held:
            assert (await office.arm(job, nonce, station=station)).status_code == 200
        said = await asyncio.gather(
            *(office.report(job, nonce, "printed", station=station) for station, job, nonce in held)
        )
        assert {answer.status_code for answer in said} == {200}
        await office.release()
        await office.approve()
        await office.release()

    assert await office.value(deadlocks) == before
    await office.check()

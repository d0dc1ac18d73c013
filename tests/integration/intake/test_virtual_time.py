"""Intake in virtual time: nothing ticks, nothing dead-locks, what is due is done at its moment."""

from datetime import timedelta
from typing import Any

from backbone.contracts.intake import ApplicationReceived
from backbone.outbox import BATCH
from intake.use_cases.pace import UNDER_WAY

HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"


async def test_an_imports_letters_go_though_nobody_answers_them(virtual_counter: Any) -> None:
    lines = [
        f"B-{n},210203{n % 28 + 1:02}0190{8001 + n},BUDI SANTOSO,1990-01-{n % 28 + 1:02},M,21.02.03,data_change,2018-03-01,"
        for n in range(1200)
    ]

    report = (await virtual_counter.upload("\n".join([HEADER, *lines]).encode())).json()
    await virtual_counter.clock.sleep(1)
    under_way = len(virtual_counter.scheduler.of(ApplicationReceived))
    await virtual_counter.clock.sleep(60)

    assert report["accepted"] == 1200
    assert under_way == UNDER_WAY * BATCH
    assert len(virtual_counter.scheduler.of(ApplicationReceived)) == 1200


async def test_what_no_status_came_for_is_told_again_after_a_minute_of_virtual_time(
    virtual_counter: Any,
) -> None:
    await virtual_counter.clock.sleep(3600)
    await virtual_counter.applied()

    await virtual_counter.clock.sleep(59)
    once = len(virtual_counter.scheduler.of(ApplicationReceived))
    await virtual_counter.clock.sleep(2)

    assert (once, len(virtual_counter.scheduler.of(ApplicationReceived))) == (1, 2)


async def test_a_month_without_work_costs_no_step(virtual_counter: Any) -> None:
    answer = await virtual_counter.applied()
    await virtual_counter.status(answer["application_id"], "waiting", 1)

    began = virtual_counter.clock.now()
    await virtual_counter.clock.sleep(timedelta(days=31).total_seconds())

    assert virtual_counter.clock.now() - began == timedelta(days=31)
    assert await virtual_counter.value("SELECT count(*) FROM idempotency") == 0

"""Ribbon and film: loaded, measured, left; what is low in the summary and in the metrics."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest


async def test_a_fresh_ribbon_is_believed_to_do_what_it_is_sold_for(office: Any) -> None:
    await office.enrol()

    answer = await _load(office, "ribbon", nominal=400, roll="YMCKH-1")

    assert answer.json()["again"] is False
    ribbon = await _left(office, "ribbon")
    assert (ribbon["left"], ribbon["used"], ribbon["roll"], ribbon["loaded_by"]) == (
        400,
        0,
        "YMCKH-1",
        "tester",
    )


async def test_what_was_never_loaded_is_unknown_and_not_low(office: Any) -> None:
    await office.enrol()

    assert await _left(office, "film") == {"item": "film", "left": None, "days_left": None, "low": False}


async def test_cards_printed_and_spoiled_since_and_test_cards_use_it_up(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await _print(office)
    await _load(office, "ribbon")
    job = await _print(office)
    await _print(office)
    await office.post(f"attempts/{job['attempt_id']}/spoil", second_person="saksi", note="tergores")
    for cause in ("test_card", "misfeed"):
        await office.post(
            "stations/2102-1/test-cards", cause=cause, second_person="saksi", reason="sesudah ganti pita"
        )

    ribbon = await _left(office, "ribbon")

    assert (ribbon["used"], ribbon["left"]) == (3, 497)


async def test_a_card_that_was_armed_before_took_of_the_ribbon_before(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    await _load(office, "ribbon")

    await office.report(job, nonce, "printed")

    assert (await _left(office, "ribbon"))["used"] == 0


async def test_what_a_used_up_ribbon_made_is_expected_of_the_next(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await _load(office, "ribbon", nominal=200)
    await _print(office)
    await _print(office)

    await _load(office, "ribbon", nominal=200)

    ribbon = await _left(office, "ribbon")
    assert (ribbon["expected"], ribbon["measured"], ribbon["left"]) == (2, [2], 2)


async def test_a_ribbon_taken_out_before_its_end_measures_nothing(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await _load(office, "ribbon", nominal=200)
    await _print(office)

    await _load(office, "ribbon", nominal=200, previous="removed")

    assert (await _left(office, "ribbon"))["expected"] == 200


async def test_the_same_roll_told_again_is_the_same_load(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await _load(office, "film", roll="F-1")
    await _print(office)

    answer = await _load(office, "film", roll="F-1")

    assert answer.json()["again"] is True
    assert (await _left(office, "film"))["used"] == 1


async def test_a_form_sent_twice_loads_one_ribbon(office: Any) -> None:
    await office.enrol()

    answers = await asyncio.gather(*(_load(office, "ribbon") for _ in range(3)))

    assert sorted(answer.json()["again"] for answer in answers) == [False, True, True]
    assert await office.value("SELECT count(*) FROM supply") == 1


async def test_a_wrong_label_is_put_right_before_anything_is_printed(office: Any) -> None:
    await office.enrol()
    await _load(office, "ribbon", nominal=500)

    await _load(office, "ribbon", nominal=200, roll="YMCKH-1")

    ribbon = await _left(office, "ribbon")
    assert (ribbon["nominal"], ribbon["roll"]) == (200, "YMCKH-1")


async def test_another_roll_on_top_of_an_unused_one_takes_its_place(office: Any) -> None:
    await office.enrol()
    await _load(office, "ribbon", roll="YMCKH-1")

    answer = await _load(office, "ribbon", roll="YMCKH-2")

    assert answer.json()["again"] is False
    assert (await _left(office, "ribbon"))["roll"] == "YMCKH-2"


async def test_a_roll_that_was_in_a_printer_before_is_refused(office: Any) -> None:
    await office.enrol()
    await office.enrol("2102-2")
    await _load(office, "ribbon", roll="YMCKH-1")

    answer = await _load(office, "ribbon", "2102-2", roll="YMCKH-1")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:roll-known")


@pytest.mark.parametrize("body", [{"item": "tinta"}, {"item": "ribbon", "nominal": 0}])
async def test_only_ribbon_and_film_are_loaded(office: Any, body: dict[str, Any]) -> None:
    await office.enrol()

    assert (await office.post("stations/2102-1/supplies", **body)).status_code == 422


async def test_days_left_follow_the_office_s_daily_rate(office: Any) -> None:
    await office.enrol()
    await office.enrol("2102-2")
    await _load(office, "ribbon", nominal=300)
    await _days(office, 90, 110)

    shown = await office.get("stations/2102-1/stock")

    assert shown["per_day"] == 100
    assert [(left["item"], left["days_left"]) for left in shown["left"]] == [
        ("blank", 0.2),
        ("ribbon", 6.0),
        ("film", None),
    ]


async def test_the_running_day_counts_only_where_there_is_no_other(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await _print(office)
    alone = (await office.get("stations/2102-1/stock"))["per_day"]
    await _days(office, 100)

    assert (alone, (await office.get("stations/2102-1/stock"))["per_day"]) == (1, 100)


async def test_what_a_station_made_today_is_shown(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await _print(office)
    await _print(office)
    await office.post(f"attempts/{job['attempt_id']}/spoil", second_person="saksi", note="tergores")

    assert (await office.get("stations/2102-1/stock"))["today"] == {"printed": 1, "spoiled": 1}


async def test_the_summary_says_what_is_low_at_stations_and_in_the_office(office: Any) -> None:
    await office.enrol(blanks=400)
    await office.enrol("2102-2", blanks=10)
    await _load(office, "ribbon", nominal=30)
    await _days(office, 100)

    stock = (await office.get("summary"))["stock"]

    assert [(low["station"], low["item"], low["left"]) for low in stock["low"]] == [
        ("2102-1", "ribbon", 30),
        ("2102-2", "blank", 10),
        (None, "ribbon", 30),
    ]
    assert [left["left"] for left in stock["offices"]["21.02"]] == [410, 30, None]
    assert stock["stations"]["2102-1"][0] == {"item": "blank", "left": 400, "days_left": 8.0, "low": False}


async def test_the_store_counts_for_the_office(office: Any) -> None:
    await office.enrol(blanks=1)
    await office.post("offices/21.02/stock", note_number="SJ-7", blanks=500)

    stock = (await office.get("summary"))["stock"]

    assert stock["offices"]["21.02"][0]["left"] == 501
    assert [low["station"] for low in stock["low"]] == ["2102-1"]


async def test_another_office_sees_none_of_it(office: Any) -> None:
    await office.enrol()
    answer = await office.client.get("/v1/summary", headers=office.token("operator", prefix="21.03"))

    assert answer.json()["stock"] == {"per_day": {}, "stations": {}, "offices": {}, "low": []}


async def test_the_metrics_tell_what_is_left_and_what_is_low(office: Any) -> None:
    await office.enrol()
    await _load(office, "ribbon", nominal=30)
    await _days(office, 100)

    told = (await office.client.get("/metrics")).text.splitlines()

    at = '{item="ribbon",office="21.02",station="2102-1"}'
    assert f"cetak_stock_left_cards{at} 30.0" in told
    assert f"cetak_stock_left_days{at} 0.3" in told
    assert f"cetak_stock_low{at} 1.0" in told
    assert 'cetak_stock_left_cards{item="blank",office="21.02",station=""} 10.0' in told
    assert not any("film" in line for line in told)


async def _load(office: Any, item: str, station: str = "2102-1", **body: Any) -> Any:
    return await office.post(f"stations/{station}/supplies", item=item, **body)


async def _left(office: Any, item: str) -> Any:
    found = (await office.get("stations/2102-1/stock"))["left"]
    return next(left for left in found if left["item"] == item)


async def _print(office: Any) -> dict[str, Any]:
    job, nonce = await office.armed()
    await office.report(job, nonce, "printed")
    found: dict[str, Any] = job
    return found


async def _days(office: Any, *printed: int) -> None:
    """Cards printed on the days before today."""
    today = (office.clock.now() + timedelta(hours=7)).date()
    for back, n in enumerate(printed, 1):
        await office.execute(
            "INSERT INTO tally (office, day, cause, n) VALUES ('21.02', $1, 'printed', $2)",
            today - timedelta(days=back),
            n,
        )

"""What the scheduler tells, in any order and more than once; what must be told again; what expires."""

import asyncio
from datetime import timedelta
from random import Random
from typing import Any

import structlog

from backbone.contracts.intake import ApplicationReceived
from backbone.contracts.scheduler import ApplicationRanked
from intake.use_cases.sweep import sweep_once

STORY = ["waiting", "verifying", "approved", "printing", "printed"]


async def test_the_newest_status_wins_in_whatever_order_they_come(counter: Any) -> None:
    random = Random(7)
    for _ in range(5):
        application = (await counter.applied())["application_id"]
        messages = [counter.message(application, state, n + 1) for n, state in enumerate(STORY)] * 2
        random.shuffle(messages)

        while messages:
            cut = random.randint(1, 4)
            await counter.tell(*messages[:cut])
            del messages[:cut]

        row = await counter.row(application)
        assert (row["state"], row["state_seq"]) == ("printed", 5)
        assert row["first_status_at"] is not None
        assert (
            await counter.value("SELECT count(*) FROM status_event WHERE application_id = $1", row["id"]) == 5
        )


async def test_a_new_epoch_outweighs_every_number_of_the_old_one(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.status(application, "printed", 90, epoch=1)

    await counter.status(application, "waiting", 3, epoch=2)
    await counter.status(application, "printed", 91, epoch=1)

    row = await counter.row(application)
    assert (row["state"], row["state_epoch"], row["state_seq"]) == ("waiting", 2, 3)


async def test_a_status_brings_its_date_and_elements_and_a_later_one_takes_them_away(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    due = counter.clock.now() + timedelta(days=90)
    await counter.status(application, "needs_correction", 3, due_at=due, elements=("NAMA", "TGL_LHR"))
    first = await counter.row(application)

    await counter.status(application, "waiting", 4)

    second = await counter.row(application)
    assert (first["due_at"], first["elements"]) == (due, ["NAMA", "TGL_LHR"])
    assert (second["due_at"], second["elements"]) == (None, [])


async def test_a_closed_case_lets_the_person_apply_again(counter: Any) -> None:
    for state in ("refused", "withdrawn", "lapsed"):
        body = counter.body()
        first = await counter.applied(body)
        await counter.status(first["application_id"], state, 2)

        assert (await counter.post(body)).status_code == 202


async def test_a_case_reopened_beside_a_newer_one_does_not_become_a_second_open_one(counter: Any) -> None:
    body = counter.body()
    first = await counter.applied(body)
    await counter.status(first["application_id"], "refused", 2)
    await counter.applied(body)

    await counter.status(first["application_id"], "waiting", 3)

    row = await counter.row(first["application_id"])
    assert (row["state"], row["open"]) == ("waiting", False)
    assert await counter.value("SELECT count(*) FROM event WHERE what = 'reopened_beside_another'") == 1
    assert await counter.value("SELECT count(*) FROM dead_letter") == 0


async def test_a_reopened_case_is_open_again(counter: Any) -> None:
    body = counter.body()
    first = await counter.applied(body)
    await counter.status(first["application_id"], "refused", 2)

    await counter.status(first["application_id"], "waiting", 3)

    assert (await counter.post(body)).status_code == 409


async def test_no_status_undoes_a_hand_over(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.status(application, "printed", 5)
    await counter.client.post(f"/v1/applications/{application}/collect", headers=counter.token("counter"))

    await counter.status(application, "waiting", 6)

    row = await counter.row(application)
    assert (row["state"], row["open"], row["state_seq"]) == ("collected", False, 6)


async def test_a_status_of_an_unknown_application_is_noted_and_harms_nobody(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    with structlog.testing.capture_logs() as logs:
        await counter.tell(
            counter.message(counter.ids.new(), "waiting", 1), counter.message(application, "waiting", 1)
        )

    assert [entry["event"] for entry in logs] == ["status_of_unknown_application"]
    assert (await counter.row(application))["state"] == "waiting"


async def test_the_newest_rank_is_kept(counter: Any) -> None:
    application = (await counter.row((await counter.applied())["application_id"]))["id"]
    now = counter.clock.now()

    def rank(place: int, minutes: int) -> ApplicationRanked:
        return ApplicationRanked(
            application_id=application,
            rank_at=now,
            place=place,
            lane_place=place,
            policy_version=1,
            at=now + timedelta(minutes=minutes),
        )

    await counter.tell(rank(7, 0), rank(3, 2))
    await counter.tell(rank(5, 1))

    assert (await counter.row(application))["place"] == 3


async def test_what_the_scheduler_never_spoke_of_is_told_again_and_again(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.relay.run_once()
    assert (await sweep_once(counter.desk)) is not None
    await counter.execute("UPDATE application SET resend_at = backbone.now()")

    await sweep_once(counter.desk)
    await sweep_once(counter.desk)
    await counter.relay.run_once()

    messages = counter.scheduler.of(ApplicationReceived)
    assert [str(message.application_id) for message in messages] == [application] * 2
    assert messages[0].received_at == messages[1].received_at
    assert counter.courier.open(messages[1].sealed, f"verification|{application}")


def about(one: timedelta, other: timedelta) -> bool:
    """The same but for the moments between two looks at the clock."""
    return abs(one - other) < timedelta(seconds=5)


async def test_what_the_scheduler_spoke_of_is_not_told_again_so_soon(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.relay.run_once()
    await counter.status(application, "waiting", 1)

    await sweep_once(counter.desk)
    await counter.relay.run_once()

    row = await counter.row(application)
    assert len(counter.scheduler.of(ApplicationReceived)) == 1
    assert about(row["resend_at"] - row["first_status_at"], timedelta(days=7))


async def test_a_case_in_flight_of_which_nothing_is_heard_for_long_is_asked_for_less_and_less(
    counter: Any,
) -> None:
    application = (await counter.applied())["application_id"]
    await counter.status(application, "printing", 4)
    row = await counter.row(application)
    assert about(row["resend_at"] - row["first_status_at"], timedelta(minutes=30))
    await counter.execute(
        "UPDATE application SET resend_at = backbone.now(), state_at = backbone.now() - interval '8 hours'"
    )

    assert (await sweep_once(counter.desk)) is not None
    await counter.relay.run_once()

    again = await counter.row(application)
    assert len(counter.scheduler.of(ApplicationReceived)) == 2
    assert about(again["resend_at"] - again["state_at"], timedelta(hours=16))


async def test_of_a_closed_case_nothing_is_asked(counter: Any) -> None:
    application = (await counter.applied())["application_id"]
    await counter.relay.run_once()
    await counter.status(application, "withdrawn", 2)
    await counter.execute("UPDATE application SET resend_at = backbone.now()")

    await sweep_once(counter.desk)
    await counter.relay.run_once()

    assert len(counter.scheduler.of(ApplicationReceived)) == 1


async def test_the_sweep_is_woken_by_the_first_application_it_did_not_expect(counter: Any) -> None:
    assert await sweep_once(counter.desk) is None
    bell = counter.desk.watch.bell

    await counter.applied()

    assert await bell.wait(counter.clock.now())
    due = await sweep_once(counter.desk)
    assert due is not None
    assert timedelta(seconds=50) < due - counter.clock.now() <= timedelta(seconds=60)


async def test_answers_are_kept_thirty_days(counter: Any) -> None:
    await asyncio.gather(*(counter.applied() for _ in range(2)))
    await counter.execute(
        "UPDATE idempotency SET created_at = created_at - interval '30 days' WHERE (device, key) = (SELECT device, key FROM idempotency LIMIT 1)"
    )

    await sweep_once(counter.desk)

    assert await counter.value("SELECT count(*) FROM idempotency") == 1

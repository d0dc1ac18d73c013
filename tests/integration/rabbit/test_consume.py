"""Consuming: a batch, one transaction, one ack; what is at fault is buried, what is infrastructure's is waited for."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aio_pika import Message

from backbone import failpoints
from backbone.letters import BATCH, SINGLE, Letter

NIK = "2102012906909001"


async def refuse_seven(letters: Sequence[Letter]) -> None:
    if any(letter.subject == "7" for letter in letters):
        raise ValueError(NIK)


async def test_500_letters_come_in_few_batches_whole_and_in_order(
    rig: Any, desk: Any, eventually: Any
) -> None:
    await rig.publish(*rig.letters(500))
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) == 500)
    assert desk.came == [str(number) for number in range(500)]
    assert len(desk.batches) <= 5


async def test_letters_of_two_keys_each_keep_their_order(rig: Any, desk: Any, eventually: Any) -> None:
    mixed = [
        rig.letter(number, type_name=f"application.{('received', 'corrected')[number % 2]}.v1")
        for number in range(300)
    ]
    await rig.publish(*mixed)
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) == 300)
    for half in (0, 1):
        assert [n for n in map(int, desk.came) if n % 2 == half] == [*range(half, 300, 2)]


async def test_a_station_is_woken(rig: Any, desk: Any, eventually: Any) -> None:
    look = rig.letter(1, type_name="station.look.v1", key="station.2102-2.look")
    async with rig.consuming(desk, "station.2102-2"):
        await rig.publish(look, user="scheduler")
        await eventually(lambda: desk.came == ["1"])


async def test_what_was_handled_is_gone(rig: Any, desk: Any, eventually: Any) -> None:
    await rig.publish(*rig.letters(3))
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) == 3)
    assert await rig.holds("scheduler", 0)


async def test_one_bad_letter_is_buried_and_its_neighbours_are_handled(
    rig: Any, desk: Any, eventually: Any
) -> None:
    desk.fault = refuse_seven
    await rig.publish(*rig.letters(20))
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) == 19 and desk.buried)
    assert [(letter.subject, reason) for letter, reason in desk.buried] == [("7", "ValueError")]
    assert sorted(map(int, desk.came)) == [n for n in range(20) if n != 7]


async def test_an_outage_of_the_database_keeps_the_batch_and_counts_against_no_letter(
    rig: Any, desk: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(letters: Sequence[Letter]) -> None:
        raise ConnectionRefusedError

    desk.fault = down
    await rig.publish(*rig.letters(5))
    async with rig.consuming(desk):
        await eventually(lambda: desk.calls >= 2)
        desk.fault = None
        await eventually(lambda: len(desk.came) == 5)
    assert (desk.came, desk.buried) == (["0", "1", "2", "3", "4"], [])
    assert await rig.holds("scheduler.dead", 0)


async def test_an_outage_that_outlives_the_line_ends_on_a_new_one(
    rig: Any, desk: Any, eventually: Any
) -> None:
    async def down(letters: Sequence[Letter]) -> None:
        raise ConnectionRefusedError

    desk.fault = down
    await rig.publish(rig.letter(1))
    async with rig.consuming(desk):
        await eventually(lambda: desk.calls)
        await rig.node.control("close_all_connections", "as an administrator may")
        desk.fault = None
        await eventually(lambda: desk.came)
    assert desk.buried == []


async def test_stopping_does_not_wait_for_an_outage_to_end(rig: Any, desk: Any, eventually: Any) -> None:
    async def down(letters: Sequence[Letter]) -> None:
        raise ConnectionRefusedError

    desk.fault = down
    await rig.publish(rig.letter(1))
    async with rig.consuming(desk):
        await eventually(lambda: desk.calls)
    assert await rig.holds("scheduler", 1)


async def test_stopping_finishes_the_batch_in_hand_and_gives_the_rest_back(
    rig: Any, desk: Any, eventually: Any
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slowly(letters: Sequence[Letter]) -> None:
        begun.set()
        await go.wait()

    desk.fault = slowly
    await rig.publish(rig.letter(1))
    async with rig.consuming(desk) as broker:
        await begun.wait()
        await rig.publish(rig.letter(2))
        await broker.stop()
        go.set()
    assert desk.came == ["1"]
    assert (await rig.take("scheduler")).body.count(b'"subject": "2"') == 1


async def test_a_consumer_stops_while_letters_go_on_coming(rig: Any, desk: Any, eventually: Any) -> None:
    async def slowly(letters: Sequence[Letter]) -> None:
        await rig.publish(rig.letter("more"))
        await asyncio.sleep(0.01)

    desk.fault = slowly
    await rig.publish(rig.letter(1))
    async with rig.consuming(desk):
        await eventually(lambda: desk.calls > 3)
    assert len(desk.came) <= desk.calls
    assert await rig.holds("scheduler", 1 + desk.calls - len(desk.came))


async def test_a_crash_between_commit_and_ack_brings_the_letters_again(
    rig: Any, desk: Any, eventually: Any
) -> None:
    await rig.publish(rig.letter(1))
    failpoints.arm("broker.before_ack:raise")
    with pytest.raises(ExceptionGroup):
        async with rig.consuming(desk):
            await eventually(lambda: desk.came)
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) == 2)
    assert desk.came == ["1", "1"]


async def test_a_fault_of_our_own_ends_the_consumer_and_loses_nothing(
    rig: Any, desk: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter cannot be buried, for a table is missing: to go on would be to lose it, or to turn for ever."""

    async def bury(letter: Letter, reason: str) -> None:
        raise LookupError("no such table")

    desk.fault, desk.bury = refuse_seven, bury
    await rig.publish(rig.letter(7))
    with pytest.raises(ExceptionGroup) as caught:
        await rig.consumer(desk).run()
    assert caught.group_contains(LookupError)
    assert await rig.holds("scheduler", 1)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (SINGLE, b"\xff" + NIK.encode(), "Unreadable: no JSON"),
        (SINGLE, b'{"nik": "' + NIK.encode() + b'"}', "Unreadable: no CloudEvent 1.0"),
        (BATCH, b'{"nik": "' + NIK.encode() + b'"}', "Unreadable: no list"),
        ("text/plain", NIK.encode(), "Unreadable: content type"),
        (SINGLE, b"[" * 200_000, "Unreadable: too deep"),
        (
            SINGLE,
            b'{"specversion": "1.0", "data": 1, "type": "a\\u0000"}',
            "Unreadable: type is no plain text",
        ),
        (
            SINGLE,
            b'{"specversion": "1.0", "data": 1, "type": "a\\ud800"}',
            "Unreadable: type is no plain text",
        ),
        (SINGLE, NIK.encode() * 300_000, "Unreadable: too large"),
    ],
    ids=["bytes", "no event", "no list", "content type", "deep", "nul", "half a character", "large"],
)
async def test_an_unreadable_message_is_buried_with_a_reason_that_quotes_nothing(
    rig: Any, desk: Any, eventually: Any, content_type: str, body: bytes, reason: str
) -> None:
    await rig.send(body, content_type=content_type)
    await rig.publish(rig.letter(2))
    async with rig.consuming(desk):
        await eventually(lambda: desk.buried and desk.came)
    (letter, found), *none = desk.buried
    assert (found, letter.type, letter.subject, none, desk.came) == (reason, "unreadable", "", [], ["2"])
    assert "\x00" not in letter.body
    assert len(letter.body) <= 100_000


async def test_a_letter_of_a_type_that_another_service_publishes_is_forged(
    rig: Any, desk: Any, eventually: Any, parcels: Callable[[Letter], bytes]
) -> None:
    forged = rig.letter(1, type_name="verification.answered.v1", key="application.received")
    await rig.publish(forged, rig.letter(2))
    async with rig.consuming(desk):
        await eventually(lambda: desk.buried and desk.came)
    assert [(letter.subject, reason) for letter, reason in desk.buried] == [("1", "forged_sender")]
    assert desk.came == ["2"]


async def test_a_letter_that_nobody_signed_is_forged(
    rig: Any, desk: Any, eventually: Any, parcels: Callable[[Letter], bytes]
) -> None:
    channel = await rig.channel("intake")
    exchange = await channel.get_exchange("cetak", ensure=False)
    await exchange.publish(
        Message(parcels(rig.letter(1)), content_type=SINGLE, message_id="1"), "application.received"
    )
    async with rig.consuming(desk):
        await eventually(lambda: desk.buried)
    assert desk.buried[0][1] == "forged_sender"

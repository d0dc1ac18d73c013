"""Publishing: only the broker's own ack counts, and no key holds up another."""

import asyncio
from typing import Any

import pytest

from backbone.letters import MOST_EVENTS, unpack
from backbone.rabbit.address import BrokerLost


async def test_what_the_broker_confirmed_is_in_its_queue(rig: Any) -> None:
    assert (await rig.publish(rig.letter(1)), await rig.holds("scheduler", 1)) == ([], True)


async def test_a_key_without_a_queue_comes_back_and_holds_up_no_other(rig: Any) -> None:
    await rig.node.control(
        "eval",
        'rabbit_binding:remove({binding, {resource, <<"cetak">>, exchange, <<"cetak">>}, '
        '<<"application.collected">>, {resource, <<"cetak">>, queue, <<"scheduler">>}, []}, <<"test">>).',
    )
    lost, kept = rig.letter(1, type_name="application.collected.v1"), rig.letter(2)
    assert (await rig.publish(lost, kept), await rig.holds("scheduler", 1)) == ([lost], True)
    await rig.node.apply()
    assert await rig.publish(lost) == []


async def test_a_key_that_the_broker_forbids_comes_back_and_holds_up_no_other(rig: Any) -> None:
    """Its publishing closes the channel on all that are in flight with it."""
    forbidden = rig.letter(1, type_name="window.changed.v1")
    others = [rig.letter(2), rig.letter(3, type_name="application.corrected.v1")]
    assert await rig.publish(forbidden, *others) == [forbidden]
    assert await rig.depth("scheduler") >= len(others)


async def test_a_forbidden_key_alone_is_no_lost_broker(rig: Any) -> None:
    forbidden = rig.letter(1, type_name="window.changed.v1")
    assert (await rig.publish(forbidden), rig.publisher().trouble()) == ([forbidden], "")
    assert await rig.publish(rig.letter(2)) == []


async def test_a_look_for_a_station_that_has_no_queue_is_dropped(rig: Any) -> None:
    look = rig.letter(1, type_name="station.look.v1", key="station.2102-9.look")
    assert await rig.publish(look, user="scheduler") == []


async def test_a_station_that_is_away_does_not_fill_the_broker(rig: Any) -> None:
    look = rig.letter(1, type_name="station.look.v1", key="station.2102-1.look")
    for _ in range(15):
        assert await rig.publish(look, user="scheduler") == []
    assert await rig.holds("station.2102-1", 10)


async def test_a_letter_that_nobody_would_read_is_not_sent(rig: Any) -> None:
    large = rig.letter(1, body='"' + "x" * 5_000_000 + '"')
    assert (await rig.publish(large, rig.letter(2)), await rig.holds("scheduler", 1)) == ([large], True)


async def test_a_batch_of_500_letters_travels_as_five_messages_in_order(rig: Any) -> None:
    assert await rig.publish(*rig.letters(500)) == []
    assert await rig.holds("scheduler", 500 / MOST_EVENTS)
    messages = [await rig.take("scheduler") for _ in range(5)]
    came = [one.subject for m in messages for one in unpack(m.content_type, m.routing_key, m.body)]
    assert came == [str(number) for number in range(500)]


async def test_messages_survive_a_restart_and_say_who_sent_them(rig: Any) -> None:
    await rig.publish(rig.letter(1))
    message = await rig.take("scheduler")
    assert (message.delivery_mode, message.user_id, len(message.message_id)) == (2, "intake", 24)


async def test_publishing_without_a_broker_raises(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.node, "port", rig.node.port + 50)
    with pytest.raises(BrokerLost):
        await rig.publish(rig.letter(1))
    assert rig.publisher().trouble() == "AMQPConnectionError"


async def test_publishing_goes_on_after_it_was_cancelled(rig: Any) -> None:
    """What was in flight is unknown: it is published again, and may come twice."""
    await rig.publish()
    task = asyncio.create_task(rig.publish(*rig.letters(500)))
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await rig.publish(*rig.letters(500)) == []


async def test_nothing_to_publish_is_published(rig: Any) -> None:
    assert await rig.publish() == []

"""The broker dies, falls silent, forgets a queue or runs out of memory: nothing confirmed is lost, all flows again."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from backbone.letters import Letter
from backbone.rabbit.address import BrokerLost


async def for_ever(letters: Sequence[Letter]) -> None:
    await asyncio.Event().wait()


async def publish_until_taken(rig: Any, *letters: Letter) -> None:
    """As the relay does: what was not taken goes again."""
    left: Sequence[Letter] = letters
    async with asyncio.timeout(30):
        while left:
            try:
                left = await rig.publish(*left)
            except BrokerLost:
                await asyncio.sleep(0.2)


async def test_a_kill_of_the_node_loses_nothing_that_was_confirmed(
    rig: Any, desk: Any, eventually: Any
) -> None:
    await rig.publish(*rig.letters(50))
    await rig.node.kill()
    await rig.node.start()
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) >= 50)
    assert {*desk.came} == {str(number) for number in range(50)}


async def test_consumers_and_publishers_come_back_after_the_node(
    rig: Any, desk: Any, eventually: Any
) -> None:
    async with rig.consuming(desk) as broker:
        await rig.publish(rig.letter(1))
        await eventually(lambda: desk.came == ["1"])
        await rig.node.stop()
        await eventually(broker.trouble)
        with pytest.raises(BrokerLost):
            await rig.publish(rig.letter(2))
        await rig.node.start()
        await publish_until_taken(rig, rig.letter(2))
        await eventually(lambda: "2" in desk.came)
        await eventually(lambda: not broker.trouble())


async def test_letters_for_a_deleted_queue_come_back_and_flow_when_it_is_there_again(
    rig: Any, desk: Any, eventually: Any
) -> None:
    async with rig.consuming(desk) as broker:
        await rig.node.control("delete_queue", "-p", "cetak", "scheduler")
        await eventually(broker.trouble)
        assert [letter.subject for letter in await rig.publish(*rig.letters(3))] == ["0", "1", "2"]
        await rig.node.apply()
        await publish_until_taken(rig, *rig.letters(3))
        await eventually(lambda: desk.came == ["0", "1", "2"])
        assert broker.trouble() == ""


async def test_a_broker_short_of_memory_holds_letters_up_and_loses_and_doubles_none(
    rig: Any, desk: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backbone.rabbit.address.ANSWER", 1.0)
    monkeypatch.setattr("backbone.rabbit.publisher.ANSWER", 0.5)
    await rig.publish(rig.letter(0))
    await rig.node.control("set_vm_memory_high_watermark", "0.0001")
    try:
        for _ in range(4):
            with pytest.raises(BrokerLost):
                await rig.publish(rig.letter(1))
        assert rig.publisher().trouble() == "BrokerBlocked"
    finally:
        await rig.node.control("set_vm_memory_high_watermark", "0.3")
    await publish_until_taken(rig, rig.letter(2))
    async with rig.consuming(desk):
        await eventually(lambda: "2" in desk.came)
    # The first try was in doubt, and delivered late; those after it never left.
    assert sorted(desk.came) == ["0", "1", "2"]


async def test_a_consumer_on_a_silent_line_comes_back_on_a_new_one(
    rig: Any, desk: Any, proxy: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backbone.rabbit.reader.QUIET", 0.2)
    monkeypatch.setattr("backbone.rabbit.address.ANSWER", 0.5)
    async with rig.consuming(desk, port=proxy.port) as broker:
        proxy.fall_silent()
        await eventually(broker.trouble)
        await proxy.close()  # The broker's own heartbeat would find the dead consumer.
        await rig.publish(rig.letter(1))
        await eventually(lambda: desk.came == ["1"])


async def test_a_publisher_on_a_silent_line_says_so_and_opens_a_new_one(
    rig: Any, proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backbone.rabbit.address.ANSWER", 0.5)
    monkeypatch.setattr(rig.node, "port", proxy.port)
    assert await rig.publish(rig.letter(1)) == []
    proxy.fall_silent()
    with pytest.raises(BrokerLost):
        await rig.publish(rig.letter(2))
    assert await rig.publish(rig.letter(2)) == []


async def test_a_server_that_takes_connections_and_says_nothing_is_a_lost_broker(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backbone.rabbit.address.ANSWER", 0.3)
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(
        lambda reader, writer: writers.append(writer), "127.0.0.1", rig.node.port + 11
    )
    monkeypatch.setattr(rig.node, "port", rig.node.port + 11)
    with pytest.raises(BrokerLost):
        await rig.publish(rig.letter(1))
    writers[0].close()
    await writers[0].wait_closed()
    server.close()


async def test_both_ends_of_a_line_listen_for_each_others_heartbeat(rig: Any, desk: Any) -> None:
    async with rig.consuming(desk):
        said = await rig.node.control("list_connections", "user", "timeout")
    assert "scheduler\t10" in said


async def test_messages_that_are_withheld_are_asked_for_on_a_new_line(
    rig: Any, desk: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backbone.rabbit.reader.QUIET", 0.1)
    monkeypatch.setattr("backbone.rabbit.reader.ANSWER", 0.1)

    async def forget(*_: object) -> None:
        """As where the broker loses the consumer and does not say so."""

    with monkeypatch.context() as patch:
        patch.setattr("aio_pika.queue.Queue.consume", forget)
        async with rig.consuming(desk) as broker:
            await rig.publish(rig.letter(1))
            await eventually(broker.trouble)
            patch.undo()
            await eventually(lambda: desk.came == ["1"])


async def test_a_cancelled_consumer_gives_its_letters_back(rig: Any, desk: Any, eventually: Any) -> None:
    desk.fault = for_ever
    await rig.publish(rig.letter(1))
    await rig.die_handling(desk)
    desk.fault = None
    async with rig.consuming(desk):
        await eventually(lambda: desk.came == ["1"])


async def test_no_line_stays_open_behind_a_consumer_that_ended(rig: Any, desk: Any, eventually: Any) -> None:
    before = await rig.node.control("list_connections", "user")
    desk.fault = for_ever
    await rig.publish(rig.letter(1))
    await rig.die_handling(desk)
    desk.fault = None
    async with rig.consuming(desk):
        await eventually(lambda: desk.came == ["1"])
    await rig.close()
    after = await rig.node.control("list_connections", "user")
    assert sorted(after.split()) == sorted(before.split())


async def reject(rig: Any, queue: str = "scheduler") -> None:
    """As the broker does with a message that killed its consumer too often."""
    await (await rig.take(queue)).reject(requeue=False)
    assert await rig.holds(f"{queue}.dead", 1)
    await rig.close()


async def test_an_innocent_message_that_the_broker_gave_up_is_handled(
    rig: Any, desk: Any, eventually: Any
) -> None:
    await rig.publish(*rig.letters(3))
    await reject(rig)
    async with rig.consuming(desk):
        await eventually(lambda: len(desk.came) == 3)
    assert (desk.came, desk.buried, await rig.holds("scheduler.dead", 0)) == (["0", "1", "2"], [], True)


async def test_a_message_that_kills_its_consumer_again_and_again_is_buried(
    rig: Any, desk: Any, eventually: Any
) -> None:
    await rig.publish(rig.letter(1))
    await reject(rig)
    desk.fault = for_ever
    for _ in range(3):
        await rig.die_handling(desk)
    async with rig.consuming(desk):
        await eventually(lambda: desk.buried)
    assert [(letter.subject, reason) for letter, reason in desk.buried] == [("1", "broker_gave_up")]
    assert await rig.holds("scheduler.dead", 0)


async def test_a_message_that_kills_its_consumer_again_and_again_leaves_the_queue_for_the_dead(
    rig: Any, desk: Any, eventually: Any
) -> None:
    await rig.publish(rig.letter(1))
    channel = await rig.channel("scheduler")
    queue = await channel.declare_queue("scheduler", passive=True)
    for _ in range(60):
        message = await queue.get(fail=False)
        if message is None:
            break
        await message.reject(requeue=True)
    assert await rig.holds("scheduler.dead", 1)

"""Answers of the library that are easily mistaken: a refusal, its own cancellation, a line that is gone."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aio_pika.exchange import Exchange
from aiormq.exceptions import ChannelAccessRefused, ChannelInvalidStateError, DeliveryError

from backbone.clock import SystemClock
from backbone.letters import Letter
from backbone.rabbit.address import Address, BrokerLost, NoCertificate, answered
from backbone.rabbit.broker import RabbitBroker
from backbone.rabbit.reader import Reader, Source

PUBLISH = "aio_pika.exchange.Exchange.publish"


class Answers:
    """What the library says to one publish after another; the last for ever. None: what the broker really says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *errors: BaseException | None) -> None:
        self.errors = [*errors]
        real = Exchange.publish

        async def publish(exchange: Any, *arguments: Any, **options: Any) -> Any:
            error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
            if error is not None:
                raise error
            return await real(exchange, *arguments, **options)

        monkeypatch.setattr(PUBLISH, publish)


def two(rig: Any) -> list[Any]:
    """Letters that travel as two messages."""
    return [rig.letter(1), rig.letter(2, type_name="application.corrected.v1")]


async def test_a_full_queue_gives_the_letters_back(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(monkeypatch, DeliveryError(None, None))  # type: ignore[arg-type]  # a nack
    assert await rig.publish(rig.letter(1)) == [rig.letter(1)]


async def test_anything_but_an_ack_is_no_ack(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def publish(*_: object, **__: object) -> None:
        """As a channel without confirms would."""

    monkeypatch.setattr(PUBLISH, publish)
    with pytest.raises(BrokerLost):
        await rig.publish(rig.letter(1))


@pytest.mark.parametrize(
    "error", [TimeoutError(), asyncio.CancelledError(), RuntimeError("closed")], ids=repr
)
async def test_a_line_that_drops_leaves_its_letters_in_doubt(
    rig: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    Answers(monkeypatch, error)
    with pytest.raises(BrokerLost):
        await rig.publish(*two(rig))


async def test_one_letter_in_doubt_comes_back_alone(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(monkeypatch, TimeoutError(), None)
    assert await rig.publish(*two(rig)) == two(rig)[:1]


async def test_letters_cut_off_go_again_one_by_one(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(monkeypatch, None, ChannelInvalidStateError(), None)
    assert await rig.publish(*two(rig)) == []


async def test_a_line_lost_while_letters_go_singly_leaves_the_rest(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Answers(monkeypatch, ChannelAccessRefused(), ChannelAccessRefused(), TimeoutError())
    with pytest.raises(BrokerLost):
        await rig.publish(*two(rig))


async def test_a_broker_gone_while_letters_go_singly_leaves_the_rest(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(address: Address) -> Any:
        raise ConnectionRefusedError

    async def close(exchange: Any, *_: object, **__: object) -> Any:
        """As where the broker forbids a message, and dies."""
        await exchange.channel.close()
        monkeypatch.setattr(Address, "connect", gone)
        raise ChannelAccessRefused

    monkeypatch.setattr(PUBLISH, close)
    with pytest.raises(BrokerLost):
        await rig.publish(*two(rig))


async def test_our_own_cancellation_stays_one() -> None:
    async def ask() -> None:
        async with answered():
            await asyncio.Event().wait()

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_gap_in_the_deliveries_is_never_acknowledged() -> None:
    """An ack of the second would settle the first, unseen."""
    source = Source(queue="q", consumer=None)  # type: ignore[arg-type]  # never called
    reader = Reader(source, SystemClock(), asyncio.Event(), list, None)  # type: ignore[arg-type]  # no channel is asked
    await reader._arrive(SimpleNamespace(delivery_tag=2))  # type: ignore[arg-type]  # all that is looked at
    with pytest.raises(RuntimeError, match="out of order after 0"):
        reader._take()


async def test_certificates_that_are_not_there_are_no_lost_broker(tmp_path: Any) -> None:
    """No retry mends a setting: it ends the process."""
    broker = RabbitBroker(
        Address(user="intake", password="x", ca_file=str(tmp_path / "ca.pem")), SystemClock()
    )
    received = Letter(type="application.received.v1", key="application.received", subject="1", body="{}")
    with pytest.raises(NoCertificate, match=r"ca\.pem: FileNotFoundError"):
        await broker.publish([received])


async def test_a_line_that_consumes_nothing_waits_to_be_stopped(rig: Any) -> None:
    run = asyncio.create_task(rig.publisher().run())
    await asyncio.sleep(0)
    assert not run.done()
    await rig.publisher().stop()
    await run


async def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(Address(user="intake", password="geheim"))

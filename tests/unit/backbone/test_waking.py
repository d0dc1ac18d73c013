"""Wake-ups go on a line of their own: a station's queue that hangs holds up no other letter."""

from collections.abc import Sequence
from typing import Any

import pytest

from backbone.clock import SystemClock
from backbone.letters import Letter
from backbone.rabbit.address import Address, BrokerLost
from backbone.rabbit.broker import RabbitBroker


class Line:
    """Takes everything, or nothing while `lost`."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost
        self.took: list[str] = []

    async def publish(self, letters: Sequence[Letter]) -> list[Letter]:
        if self.lost:
            raise BrokerLost("no_answer")
        self.took += [letter.key for letter in letters]
        return []


def letter(key: str) -> Letter:
    return Letter(type=f"{key}.v1", key=key, subject="", body="{}")


STATUS, LOOK = letter("application.status"), letter("station.2102-1.look")


@pytest.fixture
def broker() -> Any:
    """With both of its lines replaced; nothing is connected."""
    made: Any = RabbitBroker(Address(user="scheduler", password="x"), SystemClock())
    made._publisher, made._waker = Line(), Line()
    return made


async def test_each_goes_on_its_line(broker: Any) -> None:
    assert await broker.publish([LOOK, STATUS]) == []
    assert (broker._publisher.took, broker._waker.took) == (["application.status"], ["station.2102-1.look"])


async def test_a_wake_up_that_is_lost_is_not_kept_and_the_others_are_taken(broker: Any) -> None:
    broker._waker.lost = True

    assert await broker.publish([LOOK, STATUS]) == []
    assert broker._publisher.took == ["application.status"]


async def test_after_a_loss_nobody_is_woken_for_a_while(broker: Any) -> None:
    broker._waker.lost = True
    await broker.publish([LOOK])
    broker._waker.lost = False
    await broker.publish([LOOK])

    assert broker._waker.took == []


async def test_a_lost_line_of_the_others_is_told(broker: Any) -> None:
    broker._publisher.lost = True

    with pytest.raises(BrokerLost):
        await broker.publish([STATUS])

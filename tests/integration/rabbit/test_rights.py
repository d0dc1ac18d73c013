"""What the broker itself lets a service and a station do: their own, and nothing else."""

from typing import Any

import pytest
from aiormq.exceptions import (
    AMQPError,
    ChannelAccessRefused,
    ChannelPreconditionFailed,
    ProbableAuthenticationError,
)

from backbone.rabbit.address import Address

USERS = ("intake", "scheduler", "gateway", "station.2102-1")
SERVICES = USERS[:3]
OWN_KEY = {
    "intake": "application.received",
    "scheduler": "station.2102-1.look",
    "gateway": "window.changed",
}
OTHER = dict(zip(USERS, (*USERS[1:], "station.2102-2"), strict=True))
"""Somebody else's queue."""
KEYS = {
    "application.received": "intake",
    "application.status": "scheduler",
    "station.2102-1.look": "scheduler",
    "window.changed": "gateway",
    "anything": "nobody",
}


async def nothing(message: object) -> None:
    """A consumer."""


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_publishes_its_own_key(rig: Any, user: str) -> None:
    await rig.send(b"{}", user=user, key=OWN_KEY[user])


@pytest.mark.parametrize("user", USERS)
async def test_everyone_reads_their_own_queue(rig: Any, user: str) -> None:
    queue = await (await rig.channel(user)).declare_queue(user, passive=True)
    assert await queue.consume(nothing)


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_reads_its_own_dead_letters(rig: Any, user: str) -> None:
    queue = await (await rig.channel(user)).declare_queue(f"{user}.dead", passive=True)
    assert await queue.consume(nothing)


@pytest.mark.parametrize(
    ("user", "key"), [(user, key) for user in USERS for key, owner in KEYS.items() if user != owner]
)
async def test_nobody_publishes_anothers_key(rig: Any, user: str, key: str) -> None:
    with pytest.raises(ChannelAccessRefused):
        await rig.send(b"{}", user=user, key=key)


@pytest.mark.parametrize("user", USERS)
async def test_nobody_reads_anothers_queue(rig: Any, user: str) -> None:
    queue = await (await rig.channel(user)).get_queue(OTHER[user], ensure=False)
    with pytest.raises(ChannelAccessRefused):
        await queue.consume(nothing)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", ["own", "new"])
async def test_nobody_declares_a_queue(rig: Any, user: str, name: str) -> None:
    with pytest.raises(ChannelAccessRefused):
        await (await rig.channel(user)).declare_queue(user if name == "own" else "new", durable=True)


@pytest.mark.parametrize("user", USERS)
async def test_nobody_binds_a_queue_to_other_keys(rig: Any, user: str) -> None:
    queue = await (await rig.channel(user)).get_queue(user, ensure=False)
    with pytest.raises(ChannelAccessRefused):
        await queue.bind("cetak", "application.received")


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("exchange", ["", "cetak.dead", "amq.topic"])
async def test_nobody_publishes_by_a_side_door(rig: Any, user: str, exchange: str) -> None:
    with pytest.raises(ChannelAccessRefused):
        await rig.send(b"{}", user=user, key=OTHER[user], exchange=exchange)


@pytest.mark.parametrize("user", SERVICES)
async def test_nobody_signs_with_anothers_name(rig: Any, user: str) -> None:
    with pytest.raises(ChannelPreconditionFailed):
        await rig.send(b"{}", user=user, key=OWN_KEY[user], user_id=OTHER[user])


async def test_there_is_no_user_that_everyone_knows(rig: Any) -> None:
    for vhost in ("/", "cetak"):
        with pytest.raises(ProbableAuthenticationError):
            await Address(port=rig.node.port, user="guest", password="guest", vhost=vhost).connect()


async def test_a_wrong_password_is_refused(rig: Any) -> None:
    with pytest.raises(AMQPError):
        await Address(port=rig.node.port, user="intake", password="intake").connect()

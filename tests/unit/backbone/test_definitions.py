"""The broker's users, rights and queues: each its own and nothing else, every argument explicit, always the same."""

import base64
import hashlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.contracts.scheduler import StationLook
from backbone.definitions import DEAD_EXCHANGE, VHOST, definitions, station_user
from backbone.topology import CONTRACTS, EXCHANGE, PUBLISHED, PUBLISHERS, QUEUES, station_queue

STATIONS = ("2102-1", "2102-11", "2103_1")
SERVICES = (*PUBLISHED,)
USERS = (*SERVICES, *map(station_user, STATIONS))
ALL_QUEUES = (*QUEUES, *map(station_queue, STATIONS))
NAMES = [
    name for queue in ALL_QUEUES for name in ((queue.name,) if queue.fleeting else (queue.name, queue.dead))
]
KEYS = {
    *(model.TYPE.rsplit(".", 1)[0] for model in CONTRACTS.values() if model is not StationLook),
    *(StationLook(station=station).routing_key() for station in STATIONS),
}


def document(*stations: str) -> dict[str, Any]:
    names = [*SERVICES, *map(station_user, stations)]
    return definitions(
        {name: f"secret of {name}" for name in names},
        stations,
        salts={name: bytes([1, 2, 3, place]) for place, name in enumerate(names)},
    )


WHOLE = document(*STATIONS)


def right(kind: str, user: str, what: str) -> re.Pattern[str]:
    (found,) = (one for one in WHOLE[kind] if one["user"] == user)
    return re.compile(found[what])


def owner(key: str) -> str:
    return next(name for name, sent in PUBLISHED.items() for m in sent if key in keys_of(m.TYPE))


def keys_of(type_name: str) -> set[str]:
    key = type_name.rsplit(".", 1)[0]
    return KEYS & ({key} if key != "station.look" else {k for k in KEYS if k.startswith("station.")})


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", [*NAMES, "new", EXCHANGE, DEAD_EXCHANGE])
def test_everyone_reads_their_own_queues_and_no_other(user: str, name: str) -> None:
    own = {user, f"{user}.dead"} if user in SERVICES else {user}
    assert bool(right("permissions", user, "read").search(name)) == (name in own)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", [*NAMES, "amq.default", EXCHANGE, DEAD_EXCHANGE, "amq.topic"])
def test_services_write_to_the_one_exchange_and_stations_nowhere(user: str, name: str) -> None:
    assert bool(right("permissions", user, "write").search(name)) == (name == EXCHANGE and user in SERVICES)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("key", [*sorted(KEYS), "application.received.x", "xapplication.received"])
def test_a_key_is_published_by_the_service_whose_it_is(user: str, key: str) -> None:
    assert bool(right("topic_permissions", user, "write").search(key)) == (key in KEYS and owner(key) == user)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", [*NAMES, EXCHANGE, "new"])
def test_nobody_declares_anything(user: str, name: str) -> None:
    assert not right("permissions", user, "configure").search(name)


@pytest.mark.parametrize("user", USERS)
def test_every_user_has_topic_rights_for_the_exchange(user: str) -> None:
    """What is not set would allow all."""
    (found,) = (one for one in WHOLE["topic_permissions"] if one["user"] == user)
    assert (found["exchange"], found["vhost"], found["read"]) == (EXCHANGE, VHOST, "^$")


@pytest.mark.parametrize("queue", WHOLE["queues"], ids=lambda queue: queue["name"])
def test_every_queue_says_what_a_brokers_next_version_might_change(queue: dict[str, Any]) -> None:
    assert queue["arguments"]["x-queue-type"] == "quorum"
    assert {"x-overflow", "x-max-length", "x-delivery-limit"} <= queue["arguments"].keys()
    assert (queue["durable"], queue["auto_delete"]) == (True, False)


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_a_services_queue_loses_nothing_to_the_broker(queue: Any) -> None:
    (found,) = (one["arguments"] for one in WHOLE["queues"] if one["name"] == queue.name)
    assert (found["x-overflow"], found["x-dead-letter-strategy"]) == ("reject-publish", "at-least-once")
    assert (found["x-dead-letter-exchange"], found["x-dead-letter-routing-key"]) == (
        DEAD_EXCHANGE,
        queue.dead,
    )


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_the_dead_are_never_given_up(queue: Any) -> None:
    (found,) = (one["arguments"] for one in WHOLE["queues"] if one["name"] == queue.dead)
    assert found["x-delivery-limit"] > 1_000_000
    assert found["x-overflow"] == "reject-publish"
    assert "x-dead-letter-exchange" not in found


def test_every_key_and_every_dead_letter_has_a_queue() -> None:
    bound = {(one["source"], one["routing_key"], one["destination"]) for one in WHOLE["bindings"]}
    assert bound == {
        *((EXCHANGE, key, queue.name) for queue in ALL_QUEUES for key in queue.keys),
        *((DEAD_EXCHANGE, queue.dead, queue.dead) for queue in QUEUES),
    }


def test_there_are_the_services_and_the_stations_and_no_other_user() -> None:
    assert [user["name"] for user in WHOLE["users"]] == [*USERS]
    assert {user["tags"] for user in WHOLE["users"]} == {""}


def test_a_deployment_without_stations_has_its_services() -> None:
    assert [queue["name"] for queue in document()["queues"]] == [n for q in QUEUES for n in (q.name, q.dead)]


@given(st.lists(st.from_regex(r"[0-9.-]{1,8}", fullmatch=True), unique=True, max_size=4))
def test_the_same_input_gives_the_same_document(stations: list[str]) -> None:
    assert document(*stations) == document(*stations)


@given(st.text(max_size=30), st.binary(min_size=4, max_size=4))
def test_the_salted_hash_is_what_the_broker_checks(password: str, salt: bytes) -> None:
    found = definitions(dict.fromkeys(SERVICES, password), (), salts=dict.fromkeys(SERVICES, salt))["users"][
        0
    ]
    stored = base64.b64decode(found["password_hash"])
    assert (stored[:4], stored[4:]) == (salt, hashlib.sha256(salt + password.encode()).digest())
    assert found["hashing_algorithm"] == "rabbit_password_hashing_sha256"


def test_every_type_has_one_publisher() -> None:
    assert set(PUBLISHERS) == set(CONTRACTS)

"""Queues as data: every message has its queue, every queue its messages."""

import pytest

from backbone.contracts.message import Message, UnknownType, registry
from backbone.contracts.scheduler import StationLook
from backbone.topology import CONTRACTS, QUEUES, contract, station_queue

KEYS = {name: model.model_construct(station="2102-1").routing_key() for name, model in CONTRACTS.items()}


@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_message_goes_to_one_queue(name: str) -> None:
    queues = (*QUEUES, station_queue("2102-1"))
    assert len([queue.name for queue in queues if KEYS[name] in queue.keys]) == 1


@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_name_is_noun_verb_and_version(name: str) -> None:
    assert [part.isidentifier() for part in name.split(".")] == [True] * 3
    assert name.rsplit(".v", 1)[1].isdigit()


def test_a_queue_waits_for_nothing_that_nobody_publishes() -> None:
    assert frozenset().union(*(queue.keys for queue in QUEUES)) <= set(KEYS.values())


def test_queues_have_different_names() -> None:
    assert len({queue.name for queue in QUEUES}) == len(QUEUES)


def test_a_look_wakes_its_own_station_alone() -> None:
    assert StationLook(station="2102-1").routing_key() not in station_queue("2102-2").keys


def test_every_contract_is_found_by_its_name() -> None:
    assert all(contract(model.TYPE) is model for model in CONTRACTS.values())


def test_every_message_that_is_declared_is_registered() -> None:
    declared = {model for model in Message.__subclasses__() if model.__module__.startswith("backbone.")}
    assert declared == set(CONTRACTS.values())


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownType, match=r"no contract is named test\.unknown\.v1"):
        contract("test.unknown.v1")


def test_two_contracts_of_one_name_are_refused() -> None:
    with pytest.raises(UnknownType, match=r"two contracts are named station\.look\.v1"):
        registry(StationLook, StationLook)

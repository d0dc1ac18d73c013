"""The embedded broker: who gets which letter, what is buried, what is raised."""

from collections.abc import Sequence

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError

from backbone.broker import EmbeddedBroker, cause, deliver
from backbone.failpoints import Injected
from backbone.letters import Letter
from backbone.topology import Queue, station_queue


def letter(number: int, key: str = "a") -> Letter:
    return Letter(type="test.told.v1", key=key, subject=str(number), body="{}")


class Consumer:
    """Keeps what it handled; fails at the letters it was told to fail at."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = {subject.removeprefix("n"): error for subject, error in faults.items()}
        self.handled: list[list[str]] = []
        self.buried: list[tuple[str, str]] = []

    async def handle(self, letters: Sequence[Letter]) -> None:
        for one in letters:
            if one.subject in self.faults:
                raise self.faults[one.subject]
        self.handled.append([one.subject for one in letters])

    async def bury(self, letter: Letter, reason: str) -> None:
        self.buried.append((letter.subject, reason))


def broker_of(**consumers: Consumer) -> EmbeddedBroker:
    broker = EmbeddedBroker()
    for name, consumer in consumers.items():
        broker.consume(Queue(name=name, keys=frozenset(name.split("_"))), consumer)
    return broker


async def test_a_queue_gets_its_letters_as_one_batch_in_order() -> None:
    consumer = Consumer()
    await broker_of(a_b=consumer).publish([letter(1, "a"), letter(2, "b"), letter(3, "a")])
    assert consumer.handled == [["1", "2", "3"]]


async def test_each_queue_bound_to_a_key_gets_the_letter() -> None:
    first, second, third = Consumer(), Consumer(), Consumer()
    await broker_of(a=first, a_b=second, c=third).publish([letter(1, "a")])
    assert (first.handled, second.handled, third.handled) == ([["1"]], [["1"]], [])


async def test_a_letter_that_no_queue_waits_for_is_given_back_and_holds_up_no_other() -> None:
    consumer = Consumer()
    left = await broker_of(a=consumer).publish([letter(1, "z"), letter(2, "a")])
    assert (left, consumer.handled) == ([letter(1, "z")], [["2"]])


async def test_a_look_for_a_station_that_is_not_here_is_dropped() -> None:
    assert await broker_of(a=Consumer()).publish([letter(1, next(iter(station_queue("2102-9").keys)))]) == []


async def test_a_bad_letter_is_buried_alone_and_its_neighbours_are_handled() -> None:
    consumer = Consumer(n2=ValueError())
    await deliver(consumer, [letter(1), letter(2), letter(3)])
    assert (consumer.handled, consumer.buried) == ([["1"], ["3"]], [("2", "ValueError")])


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError(),
        TimeoutError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.QueryCanceledError(),
        asyncpg.LockNotAvailableError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.InterfaceError("connection is closed"),
        Injected(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_infrastructures_error_is_raised_and_buries_nothing(error: Exception) -> None:
    consumer = Consumer(n2=error)
    with pytest.raises(type(error)):
        await deliver(consumer, [letter(1), letter(2)])
    assert consumer.buried == []


def test_a_cause_names_the_fields_at_fault_and_quotes_no_value() -> None:
    class Case(BaseModel):
        number: int

    with pytest.raises(ValidationError) as caught:
        Case.model_validate({"number": "SITI SPESIMEN"})
    assert cause(caught.value) == "ValidationError: number int_parsing"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("SITI SPESIMEN"), "ValueError"),
        (asyncpg.UniqueViolationError("Key (nik)=(2102012906909001)"), "UniqueViolationError"),
    ],
    ids=["value", "key"],
)
def test_a_cause_is_the_errors_type_without_its_text(error: Exception, text: str) -> None:
    assert cause(error) == text

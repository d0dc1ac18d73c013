"""The relay: everything owed goes out at least once, whatever happens on the way."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from backbone import failpoints, outbox
from backbone.broker import EmbeddedBroker
from backbone.contracts.gateway import VerificationReturned
from backbone.database import Reader
from backbone.failpoints import Injected
from backbone.outbox import BATCH, Relay

LATER = "SELECT subject FROM scheduler.outbox WHERE due_at IS NOT NULL"


def subjects(*numbers: int) -> list[str]:
    return [str(UUID(int=number)) for number in numbers]


async def test_what_is_owed_goes_out_once_in_order_and_leaves_the_outbox(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    await shelf.owe(*(shelf.returned(number) for number in range(5)))
    assert await Relay(shelf.database, boxed).run_once() is None
    assert (inbox.came, await shelf.count("outbox")) == (subjects(*range(5)), 0)


async def test_an_empty_outbox_publishes_nothing(shelf: Any, inbox: Any, boxed: EmbeddedBroker) -> None:
    await Relay(shelf.database, boxed).run_once()
    assert inbox.batches == []


async def test_one_run_empties_more_than_a_batch(shelf: Any, inbox: Any, boxed: EmbeddedBroker) -> None:
    await shelf.owe(*(shelf.returned(number) for number in range(BATCH + 3)))
    await Relay(shelf.database, boxed).run_once()
    assert [len(batch) for batch in inbox.batches] == [BATCH, 3]


async def test_a_crash_between_publish_and_removal_delivers_again(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    await shelf.owe(shelf.returned(1))
    failpoints.arm("scheduler.published:raise")
    relay = Relay(shelf.database, boxed)
    with pytest.raises(Injected):
        await relay.run_once()
    await relay.run_once()
    assert (inbox.came, await shelf.count("outbox")) == (subjects(1, 1), 0)


async def test_a_message_handled_twice_changes_its_row_idempotently(shelf: Any) -> None:
    await shelf.owe(shelf.returned(1))
    failpoints.arm("scheduler.published:raise")
    relay = Relay(shelf.database, shelf.broker)
    with pytest.raises(Injected):
        await relay.run_once()
    await relay.run_once()
    assert await shelf.notes() == [1]


async def test_several_relays_share_an_outbox_without_loss_or_doubles(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    await shelf.owe(*(shelf.returned(number) for number in range(3 * BATCH)))
    relays = [Relay(shelf.database, boxed) for _ in range(3)]
    await asyncio.gather(*(relay.run_once() for relay in relays))
    assert sorted(inbox.came) == subjects(*range(3 * BATCH))
    assert await shelf.count("outbox") == 0


async def test_what_another_relay_holds_is_left_to_it(shelf: Any, inbox: Any, boxed: EmbeddedBroker) -> None:
    await shelf.owe(shelf.returned(1), shelf.returned(2))
    async with shelf.database.transaction() as other:
        await other.fetch("SELECT id FROM outbox ORDER BY id LIMIT 1 FOR UPDATE")
        await Relay(shelf.database, boxed).run_once()
    assert (inbox.came, await shelf.count("outbox")) == (subjects(2), 1)


async def test_an_infrastructure_error_keeps_the_rows_and_buries_nothing(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    await shelf.owe(shelf.returned(1), shelf.returned(2))
    inbox.fault = ConnectionError()
    with pytest.raises(ConnectionError):
        await Relay(shelf.database, boxed).run_once()
    assert (await shelf.count("outbox"), await shelf.dead()) == (2, [])


async def test_a_key_without_a_queue_keeps_its_row(shelf: Any) -> None:
    await shelf.owe(shelf.returned(1))
    due = await Relay(shelf.database, EmbeddedBroker()).run_once()
    assert (await shelf.count("outbox"), due is not None) == (1, True)


async def test_a_letter_that_its_handler_refuses_is_buried_alone(shelf: Any) -> None:
    await shelf.owe(shelf.returned(1), shelf.spent(2), shelf.returned(3))
    await Relay(shelf.database, shelf.broker).run_once()
    (dead,) = await shelf.dead()
    assert (await shelf.notes(), await shelf.count("outbox")) == ([1, 3], 0)
    assert (dead["queue"], dead["type"], dead["subject"]) == ("box", "approval.spent.v1", str(UUID(int=2)))


async def test_a_letter_whose_value_fits_no_column_is_buried_alone(shelf: Any) -> None:
    await shelf.owe(shelf.returned(1), shelf.returned(2, n=2**40), shelf.returned(3))
    await Relay(shelf.database, shelf.broker).run_once()
    assert (await shelf.notes(), [dead["error"] for dead in await shelf.dead()]) == ([1, 3], ["DataError"])


@pytest.mark.parametrize(
    ("name", "body", "error"),
    [
        ("verification.returned.v9", "{}", "UnknownType"),
        ("window.changed.v1", "{}", "ValidationError: "),
        ("verification.returned.v1", "no json", "ValidationError: "),
        ("station.look.v1", '{"station": "s"}', "KeyError"),
    ],
    ids=["unknown type", "fields missing", "no json", "no handler"],
)
async def test_a_letter_that_cannot_be_read_is_buried(shelf: Any, name: str, body: str, error: str) -> None:
    await shelf.owner.execute(
        "INSERT INTO scheduler.outbox (type, key, subject, body) VALUES ($1, 'verification.returned', '', $2)",
        name,
        body,
    )
    await Relay(shelf.database, shelf.broker).run_once()
    (dead,) = await shelf.dead()
    assert (dead["body"], dead["error"][: len(error)]) == (body, error)


async def test_a_dead_letters_error_quotes_no_value(shelf: Any) -> None:
    await shelf.owe(shelf.spent(1))
    await shelf.owner.execute(
        "INSERT INTO scheduler.outbox (type, key, subject, body)"
        " VALUES ('verification.returned.v1', 'verification.returned', '', $1)",
        '{"application_id": "2102012906909001", "round": "SITI SPESIMEN"}',
    )
    await Relay(shelf.database, shelf.broker).run_once()
    errors = " ".join(dead["error"] for dead in await shelf.dead())
    assert "round int_parsing" in errors
    assert "SPESIMEN" not in errors
    assert "2102012906909001" not in errors


async def owe_sixty(shelf: Any, broker: EmbeddedBroker) -> Relay:
    """A chaotic relay with sixty messages to deliver."""
    await shelf.owe(*(shelf.returned(number) for number in range(60)))
    return Relay(shelf.database, broker, chaos=Random(7))


async def test_chaos_delivers_late_twice_and_out_of_order_and_ends_with_an_empty_outbox(
    virtual_shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    clock = virtual_shelf.clock
    start, relay = clock.now(), await owe_sixty(virtual_shelf, boxed)
    while (due := await relay.run_once()) is not None:
        await clock.sleep_until(due)
    times = Counter(inbox.came)
    assert (set(times), set(times.values())) == (set(subjects(*range(60))), {1, 2})
    assert inbox.came != sorted(inbox.came)
    assert 0 < (clock.now() - start).total_seconds() <= 2
    assert await virtual_shelf.count("outbox") == 0


async def test_chaos_loses_nothing_in_a_crash(shelf: Any, boxed: EmbeddedBroker) -> None:
    failpoints.arm("scheduler.published:raise")
    relay = await owe_sixty(shelf, boxed)
    with pytest.raises(Injected):
        await relay.run_once()
    assert await shelf.count("outbox") == 60


async def test_chaos_keeps_what_is_for_later_as_rows_with_a_moment(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    relay = await owe_sixty(shelf, boxed)
    due = await relay.run_once()
    assert due is not None
    assert set(inbox.came) | {row["subject"] for row in await shelf.owner.fetch(LATER)} == set(
        subjects(*range(60))
    )


class Held:
    """A pace that holds patient letters for ever."""

    def __init__(self, until: datetime) -> None:
        self._until = until

    async def look_again_at(self, reader: Reader) -> datetime | None:
        return self._until

    def went(self, subjects: Sequence[str]) -> None:
        raise AssertionError("nothing patient may go")


class Easy:
    """A pace that holds nothing and hears what went."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    async def look_again_at(self, reader: Reader) -> datetime | None:
        return None

    def went(self, subjects: Sequence[str]) -> None:
        self.gone += subjects


async def owe_patiently(shelf: Any, *numbers: int) -> None:
    async with shelf.database.transaction() as tx:
        messages = [shelf.returned(number) for number in numbers]
        letters = [(message.subject(), message.model_dump_json()) for message in messages]
        await outbox.owe_patiently(tx, VerificationReturned, letters)


async def test_patient_letters_go_in_their_order_behind_all_others(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "STRIDE", 2)
    await owe_patiently(shelf, 1, 2, 3, 4, 5)
    await owe_patiently(shelf, 6)
    await shelf.owe(shelf.returned(7), shelf.returned(8))
    easy = Easy()

    await Relay(shelf.database, boxed, pace=easy).run_once()

    assert inbox.came == subjects(7, 8, 1, 2, 3, 4, 5, 6)
    assert easy.gone == subjects(1, 2, 3, 4, 5, 6)


async def test_patient_letters_are_held_while_the_others_go(
    shelf: Any, inbox: Any, boxed: EmbeddedBroker
) -> None:
    await owe_patiently(shelf, 1)
    await shelf.owe(shelf.returned(2))
    until = shelf.clock.now() + timedelta(minutes=1)

    due = await Relay(shelf.database, boxed, pace=Held(until)).run_once()

    assert (inbox.came, due, await shelf.count("outbox")) == (subjects(2), until, 1)


async def test_a_patient_letter_that_was_not_taken_stays_a_patient_one(shelf: Any, inbox: Any) -> None:
    await owe_patiently(shelf, 1)
    await Relay(shelf.database, EmbeddedBroker()).run_once()

    async with shelf.database.reading() as reader:
        assert await outbox.any_patient(reader)
    await shelf.owner.execute("DELETE FROM scheduler.outbox")
    async with shelf.database.reading() as reader:
        assert not await outbox.any_patient(reader)


async def test_patient_letters_of_a_transaction_that_fails_are_not_owed(shelf: Any) -> None:
    async def fails() -> None:
        async with shelf.database.transaction() as tx:
            await outbox.owe_patiently(tx, VerificationReturned, [("1", "{}")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()

    assert await shelf.count("outbox") == 0

"""Many cards at once: what goes, in which order, however they are looked up."""

from datetime import timedelta
from typing import Any
from uuid import UUID


async def test_one_release_of_64_is_64_releases_of_one(office: Any) -> None:
    await office.open_centre()
    reasons = ("first_issue", "data_change", "lost")
    await office.tell(
        *(
            office.received(reasons[n % 3], district=f"21.02.0{n % 4 + 1}", ago=timedelta(hours=n * 37 % 101))
            for n in range(90)
        )
    )
    at_once = await _released(office, [64])
    await office.execute("UPDATE application SET state = 'waiting', due_at = NULL")
    await office.execute("DELETE FROM headcount WHERE state = 'verifying'")
    await office.execute("UPDATE release_turn SET credit = '{}'")
    await office.execute("TRUNCATE release_log")

    assert await _released(office, range(1, 65)) == at_once


async def test_a_kind_that_gives_more_than_was_thought_is_looked_up_again(office: Any) -> None:
    await office.open_centre()
    said = [office.received("lost", ago=timedelta(hours=n)) for n in range(64)]
    await office.tell(*said)

    oldest_first = [arrival.application_id for arrival in reversed(said)]

    assert await _released(office, [64]) == oldest_first


async def _released(office: Any, blanks: Any) -> list[UUID]:
    """What goes to verification as blanks come in: with n of them in sight, n cards are ahead."""
    await office.post("stations", id="2102-1", office="21.02", slots=8)
    await office.execute("UPDATE station SET seconds_per_card = 1")
    for n in blanks:
        await office.execute("UPDATE stock SET n = $1 WHERE account = 'on_hand' AND place <> ''", n)
        await office.hello()
        await office.release()
    found: list[UUID] = await office.value("SELECT array_agg(card ORDER BY release, n) FROM release_pick")
    return found

"""Messages come twice, late and out of order: still every card is printed exactly once."""

from typing import Any

import pytest

LEFT = """SELECT (SELECT count(*) FROM intake.outbox) + (SELECT count(*) FROM scheduler.outbox)
+ (SELECT count(*) FROM gateway.outbox)"""


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_in_any_disorder_of_messages_every_card_is_printed_exactly_once(
    open_office: Any, seed: int
) -> None:
    async with open_office(chaos=seed) as office:
        report = await office.import_backlog(30)
        ids = await office.post_all(office.people.take(40))
        await office.until_all_printed()
        cards = [row["application_id"] for row in await office.printed()]
        findings = await office.audit()
        (left,) = (await office.rows(LEFT))[0]

    assert report["accepted"] + report["accepted_with_warning"] == 30
    assert len(cards) == len(set(cards)) == 70
    assert set(ids) < set(cards)
    assert findings == []
    assert left == 0

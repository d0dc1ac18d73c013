"""The citizen's view: a receipt number and a PIN, nothing else; wrong and unknown look the same."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backbone.contracts.scheduler import ApplicationRanked


async def look(counter: Any, number: str, pin: str | bytes | None) -> Any:
    headers = {} if pin is None else {"X-Receipt-Pin": pin}
    return await counter.client.get(f"/v1/receipts/{number}", headers=headers)


async def test_whoever_holds_receipt_and_pin_learns_the_state_in_plain_words(counter: Any) -> None:
    answer = await counter.applied()
    row = await counter.row(answer["application_id"])
    await counter.tell(
        ApplicationRanked(
            application_id=row["id"],
            rank_at=row["received_at"],
            place=12,
            lane_place=3,
            policy_version=1,
            at=row["received_at"],
        )
    )

    seen = (await look(counter, answer["receipt_number"].lower(), answer["pin"])).json()

    assert (seen["state"], seen["who_acts"], seen["place"], seen["lane_place"]) == ("queued", "office", 12, 3)
    assert seen["state_id"]
    assert seen["state_en"]
    assert seen["received_at"].endswith("+07:00")
    assert seen["bring_id"] == []
    assert "BUDI" not in str(seen)


async def test_a_printed_card_says_what_to_bring(counter: Any) -> None:
    answer = await counter.applied(counter.body(reason="lost"))
    await counter.status(answer["application_id"], "printed", 5)

    seen = (await look(counter, answer["receipt_number"], answer["pin"])).json()

    assert (seen["state"], seen["who_acts"], seen["place"]) == ("ready", "applicant", None)
    assert len(seen["bring_id"]) == len(seen["bring_en"]) == 2


@pytest.mark.parametrize("state", ["needs_correction", "printed"])
async def test_what_the_applicant_must_do_has_its_date_until_it_is_done(counter: Any, state: str) -> None:
    answer = await counter.applied()
    due = counter.clock.now() + timedelta(days=90)
    await counter.status(answer["application_id"], state, 5, due_at=due)

    open_one = (await look(counter, answer["receipt_number"], answer["pin"])).json()
    await counter.status(answer["application_id"], "lapsed", 6)
    lapsed = (await look(counter, answer["receipt_number"], answer["pin"])).json()

    assert datetime.fromisoformat(open_one["act_before"]) == due.replace(microsecond=0)
    assert (lapsed["state"], lapsed["act_before"]) == ("lapsed", None)


async def test_a_wrong_pin_an_unknown_number_and_nonsense_get_the_same_answer(counter: Any) -> None:
    answer = await counter.applied()
    wrong = "000000" if answer["pin"] != "000000" else "111111"

    answers = [
        await look(counter, answer["receipt_number"], wrong),
        await look(counter, answer["receipt_number"], None),
        await look(counter, answer["receipt_number"], "é".encode()),
        await look(counter, "2102-0000-0000-0", answer["pin"]),
        await look(counter, "x", answer["pin"]),
    ]

    assert {response.status_code for response in answers} == {404}
    assert len({str(response.json() | {"instance": ""}) for response in answers}) == 1


async def test_a_receipt_is_not_guessed_at_without_end(counter: Any) -> None:
    answer = await counter.applied()

    codes = [(await look(counter, answer["receipt_number"], "000000")).status_code for _ in range(11)]
    late = await look(counter, answer["receipt_number"], answer["pin"])

    assert codes[-1] == 429
    assert int(late.headers["retry-after"]) > 0
    assert (await counter.client.get("/v1/receipts/x")).status_code == 404


async def test_an_address_is_slowed_too(counter: Any) -> None:
    codes = [(await look(counter, f"x{n}", "1")).status_code for n in range(62)]

    assert codes[0] == 404
    assert codes[-1] == 429


async def test_a_new_version_of_the_pin_ends_the_old_one(counter: Any) -> None:
    answer = await counter.applied()
    await counter.execute("UPDATE application SET pin_version = 2")

    assert (await look(counter, answer["receipt_number"], answer["pin"])).status_code == 404

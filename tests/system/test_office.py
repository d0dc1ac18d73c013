"""An application's whole way through the office, and what may come between; every story ends with a clean audit."""

from typing import Any


async def test_an_application_goes_from_the_kiosk_to_the_citizens_hand(office: Any) -> None:
    posted = await office.post(office.people.take(1)[0])
    view = await office.receipt(posted)
    why = await office.explain(posted["application_id"])
    await office.until_all_printed()
    ready = await office.receipt(posted)
    (card,) = (office.home / "cards").glob("*.pdf")
    collected = await office.call(
        "counter", "POST", f"/intake/v1/applications/{posted['application_id']}/collect"
    )
    taken = await office.receipt(posted)

    assert view["state"] in ("queued", "checking")
    assert why["receipt_number"] == posted["receipt_number"]
    assert ready["state"] == "ready"
    assert card.read_bytes().startswith(b"%PDF")
    assert collected["state"] == "collected"
    assert taken["state"] == "collected"
    assert await office.audit() == []

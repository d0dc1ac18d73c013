"""Where a station's evidence is only its spooler's, a person's look closes the card."""

from typing import Any

import pytest


async def test_a_spooler_s_printed_waits_for_a_person_s_look(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.hello(evidence="spooler")

    answers = [(await office.report(job, nonce, "printed")).json() for _ in range(2)]

    assert [(answer["state"], answer["incident"]) for answer in answers] == [("uncertain", False)] * 2
    assert (await office.blanks())["uncertain"] == 1
    assert not (await office.row("station", "2102-1"))["measured"]
    await office.check()


async def test_one_person_s_good_closes_it_with_who_looked(office: Any) -> None:
    job, nonce = await _armed(office)
    await office.hello(evidence="spooler")
    await office.report(job, nonce, "printed")

    answer = await office.client.post(
        f"/v1/attempts/{job['attempt_id']}/reconcile",
        json={"verdict": "printed", "note": "kartu baik", "person": "Budi"},
        headers=office.token("station", station="2102-1"),
    )

    row = await office.row("attempt", job["attempt_id"])
    assert (answer.status_code, row["state"], row["closed_by"]) == (200, "printed", "Budi (tester)")
    assert row["evidence"] == {"by": "person", "looked_by": "Budi (tester)"}
    await office.check()


@pytest.mark.parametrize("verdict", ["spoiled", "intact"])
async def test_a_spooler_s_printed_after_a_person_s_word_is_no_contradiction(
    office: Any, verdict: str
) -> None:
    job, nonce = await _armed(office)
    await office.hello(evidence="spooler")
    await office.report(job, nonce, "printed")
    await office.post(
        f"attempts/{job['attempt_id']}/reconcile", verdict=verdict, second_person="saksi", note="dilihat"
    )

    assert not (await office.report(job, nonce, "printed")).json()["incident"]


async def _armed(office: Any) -> tuple[dict[str, Any], Any]:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    return job, nonce

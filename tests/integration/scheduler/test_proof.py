"""The daily proof: what each claim was promised and got, at both stages and in printed cards, by the office's own day."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.policy import DEFAULT_RULES

DAY = timedelta(days=1)
FAR = {**DEFAULT_RULES, "claims": [{"name": "pulau", "permille": 500, "districts": ["21.02.09"]}]}
WIB = ZoneInfo("Asia/Jakarta")


async def test_a_day_tells_what_a_claim_was_promised_and_got_at_each_stage(office: Any) -> None:
    await _backlog(office)

    await _print(office, 10)

    (ruled,) = (await _proof(office))[0]["policies"]
    assert (ruled["version"], ruled["author"]) == (1, "cetak")
    for stage, cards in (("verify", 20), ("print", 11), ("printed", 10)):
        (claim,) = ruled[stage]["claims"]
        assert ruled[stage]["cards"] >= cards, stage
        assert claim["name"] == "no_head_start"
        assert claim["picks"] == ruled[stage]["cards"]
        assert claim["promised"] == claim["picks"] * 200 // 1000
        assert claim["promised"] - 2 <= claim["got"] <= claim["promised"] + 2
        assert 0 < claim["bound"] <= claim["got"]
        assert claim["kept"]


async def test_the_printed_cards_are_those_of_the_ledger(office: Any) -> None:
    await _backlog(office)

    await _print(office, 6)

    (ruled,) = (await _proof(office))[0]["policies"]
    sql = "SELECT count(*) FROM attempt t JOIN application a ON a.id = t.application_id WHERE t.state = 'printed'"
    assert ruled["printed"]["cards"] == await office.value(sql) == 6
    assert ruled["printed"]["claims"][0]["got"] == await office.value(f"{sql} AND kind = 'data_change'")


async def test_each_version_answers_for_what_it_decided(office: Any) -> None:
    await _backlog(office)
    await _print(office, 3)
    await _put(office, FAR)
    await office.deliver(10, note="SJ-NEXT")
    await _print(office, 4)

    one, two = (await _proof(office))[0]["policies"]

    assert [one["version"], two["version"]] == [1, 2]
    assert (one["reason"], two["reason"]) == ("default", "coba")
    assert [claim["name"] for claim in two["verify"]["claims"]] == ["pulau"]
    logged = "SELECT count(*) FROM release_pick WHERE policy_version = $1 AND stage = 'verify'"
    for ruled in (one, two):
        assert ruled["verify"]["cards"] == await office.value(logged, ruled["version"])
    assert one["printed"]["cards"] + two["printed"]["cards"] == 7


async def test_a_claim_that_was_passed_over_is_told_as_not_kept(office: Any) -> None:
    await _backlog(office)
    await _print(office, 1)
    await office.execute(
        "UPDATE release_log SET terms = jsonb_set(terms, '{lanes}', (SELECT jsonb_agg(jsonb_set(lane, '{0}', "
        "'\"first_issue\"')) FROM jsonb_array_elements(terms -> 'lanes') lane)) WHERE stage = 'verify'"
    )
    await office.execute(
        "INSERT INTO release_log (office, stage, policy_version, cards, ranked, lanes, whys, terms) SELECT office, stage, "
        "policy_version, cards, ranked, lanes, whys, terms FROM release_log, generate_series(1, 3) WHERE stage = 'verify'"
    )

    (claim,) = (await _proof(office))[0]["policies"][0]["verify"]["claims"]

    assert (claim["got"], claim["kept"]) == (0, False)
    assert claim["behind"] > 2


@pytest.mark.parametrize(("hour", "day"), [("23:30", 0), ("00:30", 1)])
async def test_a_day_is_the_office_s_own(office: Any, hour: str, day: int) -> None:
    await _backlog(office)
    await _print(office, 1)
    moment = datetime.fromisoformat(f"2026-03-0{1 + day}T{hour}+07:00")
    await office.execute("UPDATE release_log SET at = $1", moment)
    await office.execute(
        "UPDATE attempt SET reserved_at = $1, closed_at = $1 WHERE state = 'printed'", moment
    )

    days = await _proof(office, day="2026-03-02", days=2)

    assert [found["day"] for found in days] == ["2026-03-02", "2026-03-01"]
    assert [len(found["policies"]) for found in days] == [day, 1 - day]
    assert days[1 - day]["policies"][0]["printed"]["cards"] == 1


async def test_a_card_that_no_release_reserved_is_counted_apart(office: Any) -> None:
    await _backlog(office)
    await _print(office, 2)
    await office.execute("UPDATE attempt SET reserved_at = reserved_at - interval '1 day' WHERE n = 1")

    found = (await _proof(office))[0]

    assert found["unpicked"] == 2
    assert found["policies"][0]["printed"]["cards"] == 0


async def test_cases_made_urgent_stand_in_the_proof_of_the_day(office: Any) -> None:
    card = await office.apply()
    await office.post(f"applications/{card}/urgent", reason="bencana")

    assert (await _proof(office))[0]["urgent"] == 1


async def test_without_a_day_it_is_today_at_the_office(office: Any) -> None:
    await office.apply()
    before = office.clock.now().astimezone(WIB).date()

    found = (await _proof(office))[0]

    assert before <= date.fromisoformat(found["day"]) <= office.clock.now().astimezone(WIB).date()
    assert found["policies"] == []


async def test_what_it_reads_is_bounded_by_the_days(office: Any) -> None:
    await office.apply()
    plan = (
        "EXPLAIN (FORMAT JSON) SELECT 1 FROM release_log WHERE office = $1 AND stage = 'verify' AND at >= $2"
    )
    async with office.database.transaction() as tx:
        await tx.execute("SET LOCAL enable_seqscan = off")
        found = str(await tx.fetchval(plan, "21.02", office.clock.now()))

    assert "release_log_office_stage_at_idx" in found


@pytest.mark.parametrize("query", ["days=0", "days=32", "day=1999-12-31", "day=besok"])
async def test_more_than_a_month_or_no_day_at_all_is_refused(office: Any, query: str) -> None:
    await office.apply()

    answer = await office.client.get(
        f"/v1/policy/proof?office=21.02&{query}", headers=office.token("auditor")
    )

    assert answer.status_code == 422


async def test_an_unknown_office_has_no_proof(office: Any) -> None:
    answer = await office.client.get("/v1/policy/proof?office=21.02", headers=office.token("auditor"))

    assert answer.status_code == 404


async def _backlog(office: Any) -> None:
    """Forty first-timers ahead of forty others, a station with eight slots."""
    await office.open_centre()
    await office.enrol(blanks=24, slots=8)
    await office.tell(*(office.received("first_issue", ago=n * DAY) for n in range(40)))
    await office.tell(*(office.received("data_change", ago=n * DAY) for n in range(40)))


async def _print(office: Any, cards: int) -> None:
    for _ in range(cards):
        await office.release()
        await office.approve()
        await office.release()
        job, nonce = (await office.jobs())[0], office.ids.new()
        await office.arm(job, nonce)
        await office.report(job, nonce, "printed")


async def _proof(office: Any, **values: Any) -> Any:
    query = "&".join(f"{name}={value}" for name, value in {"office": "21.02", **values}.items())
    return (await office.get(f"policy/proof?{query}", "auditor"))["days"]


async def _put(office: Any, rules: Any) -> None:
    body = {"office": "21.02", "rules": rules, "reason": "coba"}
    answer = await office.client.put("/v1/policy", json=body, headers=office.token("supervisor"))
    assert answer.status_code == 200

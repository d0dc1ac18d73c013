"""The scheduler's HTTP manners: unknown ids, pages, health, queue, metrics; counts that agree with the rows."""

from random import Random
from typing import Any

import pytest

from backbone.contracts.intake import WithdrawalRequested
from scheduler.use_cases.sweep import sweep_once

NOBODY = "00000000-0000-7000-8000-000000000001"
WHY = {"reason": "sebab"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"applications/{NOBODY}/urgent", WHY),
        (f"applications/{NOBODY}/decide", {**WHY, "to": "refused"}),
        (f"applications/{NOBODY}/hold", {**WHY, "until": "2030-01-01T00:00:00Z"}),
        (f"attempts/{NOBODY}/reconcile", {"verdict": "printed", "note": "dilihat"}),
        (f"attempts/{NOBODY}/spoil", {"note": "buruk", "second_person": "saksi"}),
        ("incidents/7/close", {"resolution": "sudah"}),
        ("stations/2102-9/pause", WHY),
        ("stations/2102-9/lost", WHY),
        ("stations/2102-9/stock", {"note_number": "1", "blanks": 1}),
        ("stations/2102-9/count", {**WHY, "blanks": 1, "second_person": "saksi"}),
    ],
)
async def test_an_act_on_what_is_unknown_is_not_found(office: Any, path: str, body: dict[str, Any]) -> None:
    answer = await office.post(path, **body)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        f"applications/{NOBODY}/explain",
        "applications/2102-XXXX-XXXX-X/explain",
        f"applications/{NOBODY}/events",
        "stations/2102-9/queue",
        "stations/2102-9/stock",
    ],
)
async def test_a_look_at_what_is_unknown_is_not_found(office: Any, path: str) -> None:
    answer = await office.client.get(f"/v1/{path}", headers=office.token("supervisor"))

    assert answer.status_code == 404


async def test_an_unknown_attempt_is_not_found_by_its_agent(office: Any) -> None:
    await office.enrol()
    job = {"attempt_id": NOBODY, "fence": 1}

    assert (await office.arm(job, office.ids.new())).status_code == 404
    assert (await office.report(job, office.ids.new(), "printed")).status_code == 404


async def test_applications_page_by_cursor(office: Any) -> None:
    await office.tell(*(office.received() for _ in range(7)))

    pages, after = [], ""
    while True:
        page = await office.get(f"applications?limit=3{after}")
        pages.append([item["id"] for item in page["items"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({card for page in pages for card in page}) == 7


async def test_applications_are_filtered(office: Any) -> None:
    await office.apply("lost")
    await office.apply("lost", district="21.02.04")
    await office.apply("moved_in")

    found = await office.get("applications?reason=lost&district_code=21.02.04&state=waiting")

    assert [(item["reason"], item["district_code"]) for item in found["items"]] == [("lost", "21.02.04")]


async def test_no_list_shows_a_nonce_or_a_sealed_blob(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.armed()

    shown = [*(await office.get("attempts")), *(await office.get("applications"))["items"]]

    assert not {"nonce", "sealed"} & {key for item in shown for key in item}


async def test_attempts_page_by_their_fence(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    await office.tell(office.received(), office.received())
    await office.release()
    await office.approve()
    await office.release()

    (first,) = await office.get("attempts?limit=1&state=reserved")
    (second,) = await office.get(f"attempts?limit=1&after={first['fence']}")

    assert second["fence"] > first["fence"]


async def test_a_silly_page_size_is_bounded(office: Any) -> None:
    for path in ("applications", "attempts", "incidents"):
        for limit in (-1, 0, 10**9):
            await office.get(f"{path}?limit={limit}")


@pytest.mark.parametrize("query", ["state=flying", "reason=none", "after=x"])
async def test_an_unknown_filter_is_refused(office: Any, query: str) -> None:
    answer = await office.client.get(f"/v1/applications?{query}", headers=office.token("supervisor"))

    assert answer.status_code == 422


async def test_health_queue_and_metrics_answer_and_say_what_holds_us(office: Any) -> None:
    await office.apply()

    ready, queue = await office.client.get("/health/ready"), await office.client.get("/queue")
    metrics = await office.client.get("/metrics")

    assert (ready.status_code, ready.json()["status"]) == (200, "warn")
    assert (queue.json()["depth"], queue.json()["in_flight"]) == (1, 0)
    assert queue.json()["blocked_by"] == ["centre_unknown", "no_station", "no_blanks"]
    assert 'cetak_backlog_applications{reason="data_change",state="waiting"} 1.0' in metrics.text


async def test_what_holds_us_now_is_nothing_where_all_is_well(office: Any) -> None:
    await office.open_centre()
    await office.enrol()

    assert (await office.get("summary"))["held_by"] == []


async def test_the_events_of_a_card_are_told_in_order(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job, nonce = await office.armed()
    await office.report(job, nonce, "printed")

    events = await office.get(f"applications/{job['application_id']}/events")

    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    assert [event["cause"] for event in events] == ["received", "released", "approved", "reserved", "printed"]


@pytest.mark.parametrize("seed", range(2))
async def test_after_a_random_walk_counts_and_promises_still_hold(office: Any, seed: int) -> None:
    random = Random(seed)
    await office.open_centre()
    await office.enrol(blanks=60)
    steps = (_arrive, _arrive, _move_on, _move_on, _print, _print, _withdraw, _stop, _urgent, _spoil, _due)
    for _ in range(60):
        await random.choice(steps)(office, random)

    await office.check()
    summary = await office.get("summary")
    assert summary["by_state"] == await office.value(
        "SELECT jsonb_object_agg(state, n) FROM (SELECT state, count(*) n FROM application GROUP BY 1) x"
    )
    assert summary["waiting_by_reason"] == await office.value(
        "SELECT coalesce(jsonb_object_agg(kind, n), '{}') FROM (SELECT kind, count(*) n FROM application "
        "WHERE state = 'waiting' GROUP BY 1) x"
    )


async def _arrive(office: Any, random: Random) -> None:
    await office.apply(random.choice(("first_issue", "lost")), district=f"21.02.0{random.randint(1, 3)}")


async def _move_on(office: Any, random: Random) -> None:
    await office.release()
    await office.approve()


async def _print(office: Any, random: Random) -> None:
    jobs, nonce = await office.jobs(), office.ids.new()
    if jobs and (await office.arm(jobs[0], nonce)).status_code == 200:
        await office.report(jobs[0], nonce, random.choice(("printed", "printed", "released", "uncertain")))
    for job in jobs:
        if job["state"] == "uncertain":
            verdict = random.choice(("printed", "spoiled", "intact"))
            path = f"attempts/{job['attempt_id']}/reconcile"
            await office.post(path, verdict=verdict, second_person="saksi", note="dilihat")


async def _withdraw(office: Any, random: Random) -> None:
    card = await office.value(
        "SELECT id FROM application ORDER BY md5(id::text || $1) LIMIT 1", str(random.random())
    )
    if card is not None:
        now = office.clock.now()
        await office.tell(
            WithdrawalRequested(application_id=card, actor="loket", reason="pindah", requested_at=now)
        )


async def _stop(office: Any, random: Random) -> None:
    await office.post("stations/2102-1/pause", reason="istirahat")
    await office.post("stations/2102-1/resume", reason="lanjut")


async def _urgent(office: Any, random: Random) -> None:
    card = await office.value("SELECT id FROM application WHERE state = 'waiting' ORDER BY id LIMIT 1")
    if card is not None:
        await office.post(f"applications/{card}/urgent", reason="bencana")


async def _spoil(office: Any, random: Random) -> None:
    attempt = await office.value("SELECT id FROM attempt WHERE state = 'printed' ORDER BY fence LIMIT 1")
    if attempt is not None:
        await office.post(f"attempts/{attempt}/spoil", second_person="saksi", note="tergores")


async def _due(office: Any, random: Random) -> None:
    await office.execute(
        "UPDATE application SET approved_until = backbone.now() WHERE random() < 0.2 AND state = 'approved'"
    )
    await sweep_once(office.desk)


async def test_explained_offices_come_in_pages_within_the_prefix_of_the_token(office: Any) -> None:
    nation = office.token("supervisor", prefix="")
    for code in ("21.03", "21.04", "22.01"):
        body = {"id": f"{code.replace('.', '')}-1", "office": code}
        assert (await office.client.post("/v1/stations", json=body, headers=nation)).status_code == 201

    first = await office.client.get("/v1/explain?office=21&limit=1", headers=nation)
    second = await office.client.get("/v1/explain?office=21&limit=2&after=21.03", headers=nation)
    strange = await office.client.get("/v1/explain?office=99.99", headers=nation)
    foreign = await office.client.get("/v1/explain?office=21.03", headers=office.token("supervisor"))

    assert ([one["office"] for one in first.json()["offices"]], first.json()["next"]) == (["21.03"], "21.03")
    assert ([one["office"] for one in second.json()["offices"]], second.json()["next"]) == (["21.04"], None)
    assert (strange.status_code, foreign.status_code) == (404, 403)

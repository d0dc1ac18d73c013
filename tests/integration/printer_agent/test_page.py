"""The station's page over HTTP, without scripts: every state, and what it shows while the office is away."""

from datetime import timedelta
from typing import Any

import pytest

from printer_agent.session import Health

EMPTY = Health(state="stopped", reasons=("media-empty", "marker-supply-low"))


async def test_a_card_in_turn_makes_it_run(bench: Any) -> None:
    bench.office.hold("reserved", "reserved")
    await bench.settled()
    sheet = await bench.browser.open()
    assert (sheet.look, "Jalan" in sheet.text, "…9QXM-4 Kundur" in sheet.text) == ("jalan", True, True)


async def test_without_a_card_it_waits(bench: Any) -> None:
    await bench.settled()
    assert (await bench.browser.open()).look == "menunggu"


async def test_waiting_without_blanks_says_what_to_do(bench: Any) -> None:
    bench.office.blanks = 0
    await bench.settled()
    assert "Isi blangko, lalu catat di bawah" in (await bench.browser.open()).text


async def test_a_stopped_printer_shows_its_steps_and_a_button(bench: Any) -> None:
    bench.printer.state = EMPTY
    await bench.settled()
    sheet = await bench.browser.open()
    assert (sheet.look, sheet.action) == ("berhenti", "printer")
    assert "Buka wadah blangko." in sheet.text


async def test_out_of_hours_it_is_closed(bench: Any) -> None:
    bench.office.opens = bench.clock.now() + timedelta(hours=17)
    await bench.settled()
    sheet = await bench.browser.open()
    assert (sheet.look, "besok 07:02" in sheet.text) == ("tutup", True)


async def test_a_pause_shows_its_reason(bench: Any) -> None:
    bench.office.state, bench.office.reason = "paused", "spoiled_in_a_row"
    await bench.settled()
    sheet = await bench.browser.open()
    assert (sheet.look, "Dua kartu berturut-turut rusak" in sheet.text) == ("jeda", True)
    assert "resume" in sheet.links


async def test_a_recovery_says_so(bench: Any) -> None:
    bench.office.recovering = True
    await bench.beat()
    assert "sedang dipulihkan" in (await bench.browser.open()).text


@pytest.mark.parametrize(
    ("state", "word"), [("lost", "dinyatakan hilang"), ("retired", "tidak dipakai lagi")]
)
async def test_an_officers_last_word_on_the_station_shows(bench: Any, state: str, word: str) -> None:
    bench.office.state, bench.office.reason = state, "pindah gedung"
    await bench.settled()
    text = (await bench.browser.open()).text
    assert word in text
    assert "pindah gedung" in text


async def test_a_wrong_clock_stops_the_station(bench: Any) -> None:
    bench.office.off = timedelta(minutes=10)
    await bench.settled()
    sheet = await bench.browser.open()
    assert (sheet.look, "Jam komputer ini salah" in sheet.text) == ("berhenti", True)


async def test_an_uncertain_card_takes_the_whole_screen(bench: Any) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    sheet = await bench.browser.open()
    assert sheet.look == "periksa whole"
    assert sheet.links[1:] == ["answer-printed", "answer-spoiled", "answer-intact"]


async def test_before_the_office_answers_it_is_calling(bench: Any) -> None:
    bench.office.away = True
    await bench.beat()
    sheet = await bench.browser.open()
    assert (sheet.look, bench.browser.status) == ("putus", 200)


async def test_the_page_opens_while_the_office_is_away(bench: Any) -> None:
    bench.office.hold("reserved")
    await bench.settled()
    bench.office.away = True
    bench.pass_time(minutes=3)
    await bench.beat()
    sheet = await bench.browser.open()
    assert (sheet.look, bench.browser.status) == ("putus", 200)
    assert "sejak 14:02" in sheet.text
    assert "…9QXM-4" in sheet.text


async def test_an_uncertain_card_shows_while_the_office_is_away(bench: Any) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    bench.office.away = True
    await bench.beat()
    sheet = await bench.browser.open()
    assert sheet.look == "periksa whole"
    assert "Kantor tidak terjangkau" in sheet.text


async def test_the_ledgers_last_word_stays_with_its_time(bench: Any) -> None:
    await bench.settled()
    await bench.browser.open()
    bench.office.away = True
    bench.pass_time(minutes=5)
    assert "212" in (sheet := await bench.browser.open()).text
    assert "per 14:02" in sheet.text


async def test_stock_never_heard_of_is_unknown(bench: Any) -> None:
    bench.office.away = True
    assert "? belum dicatat" in (await bench.browser.open()).text


async def test_an_estimate_says_how_far_it_may_be_off(bench: Any) -> None:
    await bench.settled()
    assert "214 ± 21" in (await bench.browser.open()).text


async def test_counted_blanks_are_not_estimated(bench: Any) -> None:
    await bench.settled()
    assert "212 ±" not in (await bench.browser.open()).text


async def test_days_left_and_the_next_delivery_show(bench: Any) -> None:
    await bench.settled()
    text = (await bench.browser.open()).text
    assert "sekitar 1 hari" in text
    assert "500 blangko datang 26-11-2026" in text


async def test_low_stock_is_said_in_words(bench: Any) -> None:
    bench.office.low = True
    await bench.settled()
    assert "Hampir habis" in (await bench.browser.open()).text


async def test_the_ledger_is_not_asked_at_every_look(bench: Any) -> None:
    await bench.settled()
    await bench.browser.open()
    bench.office.blanks = 5
    assert "212" in (await bench.browser.open()).text


async def test_spoiled_cards_are_the_ledgers(bench: Any) -> None:
    await bench.settled()
    assert "Rusak Spoiled 2" in (await bench.browser.open()).text


async def test_the_printer_is_asked_again(bench: Any) -> None:
    bench.printer.state = EMPTY
    await bench.settled()
    sheet = await bench.browser.open()
    bench.printer.state = Health(state="ready")
    after = await bench.browser.send(sheet)
    assert (after.look, "Printer menjawab: siap" in after.text) == ("menunggu", True)


async def test_a_printer_still_stopped_says_so(bench: Any) -> None:
    bench.printer.state = EMPTY
    await bench.settled()
    after = await bench.browser.send(await bench.browser.open())
    assert "masih berhenti" in after.text


async def test_the_printer_is_asked_while_the_office_is_away(bench: Any) -> None:
    bench.printer.state = EMPTY
    await bench.settled()
    sheet = await bench.browser.open()
    bench.office.away, bench.printer.state = True, Health(state="ready")
    assert "Printer menjawab: siap" in (await bench.browser.send(sheet)).text


async def test_without_scripts_the_page_reloads_itself(bench: Any) -> None:
    assert (await bench.browser.open()).refresh == "15"


async def test_reloading_can_be_stopped(bench: Any) -> None:
    sheet = await bench.browser.open("?live=0")
    assert (sheet.refresh, sheet.scripts) == ("", [])


async def test_no_page_with_a_form_reloads_or_runs_a_script(bench: Any) -> None:
    for path in ("pause", "resume", "blanks", "supplies", "count", "test-card"):
        sheet = await bench.browser.open(path)
        assert (sheet.refresh, sheet.scripts) == ("", []), path


async def test_every_page_speaks_both_languages(bench: Any) -> None:
    for path in ("", "pause", "count"):
        assert (await bench.browser.open(path)).languages == {"id", "en"}, path


async def test_every_link_leads_somewhere(bench: Any) -> None:
    await bench.settled()
    for link in (await bench.browser.open()).links:
        await bench.browser.open(link)
        assert bench.browser.status == 200, link


async def test_nothing_outside_the_agent_is_loaded(bench: Any) -> None:
    answer = await bench.browser.client.get("")
    assert "//" not in answer.text.replace("<!doctype", "")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")


@pytest.mark.parametrize("path", ["page/station.css", "page/station.js", "page/icon.svg"])
async def test_the_agent_serves_what_the_page_loads(bench: Any, path: str) -> None:
    assert (await bench.browser.client.get(path)).status_code == 200


async def test_the_page_is_kept_by_nobody(bench: Any) -> None:
    assert (await bench.browser.client.get("")).headers["cache-control"] == "no-store"


async def test_an_unknown_word_in_the_address_shows_nothing(bench: Any) -> None:
    sheet = await bench.browser.open("?done=<script>alert(1)</script>")
    assert "alert" not in sheet.text


async def test_a_persons_reason_is_text_and_no_markup(bench: Any) -> None:
    bench.office.state, bench.office.reason = "paused", "<img src=x onerror=alert(1)>"
    await bench.settled()
    assert "<img" not in (await bench.browser.client.get("")).text


async def test_the_page_is_no_part_of_the_api(bench: Any) -> None:
    paths = (await bench.browser.client.get("openapi.json")).json()["paths"]
    assert {"/", "/pause", "/printer"} & set(paths) == set()


async def test_the_agents_health_stays_where_it_was(bench: Any) -> None:
    assert (await bench.browser.client.get("health/live")).json() == {"status": "pass"}

"""The station's page in Chromium. axe looks at every page; the rest is done as people do it: by keyboard, by touch,
with scripts and without.
"""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from printer_agent.session import Health

STATION = "2102-1"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
FORMS = ("pause", "resume", "blanks", "supplies", "count", "test-card")
EMPTY = Health(state="stopped", reasons=("media-empty", "marker-supply-low-warning"))


async def test_a_running_station(station: Any) -> None:
    await station.has_worked()
    page = await station.open()
    await expect(page.locator("#word")).to_contain_text("Jalan")
    await expect(page.locator(".next .digits")).to_be_visible()
    await expect(page.locator(".shelf")).to_contain_text("±")
    await station.looked_over(page)
    await station.picture(page, "running")


async def test_the_state_fills_a_third_of_the_screen(station: Any) -> None:
    page = await station.open()
    box = await page.locator(".state").bounding_box()
    assert box is not None
    assert box["height"] >= 800 / 3
    assert box["width"] >= 1280


async def test_all_of_it_fits_a_stations_screen(station: Any) -> None:
    station.printer.state = EMPTY
    await station.until("Berhenti")
    page = await station.open()
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")


async def test_out_of_cards_says_what_to_do_and_asks_again(station: Any) -> None:
    await station.has_worked()
    station.printer.state = EMPTY
    await station.until("Berhenti")
    page = await station.open()
    await expect(page.locator(".stops li")).to_have_count(4)
    await station.looked_over(page)
    await station.picture(page, "stopped")
    station.printer.state = Health(state="ready")
    await station.by_keyboard(page, "Sudah")
    await expect(page.locator("#word")).not_to_contain_text("Berhenti")
    await expect(page.locator(".done")).to_contain_text("siap")


async def test_an_uncertain_card_is_answered_by_keyboard(station: Any) -> None:
    await station.becomes_uncertain()
    page = await station.open()
    await station.looked_over(page)
    await station.picture(page, "uncertain")
    await station.looked_over(await station.open("answer-intact"))
    await station.by_keyboard(page, "Kartu ada dan baik")
    await page.get_by_label("Nama Anda").focus()
    await page.keyboard.type("Sri")
    await station.by_keyboard(page, "Ya, kartu ini baik")
    await expect(page.locator(".done")).to_contain_text("Jawaban Anda tercatat")
    assert len(await station.office.uncertain()) <= 1


async def test_a_spoiled_card_needs_two_people(station: Any) -> None:
    await station.becomes_uncertain()
    page = await station.open("answer-spoiled")
    await page.get_by_label("Apa yang rusak").fill("macet")
    await page.get_by_label("Nama Anda").fill("Sri")
    await page.get_by_label("Nama orang kedua").fill("sri")
    await page.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Harus orang lain")
    await station.looked_over(page)
    await page.get_by_label("Nama orang kedua").fill("Tono")
    await page.get_by_role("button").click()
    await expect(page.locator("#word")).not_to_contain_text("Periksa")


async def test_a_spoiled_card_is_printed_again(station: Any) -> None:
    await station.becomes_uncertain()
    page = await station.open("answer-spoiled", scripts=False)
    await page.get_by_label("Apa yang rusak").fill("macet, tertekuk")
    await page.get_by_label("Nama Anda").fill("Sri")
    await page.get_by_label("Nama orang kedua").fill("Tono")
    await page.get_by_role("button").click()
    await expect(page.locator(".done")).to_contain_text("tercatat")
    for attempt in await station.office.uncertain():
        await station.office.settle(attempt["id"], "spoiled")
    await station.office.until_all_printed(hours=6)
    assert [str(finding) for finding in await station.office.audit()] == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_form_is_accessible(station: Any, size: dict[str, int]) -> None:
    for path in FORMS:
        page = await station.open(path, size=size)
        await station.looked_over(page)
        await page.get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_be_focused()
        await station.looked_over(page)


async def test_a_phone_shows_it_all(station: Any) -> None:
    station.printer.state = EMPTY
    await station.until("Berhenti")
    await station.looked_over(await station.open(size=PHONE))


async def test_a_station_is_paused_and_resumed_without_scripts(station: Any) -> None:
    page = await station.open(scripts=False)
    await page.get_by_role("link", name="Jeda").click()
    await page.get_by_label("Alasan").fill("makan siang")
    await page.get_by_label("Nama Anda").fill("Sri")
    await page.get_by_role("button").click()
    await expect(page.locator("#word")).to_contain_text("Jeda")
    await expect(page.locator("#sentence")).to_contain_text("makan siang")
    await page.get_by_role("link", name="Lanjutkan").click()
    await page.get_by_label("Apa yang sudah dilakukan").fill("selesai makan")
    await page.get_by_label("Nama Anda").fill("Sri")
    await page.get_by_role("button").click()
    await expect(page.locator("#word")).not_to_contain_text("Jeda")


async def test_the_page_follows_the_station_and_keeps_the_focus(station: Any) -> None:
    page = await station.open()
    await page.locator("#act-count").focus()
    station.printer.state = EMPTY
    await station.until("Berhenti")
    await expect(page.locator("#word")).to_contain_text("Berhenti")
    await expect(page).to_have_title(f"Berhenti · {STATION}")
    await expect(page.locator("#announce")).to_contain_text("Blangko habis")
    await expect(page.locator("#act-count")).to_be_focused()


async def test_nothing_is_taken_from_under_a_typing_hand(station: Any) -> None:
    page = await station.open("count")
    await page.get_by_label("Keterangan").press_sequentially("akhir giliran")
    await asyncio.sleep(6)
    await expect(page.get_by_label("Keterangan")).to_be_focused()
    await expect(page.get_by_label("Keterangan")).to_have_value("akhir giliran")


async def test_a_page_cut_off_from_its_station_says_so(station: Any) -> None:
    page = await station.open()
    await page.context.set_offline(True)
    await expect(page.locator("#stale")).to_be_visible(timeout=10_000)
    await page.context.set_offline(False)
    await expect(page.locator("#stale")).to_be_hidden(timeout=10_000)


async def test_a_form_on_another_site_changes_nothing(station: Any) -> None:
    page = await station.open()
    form = (
        f"<form method=post action='{station.url}pause'><input name=reason value=iseng>"
        "<input name=person value=Sri><button>Hadiah</button></form>"
    )
    await page.route(
        "http://jahat.example/", lambda route: route.fulfill(body=form, content_type="text/html")
    )
    await page.goto("http://jahat.example/")
    await page.get_by_role("button").click()
    await expect(page.locator("main")).to_contain_text("tidak berasal dari halaman stasiun")
    await page.goto(station.url)
    await expect(page.locator("#word")).not_to_contain_text("Jeda")


async def test_the_browser_keeps_to_the_pages_own_policy(station: Any) -> None:
    page = await station.open()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("", *FORMS):
        await page.goto(station.url + path)
        await page.wait_for_load_state("networkidle")
    assert complaints == []

"""The station page's forms as a browser without scripts sends them: done, put right, refused."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

TWO = {"person": "Sri", "second_person": "Tono"}
CARD = str(UUID(int=1))
WORN = {"reason": "macet, setengah tercetak"}

# path, what is written, the end of the call's path, its body
FORMS = [
    (
        "blanks",
        {"note_number": "SJ-12", "blanks": "500", "person": "Sri"},
        ("stock", {"note_number": "SJ-12", "blanks": 500, "person": "Sri"}),
    ),
    (
        "supplies",
        {"item": "ribbon", "person": "Sri"},
        ("supplies", {"item": "ribbon", "previous": "used_up", "person": "Sri"}),
    ),
    (
        "supplies",
        {"item": "film", "previous": "removed", "nominal": "750", "roll": "F-3", "person": "Sri"},
        (
            "supplies",
            {"item": "film", "previous": "removed", "person": "Sri", "nominal": 750, "roll": "F-3"},
        ),
    ),
    (
        "count",
        {"blanks": "0", "reason": "akhir giliran", **TWO},
        ("count", {"blanks": 0, "reason": "akhir giliran", **TWO}),
    ),
    (
        "test-card",
        {"reason": "setelah ganti pita", **TWO},
        ("test-cards", {"cards": 1, "cause": "test_card", "reason": "setelah ganti pita", **TWO}),
    ),
]
ANSWERS = [
    (
        "answer-printed",
        {"person": "Sri"},
        {"verdict": "printed", "person": "Sri", "second_person": None, "note": "kartu dilihat dan baik"},
    ),
    ("answer-spoiled", {**WORN, **TWO}, {"verdict": "spoiled", "note": WORN["reason"], **TWO}),
    (
        "answer-intact",
        {"looked": "1", "reason": "kartu tidak ditarik", **TWO},
        {"verdict": "intact", "note": "kartu tidak ditarik", **TWO},
    ),
]


@pytest.mark.parametrize(("path", "written", "told"), FORMS)
async def test_a_paper_reaches_the_ledger(
    bench: Any, path: str, written: dict[str, str], told: tuple[str, dict[str, Any]]
) -> None:
    await bench.settled()
    await bench.browser.send(await bench.browser.open(path), **written)
    ((end, body),) = bench.office.told
    body.pop("number", None)
    assert (end, body) == told


@pytest.mark.parametrize("path", ["count", "test-card"])
async def test_a_form_sent_twice_bears_one_number(bench: Any, path: str) -> None:
    await bench.settled()
    sheet = await bench.browser.open(path)
    for _ in range(2):
        await bench.browser.send(sheet, blanks="9", reason="akhir giliran", **TWO)
    assert bench.office.told[0] == bench.office.told[1]
    assert UUID(bench.office.told[0][1]["number"])


async def test_two_forms_bear_two_numbers(bench: Any) -> None:
    sheets = [await bench.browser.open("count") for _ in range(2)]
    assert sheets[0].values["number"] != sheets[1].values["number"]


async def test_what_was_told_shows_at_once(bench: Any) -> None:
    await bench.settled()
    await bench.browser.open()
    sheet = await bench.browser.open("blanks")
    bench.office.blanks = 712
    after = await bench.browser.send(sheet, note_number="SJ-1", blanks="500", person="Sri")
    assert "712" in after.text
    assert "Isian tercatat." in after.text


@pytest.mark.parametrize(("difference", "said"), [(0, "Hitungan tercatat."), (-2, "selisih masuk buku stok")])
async def test_a_counts_difference_is_said(bench: Any, difference: int, said: str) -> None:
    await bench.settled()
    bench.office.answers = {"difference": difference}
    sheet = await bench.browser.open("count")
    assert said in (await bench.browser.send(sheet, blanks="9", reason="akhir giliran", **TWO)).text


@pytest.mark.parametrize(("path", "written", "said"), ANSWERS)
async def test_an_answer_on_a_card_reaches_the_office(
    bench: Any, path: str, written: dict[str, str], said: dict[str, Any]
) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    after = await bench.browser.send(await bench.browser.open(path), **written)
    assert bench.office.told == [(f"attempts/{CARD}/reconcile", said)]
    assert "Jawaban Anda tercatat" in after.text


@pytest.mark.parametrize("path", ["answer-printed", "answer-spoiled", "answer-intact"])
async def test_an_answers_page_names_the_card(bench: Any, path: str) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    assert "…9QXM-4 Kundur" in (await bench.browser.open(path)).text


async def test_without_an_uncertain_card_there_is_nothing_to_answer(bench: Any) -> None:
    await bench.settled()
    answer = await bench.browser.client.get("answer-intact")
    assert (answer.status_code, answer.headers["location"]) == (303, "./")


async def test_a_pause_holds(bench: Any) -> None:
    await bench.settled()
    after = await bench.browser.send(await bench.browser.open("pause"), reason="makan siang", person="Sri")
    assert (after.look, "makan siang" in after.text) == ("jeda", True)


async def test_a_pause_holds_while_the_office_is_away(bench: Any) -> None:
    await bench.settled()
    bench.office.away = True
    after = await bench.browser.send(await bench.browser.open("pause"), reason="makan siang", person="Sri")
    assert after.look == "jeda"
    assert "Kantor diberi tahu tentang jeda ini" in after.text


async def test_a_paused_station_goes_on(bench: Any) -> None:
    bench.office.state, bench.office.reason = "paused", "makan"
    await bench.settled()
    after = await bench.browser.send(await bench.browser.open("resume"), reason="selesai", person="Sri")
    assert after.look == "menunggu"


async def test_what_is_missing_is_said_and_what_was_written_stays(bench: Any) -> None:
    await bench.settled()
    sheet = await bench.browser.send(await bench.browser.open("count"), blanks="12", person="Sri")
    assert bench.browser.status == 422
    assert (sheet.values["blanks"], sheet.values["person"]) == ("12", "Sri")
    assert {"#reason", "#second_person"} <= set(sheet.links)
    assert bench.office.told == []


async def test_a_form_put_right_is_taken(bench: Any) -> None:
    await bench.settled()
    sheet = await bench.browser.send(await bench.browser.open("count"), blanks="12", person="Sri")
    await bench.browser.send(sheet, reason="akhir giliran", second_person="Tono")
    assert len(bench.office.told) == 1


async def test_nobody_is_his_own_witness(bench: Any) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    sheet = await bench.browser.open("answer-spoiled")
    sheet = await bench.browser.send(sheet, person="Sri", second_person="sri", **WORN)
    assert "Harus orang lain" in sheet.text
    assert bench.office.told == []


async def test_while_the_office_is_away_nothing_is_lost_from_a_form(bench: Any) -> None:
    await bench.settled()
    sheet = await bench.browser.open("blanks")
    bench.office.away = True
    sheet = await bench.browser.send(sheet, note_number="SJ-1", blanks="500", person="Sri")
    assert (bench.browser.status, sheet.values["note_number"]) == (503, "SJ-1")
    assert "Kantor tidak terjangkau" in sheet.text


async def test_an_answer_while_the_office_is_away_stays_in_the_form(bench: Any) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    sheet = await bench.browser.open("answer-spoiled")
    bench.office.away = True
    sheet = await bench.browser.send(sheet, **WORN, **TWO)
    assert (bench.browser.status, sheet.values["reason"]) == (503, WORN["reason"])


async def test_the_offices_no_is_told_in_its_words(bench: Any) -> None:
    await bench.settled()
    bench.office.no = {
        "type": "urn:cetak:not-enough-blanks",
        "title": "Blangko kurang.",
        "title_en": "Not enough.",
    }
    sheet = await bench.browser.open("test-card")
    sheet = await bench.browser.send(sheet, reason="uji", **TWO)
    assert bench.browser.status == 409
    assert "Kantor menolak: Blangko kurang." in sheet.text


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://jahat.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
@pytest.mark.parametrize("path", ["pause", "printer", "answer-intact", "blanks"])
async def test_a_form_from_another_site_does_nothing(bench: Any, path: str, headers: dict[str, str]) -> None:
    bench.office.hold("uncertain")
    await bench.settled()
    asked = bench.printer.asked
    data = {"reason": "iseng", "attempt_id": CARD, "looked": "1", **TWO}
    answer = await bench.browser.client.post(path, data=data, headers=headers)
    assert answer.status_code == 403
    assert (bench.office.told, bench.printer.asked) == ([], asked)


async def test_a_forged_pause_does_not_hold(bench: Any) -> None:
    await bench.settled()
    await bench.browser.client.post("pause", data={"reason": "iseng", "person": "Sri"})
    assert (await bench.browser.open()).look == "menunggu"


async def test_nothing_is_done_by_a_link(bench: Any) -> None:
    await bench.settled()
    assert (await bench.browser.client.get("printer")).status_code == 405


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"person=%ff", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b'{"person": "Sri"}', "application/json"),
        (b"attempt_id=../../x&person=Sri", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_form_is_refused(bench: Any, content: bytes, kind: str) -> None:
    headers = {"Origin": "http://127.0.0.1:26350", "Content-Type": kind}
    answer = await bench.browser.client.post("answer-printed", content=content, headers=headers)
    assert answer.status_code == 400


async def test_another_machine_is_turned_away(bench: Any) -> None:
    answer = await bench.browser.client.get("", headers={"X-Forwarded-For": "192.168.1.7"})
    assert answer.status_code == 403
    assert "hanya terbuka di komputer stasiun" in answer.text


async def test_a_foreign_name_is_turned_away(bench: Any) -> None:
    answer = await bench.browser.client.get("", headers={"Host": "jahat.example"})
    assert answer.status_code == 403


class TestWithAPassword:
    @pytest.fixture
    def page_password(self) -> SecretStr | None:
        return SecretStr("kata sandi stasiun")

    async def test_another_machine_is_asked_for_it(self, bench: Any) -> None:
        answer = await bench.browser.client.get("", headers={"X-Forwarded-For": "192.168.1.7"})
        assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")

    async def test_it_opens_the_page(self, bench: Any) -> None:
        answer = await bench.browser.client.get(
            "", headers={"X-Forwarded-For": "192.168.1.7"}, auth=("petugas", "kata sandi stasiun")
        )
        assert answer.status_code == 200

    async def test_a_form_from_there_is_taken(self, bench: Any) -> None:
        headers = {
            "X-Forwarded-For": "192.168.1.7",
            "X-Forwarded-Host": "kantor:8021",
            "Origin": "http://kantor:8021",
        }
        answer = await bench.browser.client.post(
            "pause",
            data={"reason": "makan", "person": "Sri"},
            headers=headers,
            auth=("petugas", "kata sandi stasiun"),
        )
        assert answer.status_code == 303

"""What the station's page shows of each state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from printer_agent.page.said import Said, moment_said
from printer_agent.page.screen import STEPS, pause_said, screen, troubles
from printer_agent.reasons import REASONS
from printer_agent.session import Health
from printer_agent.use_cases.view import CardView, StationView, Word

NOW = datetime(2026, 11, 24, 7, 2, 7, tzinfo=UTC)
"""A Tuesday, 14:02:07 WIB."""
CARD = CardView(
    attempt_id=UUID("01936d2a-0000-7000-8000-00000000ab12"),
    receipt_number="2102-7K3F-9QXM-4",
    district_code="21.02.02",
    reason="data_change",
)
VIEW = StationView(
    station="2102-1",
    word="ready",
    now=NOW,
    office_seen_at=NOW,
    office_reachable=True,
    state="running",
    reason="",
    pause_waiting=False,
    recovering=False,
    next_card=CARD,
    waiting_cards=2,
    at_printer=None,
    uncertain=None,
    health=Health(state="ready"),
    blocked_by=(),
    printed_today=137,
    spoiled_today=1,
    uncertain_today=0,
    owed=0,
    printing_until=None,
    printing_from=None,
    clock_off_seconds=0,
)
EMPTY = Health(state="stopped", reasons=("marker-supply-low", "media-empty"))


def _screen(view: StationView = VIEW, blanks: int | None = 10, **changes: object):  # type: ignore[no-untyped-def]
    changed = replace(view, **changes)  # type: ignore[arg-type]
    return screen(changed, blanks=blanks, tz="Asia/Jakarta", districts={"21.02.02": "Kundur"})


@pytest.mark.parametrize("word", get_args(Word))
def test_every_state_has_a_word_and_a_sentence_without_gaps(word: Word) -> None:
    shown = _screen(word=word, at_printer=CARD if word == "printing" else None, reason="spoiled_in_a_row")
    assert all((*shown.word, *shown.sentence))
    assert "{" not in shown.sentence.id + shown.sentence.en


@pytest.mark.parametrize(
    ("word", "look"),
    [
        ("ready", "jalan"),
        ("uncertain", "periksa"),
        ("printer_stopped", "berhenti"),
        ("paused", "jeda"),
        ("closed", "tutup"),
        ("offline", "putus"),
        ("starting", "putus"),
        ("journal_full", "berhenti"),
        ("clock_off", "berhenti"),
        ("recovering", "jeda"),
        ("lost", "jeda"),
        ("retired", "tutup"),
    ],
)
def test_a_states_colour(word: Word, look: str) -> None:
    assert _screen(word=word).look == look


def test_without_a_card_it_waits() -> None:
    assert _screen(next_card=None).word == Said("Menunggu", "Waiting")


def test_waiting_without_blanks_says_so() -> None:
    assert "blangko habis" in _screen(next_card=None, blanks=0).sentence.id


def test_waiting_without_knowing_the_blanks_blames_none() -> None:
    assert "blangko" not in _screen(next_card=None, blanks=None).sentence.id


def test_a_stopped_printers_sentence_is_its_gravest_trouble() -> None:
    assert _screen(word="printer_stopped", health=EMPTY).sentence.id == "Blangko habis."


def test_the_card_being_printed_is_named_by_its_receipts_end() -> None:
    assert "9QXM-4" in _screen(word="printing", at_printer=CARD).sentence.id


def test_no_screen_holds_a_whole_receipt_number() -> None:
    shown = _screen(word="printing", at_printer=CARD, uncertain=CARD)
    assert "7K3F" not in repr(shown)


def test_no_screen_says_why_somebody_applied() -> None:
    assert "data_change" not in repr(_screen(uncertain=CARD, at_printer=CARD))


def test_a_district_stands_by_its_name() -> None:
    shown = _screen()
    assert shown.next_card is not None
    assert shown.next_card.district == "Kundur"


def test_an_unknown_district_stands_by_its_code() -> None:
    shown = _screen(next_card=replace(CARD, district_code="21.02.99"))
    assert shown.next_card is not None
    assert shown.next_card.district == "21.02.99"


def test_a_card_without_a_receipt_number_is_known_by_its_print_number() -> None:
    shown = _screen(uncertain=replace(CARD, receipt_number=""))
    assert shown.uncertain is not None
    assert shown.uncertain.digits == "00AB12"


def test_troubles_come_gravest_first_and_once() -> None:
    found = troubles(("marker-supply-low-warning", "media-empty", "media-needed", "none"))
    assert [trouble.stops for trouble in found] == [True, False]


@pytest.mark.parametrize("keyword", sorted(REASONS))
def test_no_trouble_asks_for_more_than_four_steps(keyword: str) -> None:
    assert all(len(trouble.steps) <= STEPS for trouble in troubles((keyword,)))


def test_a_programs_pause_is_told_in_both_languages() -> None:
    assert pause_said("unprintable:01936d2a").en.startswith("One card's record")


def test_a_persons_pause_is_told_as_written() -> None:
    assert pause_said("makan siang") == Said("makan siang", "makan siang")


def test_a_persons_braces_are_only_letters() -> None:
    assert _screen(word="paused", reason="{oops} {0}").sentence.id == "{oops} {0}"


def test_closed_says_when_it_opens() -> None:
    opens = NOW + timedelta(hours=18)
    assert _screen(word="closed", printing_from=opens).sentence.en == (
        "Printing hours begin again tomorrow 08:02."
    )


def test_closed_without_a_moment_points_at_the_calendar() -> None:
    assert "menurut jadwal" in _screen(word="closed").sentence.id


def test_cut_off_says_since_when() -> None:
    seen = NOW - timedelta(minutes=4)
    assert "13:58" in _screen(word="offline", office_seen_at=seen, office_reachable=False).sentence.id


def test_a_paused_station_that_is_cut_off_says_both() -> None:
    shown = _screen(word="paused", reason="makan", office_reachable=False, pause_waiting=True, owed=3)
    assert [also.en[:16] for also in shown.also] == [
        "The office is ou",
        "The office is to",
        "3 outcomes wait ",
    ]


def test_a_stopped_printer_outside_hours_says_both() -> None:
    shown = _screen(word="printer_stopped", health=EMPTY, blocked_by=("printing_closed", "media-empty"))
    assert [also.en for also in shown.also] == ["Outside printing hours."]


def test_a_paused_station_has_no_next_card() -> None:
    assert _screen(word="paused", state="paused").next_card is None


@pytest.mark.parametrize(("state", "waiting"), [("paused", False), ("running", True)])
def test_a_pause_offers_to_resume(state: str, waiting: bool) -> None:
    assert _screen(state=state, pause_waiting=waiting).paused


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1, Said("15:02", "15:02")),
        (12, Said("besok 02:02", "tomorrow 02:02")),
        (48, Said("Kamis 26-11 14:02", "Thursday 26-11 14:02")),
        (-48, Said("Minggu 22-11 14:02", "Sunday 22-11 14:02")),
    ],
)
def test_a_moment_is_said_as_people_say_it(hours: int, said: Said) -> None:
    assert moment_said(NOW + timedelta(hours=hours), NOW, "Asia/Jakarta") == said

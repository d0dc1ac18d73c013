"""The vocabulary of printers' reasons: two languages, few steps, IPP's suffixes."""

from typing import Literal

import pytest

from printer_agent.reasons import REASONS, UNKNOWN_REASON, reason, worst

ALL = [*REASONS.items(), ("other", UNKNOWN_REASON)]


@pytest.mark.parametrize(("keyword", "known"), ALL)
def test_each_reason_is_said_in_two_languages(keyword: str, known: object) -> None:
    said = reason(keyword)
    assert said is known
    assert said.message_id
    assert said.message_en
    assert said.message_id != said.message_en


@pytest.mark.parametrize(("keyword", "known"), ALL)
def test_each_reason_has_at_most_four_steps_the_same_in_both_languages(keyword: str, known: object) -> None:
    said = reason(keyword)
    assert said is known
    assert len(said.steps_id) == len(said.steps_en) <= 4


@pytest.mark.parametrize("keyword", [keyword for keyword, known in ALL if known.severity != "note"])
def test_what_stops_a_printer_or_soon_will_has_a_first_step(keyword: str) -> None:
    assert reason(keyword).steps_id


@pytest.mark.parametrize(
    ("suffix", "severity"), [("-report", "note"), ("-warning", "soon"), ("-error", "stopped")]
)
def test_a_reasons_suffix_rules_its_severity(
    suffix: str, severity: Literal["note", "soon", "stopped"]
) -> None:
    assert reason("media-low" + suffix).severity == severity


@pytest.mark.parametrize("suffix", ["-report", "-warning", "-error"])
def test_no_suffix_makes_light_of_an_open_cover(suffix: str) -> None:
    assert reason("cover-open" + suffix).severity == "stopped"


def test_an_unknown_reasons_suffix_rules_it() -> None:
    assert reason("gremlins-report").severity == "note"


def test_a_reason_keeps_its_words_with_a_suffix() -> None:
    assert reason("media-low-error").message_id == REASONS["media-low"].message_id


def test_a_reason_keeps_its_steps_with_a_suffix() -> None:
    assert reason("cover-open-warning").steps_en == REASONS["cover-open"].steps_en


def test_an_unknown_reason_without_a_suffix_counts_as_an_error() -> None:
    assert reason("gremlins").severity == "stopped"


def test_the_worst_reason_wins() -> None:
    assert worst(("none", "media-empty", "media-low")) == "stopped"


def test_no_reason_is_a_note() -> None:
    assert worst(()) == "note"

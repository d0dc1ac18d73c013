"""Full names: what stands on a card as written, what warns, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.finding import Findings
from intake.domain.names import LONGEST, read_name


def errors(raw: str) -> list[str]:
    found = Findings()
    assert read_name(raw, found) is None
    return [finding.code for finding in found.errors]


def accepted(raw: str) -> tuple[str | None, list[str]]:
    found = Findings()
    name = read_name(raw, found)
    assert not found.errors
    return name, [finding.code for finding in found.warnings]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("BUDI SANTOSO", "BUDI SANTOSO"),
        ("  siti  aminah ", "SITI AMINAH"),
        ("D'SOUZA MARIA-ANNA", "D'SOUZA MARIA-ANNA"),
        ("H. Abdul Malik, ".strip(", "), "H. ABDUL MALIK"),
        ("josé nuñez", "JOSÉ NUÑEZ"),
        ("jose\u0301 nun\u0303ez", "JOSÉ NUÑEZ"),
        ("groß anna", "GROSS ANNA"),
    ],
)
def test_a_good_name_is_capitalised_and_folded(raw: str, name: str) -> None:
    assert accepted(raw) == (name, [])


def test_a_single_word_warns() -> None:
    assert accepted("sukarno") == ("SUKARNO", ["single_word"])


def test_a_digit_warns() -> None:
    assert accepted("Budi Santoso 2") == ("BUDI SANTOSO 2", ["digits"])


@pytest.mark.parametrize("raw", ["", "   "])
def test_a_name_is_required(raw: str) -> None:
    assert errors(raw) == ["missing"]


def test_a_name_of_sixty_characters_is_good() -> None:
    assert accepted("A" * 29 + " " + "B" * 30) == ("A" * 29 + " " + "B" * 30, [])


def test_a_longer_name_is_refused() -> None:
    assert errors("A" * 30 + " " + "B" * 30) == ["too_long"]


@pytest.mark.parametrize(
    "raw",
    [
        "=HYPERLINK(1)",
        "BUDI\nSANTOSO",
        "BUDI\tSANTOSO",
        "BUDI \x00NUL",
        "DEWI; LESTARI",
        "BUDI S\u0410NTOSO",
        "\u5e03\u8fea \u5c71",
        "BUDI \U0001f600",
        "BUDI \ud800",
        "BUDI SANTOSO \u0662",
        "BUDI\u00a0SANTOSO",
    ],
)
def test_any_other_character_is_refused(raw: str) -> None:
    assert errors(raw) == ["characters"]


def test_the_words_name_the_wrong_characters_and_nothing_else_of_the_name() -> None:
    found = Findings()
    read_name("BUDI\x00 SANTOSO=", found)

    (finding,) = found.errors
    assert "U+0000 =" in finding.message_en
    assert "BUDI" not in finding.message_en


def test_a_name_may_be_refused_for_two_causes() -> None:
    assert errors("=" * 61) == ["too_long", "characters"]


@given(st.text(max_size=70))
def test_an_accepted_name_is_accepted_again_unchanged(raw: str) -> None:
    name = read_name(raw, Findings())
    if name is not None:
        assert len(name) <= LONGEST
        assert accepted(name)[0] == name

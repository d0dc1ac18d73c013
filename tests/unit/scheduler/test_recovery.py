"""What a journal means for an attempt that a restored database has, or has not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.lifecycle import ATTEMPT_STATES, TERMINAL_STATES
from scheduler.domain.recovery import APPLICATION_MOVES, FOUND, Known, Told, decide

PROVEN = Told(intended=True, outcome="printed", by_device=True)
SPOOLED = Told(intended=True, outcome="printed")
UNCERTAIN = Told(intended=True, outcome="uncertain")
UNENDED = Told(intended=True, outcome=None)
UNSENT = Told(intended=False, outcome=None)
TAKEN_BACK = Told(intended=True, outcome="released")

told = st.builds(
    Told,
    intended=st.booleans(),
    outcome=st.sampled_from(["printed", "uncertain", "released", None]),
    by_device=st.booleans(),
)
known = st.none() | st.builds(Known, state=st.sampled_from(ATTEMPT_STATES), by_person=st.booleans())


@pytest.mark.parametrize(
    ("state", "said", "act"),
    [
        (None, PROVEN, "uncertain"),
        (None, UNENDED, "uncertain"),
        (None, UNSENT, "nothing"),
        (None, TAKEN_BACK, "nothing"),
        ("reserved", PROVEN, "printed"),
        ("reserved", SPOOLED, "uncertain"),
        ("reserved", UNENDED, "uncertain"),
        ("reserved", UNSENT, "free"),
        ("reserved", TAKEN_BACK, "free"),
        ("armed", PROVEN, "printed"),
        ("armed", UNCERTAIN, "uncertain"),
        ("armed", UNENDED, "nothing"),
        ("armed", UNSENT, "nothing"),
        ("armed", TAKEN_BACK, "nothing"),
        ("uncertain", PROVEN, "printed"),
        ("uncertain", UNCERTAIN, "nothing"),
        ("printed", PROVEN, "nothing"),
        ("spoiled", PROVEN, "nothing"),
        ("released", PROVEN, "printed"),
        ("released", SPOOLED, "uncertain"),
        ("released", UNSENT, "nothing"),
    ],
)
def test_a_journal_entry_means(state: str | None, said: Told, act: str) -> None:
    assert decide(None if state is None else Known(state=state), said) == act


def test_a_persons_word_stands_against_a_doubt() -> None:
    assert decide(Known(state="released", by_person=True), UNCERTAIN) == "nothing"


def test_a_persons_word_against_a_proof_is_for_a_supervisor() -> None:
    assert decide(Known(state="released", by_person=True), PROVEN) == "contradiction"


@given(known, told)
def test_only_the_devices_word_makes_a_card_printed(stored: Known | None, said: Told) -> None:
    assert decide(stored, said) != "printed" or said.proven


@given(known, told)
def test_what_was_sent_is_never_given_back(stored: Known | None, said: Told) -> None:
    assert decide(stored, said) != "free" or not said.sent


@given(told)
def test_a_card_sent_that_the_database_thinks_unprinted_is_never_passed_over(said: Told) -> None:
    acts = {decide(stored, said) for stored in (None, Known(state="reserved"), Known(state="released"))}
    assert not said.sent or acts <= {"printed", "uncertain"}


@given(known, told)
def test_what_is_settled_stays(stored: Known | None, said: Told) -> None:
    settled = stored is not None and stored.state in ("printed", "spoiled")
    assert not settled or decide(stored, said) == "nothing"


def test_no_closed_application_is_opened_by_a_journal() -> None:
    assert not TERMINAL_STATES & APPLICATION_MOVES.keys()


def test_a_found_cards_blank_comes_from_the_hopper() -> None:
    assert (FOUND.source, FOUND.target, FOUND.n) == ("on_hand", "uncertain", 1)

"""What an applicant is told."""

from typing import get_args

import pytest

from backbone.contracts.intake import Reason
from backbone.contracts.scheduler import State
from intake.domain.case import ACT, CLOSED_STATES, PUBLIC_STATES, QUEUED, READY, to_bring


def test_every_state_has_plain_words() -> None:
    assert set(PUBLIC_STATES) == {*get_args(State), "received", "collected"}


def test_nobody_acts_on_a_closed_case() -> None:
    assert {name for name, state in PUBLIC_STATES.items() if state.who_acts == "nobody"} == set(CLOSED_STATES)


@pytest.mark.parametrize("reason", get_args(Reason))
def test_who_must_come_is_told_what_to_bring_beginning_with_the_receipt(reason: Reason) -> None:
    for state in (READY, ACT):
        assert to_bring(state, reason)[0].words_en == "This receipt"
    assert to_bring(QUEUED, reason) == ()


def test_an_old_card_is_asked_for_only_where_there_is_one() -> None:
    words = {reason: " ".join(b.words_en for b in to_bring(READY, reason)) for reason in get_args(Reason)}

    assert {reason for reason, text in words.items() if "old card" in text} == {
        "damaged",
        "moved_in",
        "data_change",
        "foreigner_renewal",
        "outside_domicile",
    }
    assert "police" in words["lost"]

"""The crash table and the printer's reasons."""

from itertools import product
from typing import Literal

import pytest

from printer_agent.domain import REASONS, after_restart, after_send, reason, worst
from printer_agent.session import Evidence, Resolved

EVIDENCE: tuple[Evidence, ...] = ("device", "spooler")
RESOLVED: tuple[Resolved, ...] = ("printed", "not_printed", "unknown")


@pytest.mark.parametrize(("intended", "resolved", "by"), [*product((True, False), RESOLVED, EVIDENCE)])
def test_after_a_restart_only_the_devices_word_for_an_intended_send_is_printed(
    intended: bool, resolved: Resolved, by: Evidence
) -> None:
    decision = after_restart(intended=intended, reference="7", resolved=resolved, evidence=by)
    proven = intended and resolved == "printed" and by == "device"
    assert decision.outcome == ("printed" if proven else "uncertain")


@pytest.mark.parametrize(("resolved", "by"), [*product(RESOLVED, EVIDENCE)])
def test_after_a_send_only_the_devices_word_is_printed(resolved: Resolved, by: Evidence) -> None:
    decision = after_send(reference="7", resolved=resolved, evidence=by)
    assert decision.outcome == ("printed" if (resolved, by) == ("printed", "device") else "uncertain")


def test_a_printed_decision_names_its_evidence() -> None:
    decision = after_restart(intended=True, reference="7", resolved="printed", evidence="device")
    assert decision.evidence == {"by": "device", "reference": "7", "after": "restart"}


@pytest.mark.parametrize(
    ("suffix", "severity"), [("-report", "note"), ("-warning", "soon"), ("-error", "stopped")]
)
def test_a_reasons_suffix_rules_its_severity(
    suffix: str, severity: Literal["note", "soon", "stopped"]
) -> None:
    assert reason("media-low" + suffix).severity == severity


def test_a_reason_keeps_its_words_with_a_suffix() -> None:
    assert reason("media-low-error").message_id == REASONS["media-low"].message_id


def test_an_unknown_reason_without_a_suffix_counts_as_an_error() -> None:
    assert reason("gremlins").severity == "stopped"


def test_every_reason_is_said_in_two_languages() -> None:
    assert all(
        known.message_id and known.message_en and known.message_id != known.message_en
        for known in REASONS.values()
    )


def test_the_worst_reason_wins() -> None:
    assert worst(("none", "media-empty", "media-low")) == "stopped"


def test_no_reason_is_a_note() -> None:
    assert worst(()) == "note"

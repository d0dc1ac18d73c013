"""The crash table."""

from itertools import product

import pytest

from printer_agent.domain import after_restart, after_send
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

"""What a station decides, purely: the crash table, and what an IPP reason means for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from printer_agent.reasons import REASONS, UNKNOWN_REASON, Reason, Severity, reason, worst
from printer_agent.session import Evidence, Resolved

__all__ = [
    "REASONS",
    "UNKNOWN_REASON",
    "Decision",
    "Outcome",
    "Reason",
    "Severity",
    "after_restart",
    "after_send",
    "reason",
    "worst",
]

Outcome = Literal["printed", "uncertain", "released"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to say of an attempt that a crash left without an outcome."""

    outcome: Outcome
    evidence: Mapping[str, Any]


def after_restart(*, intended: bool, reference: str, resolved: Resolved, evidence: Evidence) -> Decision:
    """The crash table: printed only by the device's own word for something that was sent; everything else is uncertain.

    `intended`: the intent stood in the journal. Without it nothing was sent, yet only a person may say so now: the
    process that could have reported "not sent" is gone.
    """
    if intended and resolved == "printed" and evidence == "device":
        return Decision(
            outcome="printed", evidence={"by": "device", "reference": reference, "after": "restart"}
        )
    cause = "restarted_after_intent" if intended else "restarted_before_intent"
    return Decision(outcome="uncertain", evidence={"cause": cause, "resolved": resolved})


def after_send(*, reference: str, resolved: Resolved, evidence: Evidence) -> Decision:
    """After a send that returned: a spooler's "completed" is no evidence that a card came out."""
    outcome: Outcome = "printed" if resolved == "printed" and evidence == "device" else "uncertain"
    return Decision(outcome=outcome, evidence={"by": evidence, "reference": reference, "resolved": resolved})

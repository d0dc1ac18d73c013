"""What a station decides, purely: the crash table, and what an IPP reason means for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from printer_agent.session import Evidence, Resolved

Outcome = Literal["printed", "uncertain", "released"]
Severity = Literal["note", "soon", "stopped"]


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


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One of IPP's printer-state-reasons in our words. `stopped`: no card is sent while it lasts."""

    severity: Severity
    message_id: str
    message_en: str


REASONS: Mapping[str, Reason] = {
    "media-empty": Reason(severity="stopped", message_id="Blangko habis.", message_en="Out of blank cards."),
    "media-low": Reason(
        severity="soon", message_id="Blangko hampir habis.", message_en="Few blank cards left."
    ),
    "media-jam": Reason(severity="stopped", message_id="Kartu macet.", message_en="A card is jammed."),
    "cover-open": Reason(
        severity="stopped", message_id="Tutup printer terbuka.", message_en="The cover is open."
    ),
    "marker-supply-empty": Reason(severity="stopped", message_id="Pita habis.", message_en="Out of ribbon."),
    "marker-supply-low": Reason(
        severity="soon", message_id="Pita hampir habis.", message_en="Ribbon is low."
    ),
    "paused": Reason(severity="stopped", message_id="Printer dijeda.", message_en="The printer is paused."),
    "offline": Reason(
        severity="stopped", message_id="Printer tidak terhubung.", message_en="The printer is offline."
    ),
}

UNKNOWN_REASON = Reason(
    severity="note", message_id="Printer melaporkan sesuatu.", message_en="The printer reports something."
)


def reason(keyword: str) -> Reason:
    """The reason behind a keyword, with or without IPP's suffix (`-report`, `-warning`, `-error`)."""
    for suffix in ("-report", "-warning", "-error"):
        keyword = keyword.removesuffix(suffix)
    return REASONS.get(keyword, UNKNOWN_REASON)

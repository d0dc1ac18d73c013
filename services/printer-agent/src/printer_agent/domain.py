"""What a station decides, purely: the crash table, and what an IPP reason means for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    "none": Reason(severity="note", message_id="Tidak ada kendala.", message_en="Nothing to report."),
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
    "shutdown": Reason(
        severity="stopped", message_id="Printer mati.", message_en="The printer is switched off."
    ),
    "output-area-full": Reason(
        severity="stopped", message_id="Baki keluaran penuh.", message_en="The output tray is full."
    ),
    "spool-area-full": Reason(
        severity="stopped", message_id="Ruang simpan penuh.", message_en="The storage is full."
    ),
    "fuser-over-temp": Reason(
        severity="stopped",
        message_id="Printer terlalu panas, sedang didinginkan.",
        message_en="The printer is too hot and cools down.",
    ),
    "offline": Reason(
        severity="stopped", message_id="Printer tidak terhubung.", message_en="The printer is offline."
    ),
}

UNKNOWN_REASON = Reason(
    severity="stopped", message_id="Printer melaporkan sesuatu.", message_en="The printer reports something."
)
_SUFFIXES: Mapping[str, Severity] = {"-report": "note", "-warning": "soon", "-error": "stopped"}
_GRAVITY: Mapping[Severity, int] = {"note": 0, "soon": 1, "stopped": 2}


def reason(keyword: str) -> Reason:
    """The reason behind a keyword. IPP's suffix (`-report`, `-warning`, `-error`) rules its severity; an unknown one
    without a suffix counts as an error (RFC 8011, section 5.4.12).
    """
    for suffix, severity in _SUFFIXES.items():
        if keyword.endswith(suffix):
            return replace(REASONS.get(keyword.removesuffix(suffix), UNKNOWN_REASON), severity=severity)
    return REASONS.get(keyword, UNKNOWN_REASON)


def worst(keywords: Iterable[str]) -> Severity:
    """The gravest severity among them; a note where there is none."""
    severities: list[Severity] = ["note", *(reason(keyword).severity for keyword in keywords)]
    return max(severities, key=_GRAVITY.__getitem__)

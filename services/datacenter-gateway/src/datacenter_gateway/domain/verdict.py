"""What the centre's words mean for an application. Pure.

The tables are those of the centre's protocol. What nobody listed is never an approval: an officer looks at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backbone.contracts.gateway import Outcome
from backbone.contracts.intake import Reason

REFUSALS: Mapping[str, Outcome] = {
    "11": "in_review",  # recorded as deceased
    "12": "refused",  # two records: the person must have it resolved first
    "13": "needs_correction",  # unknown NIK
    "14": "in_review",  # inactive
    "15": "needs_correction",  # malformed NIK
}
"""Refusal codes; any other is for an officer."""

READY = frozenset({"PRINT_READY_RECORD"})
"""Printable for every reason."""

REPRINTABLE = frozenset({"SENT_FOR_CARD_PRINTING", "CARD_PRINTED", "CARD_SHIPPED", "CARD_ISSUED", "TUNGGAL"})
"""Printable where a card was issued before."""

STATUSES: Mapping[str, Outcome] = {
    **dict.fromkeys(
        (
            "BIO_CAPTURED",
            "PROCESSING",
            "SENT_FOR_ENROLLMENT",
            "RECEIVED_AT_CENTRAL",
            "SEARCH_FAILURE_AT_CENTRAL",
        ),
        "deferred",
    ),
    **dict.fromkeys(("ADJUDICATE_RECORD", "REQUEST_VALIDATION"), "in_review"),
    **dict.fromkeys(
        ("ENROLL_FAILURE_AT_CENTRAL", "ENROLL_FAILURE_AT_REGIONAL", "UNREGISTERED"), "needs_correction"
    ),
    "DUPLICATE_RECORD": "refused",
}
"""Card states that are not printable, by what follows."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome, the code that decided, and the applicant's fields at fault (intake's names)."""

    outcome: Outcome
    code: str
    elements: tuple[str, ...] = ()


def judge_refusal(code: str) -> Verdict:
    """A refusal by its two-digit code."""
    outcome = REFUSALS.get(code, "in_review")
    return Verdict(outcome=outcome, code=code, elements=("nik",) if outcome == "needs_correction" else ())


def judge_match(matches: Mapping[str, bool]) -> Verdict | None:
    """Whether the asked elements match: None if all do, else what must be corrected."""
    wrong = tuple(name for name, matched in matches.items() if not matched)
    return Verdict(outcome="needs_correction", code="mismatch", elements=wrong) if wrong else None


def judge_status(status: str, reason: Reason) -> Verdict:
    """The card's state in the national lifecycle, for one reason to print.

    A first issue whose card is under way or issued already is for an officer, as is a state that nobody listed.
    """
    if status in READY or (status in REPRINTABLE and reason != "first_issue"):
        return Verdict(outcome="approved", code=status)
    if status in STATUSES:
        return Verdict(outcome=STATUSES[status], code=status)
    return Verdict(outcome="in_review", code=status if status in REPRINTABLE else "unknown_status")

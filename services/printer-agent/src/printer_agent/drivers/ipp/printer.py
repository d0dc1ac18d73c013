"""What an IPP printer says of itself, in our words. Pure: attributes in, capabilities and health out."""

import re
from collections.abc import Mapping
from typing import Any

from printer_agent.reasons import worst
from printer_agent.session import Capabilities, Evidence, Health, Supply

Attributes = Mapping[str, Any]

PDF = "application/pdf"
ASKED = (
    "cups-version",
    "device-uri",
    "document-format-supported",
    "marker-levels",
    "marker-names",
    "marker-types",
    "media-col-ready",
    "media-ready",
    "media-supported",
    "pages-per-minute",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-state-reasons",
    "printer-type",
    "printer-up-time",
    "printer-uuid",
    "queued-job-count",
    "sides-supported",
)
STOPPED = 5
"""printer-state (RFC 8011, section 5.4.11)."""
TWO_SIDED = ("two-sided-long-edge", "two-sided-short-edge")
_OF_CUPS = ("cups-version", "device-uri", "printer-type")
_CARD = (53.98, 85.6)
"""ID-1, in millimetres, the shorter side first (ISO/IEC 7810)."""
_SIZE = re.compile(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$")
"""The end of a self-describing media name (PWG 5101.1)."""


def many(attributes: Attributes, name: str) -> tuple[Any, ...]:
    """All values of an attribute; pyipp gives a single one bare."""
    value = attributes.get(name)
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def capabilities(
    attributes: Attributes, *, evidence: Evidence | None, seconds_per_card: float
) -> Capabilities:
    """Given values hold; else: a queue of CUPS is a spooler, and the pace is the device's own."""
    pace = int(attributes.get("pages-per-minute") or 0)
    return Capabilities(
        evidence=evidence or ("spooler" if any(name in attributes for name in _OF_CUPS) else "device"),
        seconds_per_card=seconds_per_card or (60 / pace if pace > 0 else 0),
        accepts_pdf=PDF in many(attributes, "document-format-supported"),
        media=card_media((*many(attributes, "media-ready"), *many(attributes, "media-supported"))),
    )


def card_media(names: tuple[str, ...]) -> str | None:
    """The first media name of a card's size, within a millimetre."""
    return next((name for name in names if _is_card(name)), None)


def two_sided(attributes: Attributes) -> str | None:
    """What asks for both sides of one card, where the printer says it can."""
    return next((sides for sides in TWO_SIDED if sides in many(attributes, "sides-supported")), None)


def health(attributes: Attributes, *, busy: bool) -> Health:
    """`busy`: it has a job that is not ours."""
    said = tuple(str(word) for word in many(attributes, "printer-state-reasons") if word != "none")
    reasons = said + _ours(attributes) + (("busy",) if busy else ())
    if attributes.get("printer-state") == STOPPED and worst(reasons) != "stopped":
        reasons += ("paused",)
    return Health(
        state="stopped" if worst(reasons) == "stopped" else "ready",
        reasons=reasons,
        supplies=supplies(attributes),
    )


def supplies(attributes: Attributes) -> tuple[Supply, ...]:
    """Ribbon, film and the like. A level below 0 is "not known" (PWG 5100.9 by way of CUPS)."""
    names, kinds = many(attributes, "marker-names"), many(attributes, "marker-types")
    levels = many(attributes, "marker-levels")
    return tuple(
        Supply(
            kind=str(kinds[n] if n < len(kinds) else name),
            level=_level(levels[n]) if n < len(levels) else None,
        )
        for n, name in enumerate(names)
    )


def _level(said: Any) -> int | None:
    return said if isinstance(said, int) and said >= 0 else None


def _ours(attributes: Attributes) -> tuple[str, ...]:
    """What stands against printing a card here and is no printer-state-reason."""
    sides = many(attributes, "sides-supported")
    found = []
    if attributes.get("printer-is-accepting-jobs") is False:
        found.append("not-accepting-jobs")
    if PDF not in many(attributes, "document-format-supported"):
        found.append("document-format-unsupported")
    if sides and two_sided(attributes) is None:
        found.append("one-sided-only")
    return tuple(found)


def _is_card(name: str) -> bool:
    found = _SIZE.search(name)
    if found is None:
        return False
    scale = 25.4 if found[3] == "in" else 1.0
    sides = sorted((float(found[1]) * scale, float(found[2]) * scale))
    return all(abs(side - of_card) <= 1 for side, of_card in zip(sides, _CARD, strict=True))

"""What an IPP printer says of itself, read: capabilities, health, supplies, the card among its media."""

from typing import Any

import pytest

from printer_agent.drivers.ipp.printer import capabilities, card_media, health, two_sided
from printer_agent.session import Capabilities, Supply

READY: dict[str, Any] = {
    "document-format-supported": ["image/jpeg", "application/pdf"],
    "printer-state": 3,
    "printer-state-reasons": "none",
    "printer-is-accepting-jobs": True,
    "sides-supported": ["one-sided", "two-sided-long-edge"],
}


def _capabilities(**said: Any) -> Capabilities:
    return capabilities(READY | said, evidence=None, seconds_per_card=0)


def test_a_printers_completed_is_its_own_word() -> None:
    assert _capabilities().evidence == "device"


@pytest.mark.parametrize("attribute", ["cups-version", "device-uri", "printer-type"])
def test_a_queue_of_cups_is_a_spooler(attribute: str) -> None:
    assert _capabilities(**{attribute: "x"}).evidence == "spooler"


def test_a_setting_overrides_the_evidence() -> None:
    said = capabilities(READY | {"cups-version": "2.4"}, evidence="device", seconds_per_card=0)
    assert said.evidence == "device"


def test_the_pace_is_the_printers() -> None:
    assert _capabilities(**{"pages-per-minute": 2}).seconds_per_card == 30


def test_a_printer_that_names_no_pace_has_none() -> None:
    assert _capabilities().seconds_per_card == 0


def test_a_setting_overrides_the_pace() -> None:
    said = capabilities(READY | {"pages-per-minute": 2}, evidence=None, seconds_per_card=45)
    assert said.seconds_per_card == 45


def test_a_printer_of_pdf_says_so() -> None:
    assert _capabilities().accepts_pdf


def test_a_printer_of_rasters_only_takes_no_pdf() -> None:
    assert not _capabilities(**{"document-format-supported": "image/pwg-raster"}).accepts_pdf


def test_loaded_card_media_come_first() -> None:
    said = _capabilities(**{"media-supported": "iso_id-1_53.98x85.6mm", "media-ready": "om_card_54x86mm"})
    assert said.media == "om_card_54x86mm"


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("iso_id-1_53.98x85.6mm", True),
        ("custom_cr80_85.6x53.98mm", True),
        ("na_card_2.125x3.375in", True),
        ("iso_a4_210x297mm", False),
        ("iso_a7_74x105mm", False),
        ("card", False),
    ],
)
def test_a_card_is_known_by_its_size(name: str, fits: bool) -> None:
    assert (card_media((name,)) == name) is fits


def test_both_sides_are_asked_for_in_the_printers_word() -> None:
    assert two_sided({"sides-supported": "two-sided-short-edge"}) == "two-sided-short-edge"


def test_a_printer_without_trouble_is_ready() -> None:
    assert health(READY, busy=False).state == "ready"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"printer-state-reasons": "cover-open-error"}, "cover-open-error"),
        ({"printer-state-reasons": ["media-low", "media-empty"]}, "media-empty"),
        ({"printer-state": 5}, "paused"),
        ({"printer-is-accepting-jobs": False}, "not-accepting-jobs"),
        ({"document-format-supported": "image/jpeg"}, "document-format-unsupported"),
        ({"sides-supported": "one-sided"}, "one-sided-only"),
    ],
)
def test_what_stops_a_printer_is_among_its_reasons(said: dict[str, Any], reason: str) -> None:
    found = health(READY | said, busy=False)
    assert (found.state, reason in found.reasons) == ("stopped", True)


def test_somebody_elses_job_stops_it() -> None:
    assert health(READY, busy=True).reasons == ("busy",)


def test_a_stopped_printer_that_says_why_is_not_called_paused() -> None:
    said = READY | {"printer-state": 5, "printer-state-reasons": "media-jam"}
    assert health(said, busy=False).reasons == ("media-jam",)


@pytest.mark.parametrize("reason", ["media-low", "marker-supply-low-warning", "connecting-to-device"])
def test_what_does_not_stop_it_leaves_it_ready(reason: str) -> None:
    found = health(READY | {"printer-state-reasons": reason}, busy=False)
    assert (found.state, found.reasons) == ("ready", (reason,))


def test_a_printer_that_does_not_speak_of_sides_is_trusted() -> None:
    said = {name: value for name, value in READY.items() if name != "sides-supported"}
    assert health(said, busy=False).state == "ready"


def test_supplies_are_named_by_their_kind() -> None:
    said = {
        "marker-names": ["YMCKO", "Film"],
        "marker-types": ["ribbon", "transfer-unit"],
        "marker-levels": [40, 7],
    }
    assert health(READY | said, busy=False).supplies == (
        Supply(kind="ribbon", level=40),
        Supply(kind="transfer-unit", level=7),
    )


@pytest.mark.parametrize("level", [-1, -2, -3, None, "low"])
def test_a_level_that_is_not_known_is_none(level: object) -> None:
    said = {"marker-names": "Pita", "marker-levels": [level]}
    assert health(READY | said, busy=False).supplies == (Supply(kind="Pita", level=None),)


def test_a_supply_without_a_level_is_none() -> None:
    assert health(READY | {"marker-names": "Pita"}, busy=False).supplies == (Supply(kind="Pita", level=None),)

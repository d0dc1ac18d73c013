"""Every code and every status, as the protocol's tables map them."""

from typing import Any

import pytest

from datacenter_gateway.domain.verdict import judge_match, judge_refusal, judge_status


@pytest.mark.parametrize(
    ("code", "outcome", "elements"),
    [
        ("11", "in_review", ()),
        ("12", "refused", ()),
        ("13", "needs_correction", ("nik",)),
        ("14", "in_review", ()),
        ("15", "needs_correction", ("nik",)),
        ("08", "in_review", ()),
        ("00", "in_review", ()),
        ("unknown", "in_review", ()),
    ],
)
def test_a_refusal_means_what_the_table_says(code: str, outcome: str, elements: tuple[str, ...]) -> None:
    verdict = judge_refusal(code)
    assert (verdict.outcome, verdict.code, verdict.elements) == (outcome, code, elements)


def test_all_elements_matching_decide_nothing_yet() -> None:
    assert judge_match({"full_name": True, "birth_date": True}) is None


def test_a_mismatch_names_the_elements_at_fault() -> None:
    verdict = judge_match({"full_name": False, "birth_date": True, "sex": False})
    assert verdict is not None
    assert (verdict.outcome, verdict.elements) == ("needs_correction", ("full_name", "sex"))


STATUSES = [
    ("PRINT_READY_RECORD", "approved", "approved"),
    ("SENT_FOR_CARD_PRINTING", "approved", "in_review"),
    ("CARD_PRINTED", "approved", "in_review"),
    ("CARD_SHIPPED", "approved", "in_review"),
    ("CARD_ISSUED", "approved", "in_review"),
    ("TUNGGAL", "approved", "in_review"),
    ("BIO_CAPTURED", "deferred", "deferred"),
    ("PROCESSING", "deferred", "deferred"),
    ("SENT_FOR_ENROLLMENT", "deferred", "deferred"),
    ("RECEIVED_AT_CENTRAL", "deferred", "deferred"),
    ("SEARCH_FAILURE_AT_CENTRAL", "deferred", "deferred"),
    ("ADJUDICATE_RECORD", "in_review", "in_review"),
    ("REQUEST_VALIDATION", "in_review", "in_review"),
    ("ENROLL_FAILURE_AT_CENTRAL", "needs_correction", "needs_correction"),
    ("ENROLL_FAILURE_AT_REGIONAL", "needs_correction", "needs_correction"),
    ("UNREGISTERED", "needs_correction", "needs_correction"),
    ("DUPLICATE_RECORD", "refused", "refused"),
    ("", "in_review", "in_review"),
    ("SOMETHING_NEW", "in_review", "in_review"),
]


@pytest.mark.parametrize(("status", "reprint", "first"), STATUSES)
@pytest.mark.parametrize(
    "reason",
    ["lost", "damaged", "moved_in", "data_change", "foreigner_renewal", "outside_domicile", "first_issue"],
)
def test_a_status_means_what_the_table_says(status: str, reprint: str, first: str, reason: Any) -> None:
    assert judge_status(status, reason).outcome == (first if reason == "first_issue" else reprint)


def test_a_status_nobody_listed_is_not_passed_on() -> None:
    assert judge_status("2102014201909001", "lost").code == "unknown_status"

"""A card as a job: the reference in the journal, and what proves that a job is ours and done."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from printer_agent.drivers.ipp.job import Job, Reference

ONE, TWO = UUID(int=1), UUID(int=2)
REFERENCE = Reference(attempt_id=ONE, job_id=7, job_uuid="urn:uuid:a", printer_uuid="urn:uuid:p", up_time=5)
SAID: dict[str, Any] = {"job-id": 7, "job-uuid": "urn:uuid:a", "job-name": str(ONE), "job-state": 9}


def _job(**said: Any) -> Job:
    found = Job.of(SAID | {name.replace("_", "-"): value for name, value in said.items()})
    assert found is not None
    return found


def test_a_reference_is_read_as_it_was_written() -> None:
    assert Reference.read(REFERENCE.text) == REFERENCE


def test_a_reference_may_lack_what_the_printer_did_not_say() -> None:
    bare = Reference(attempt_id=ONE, job_id=7)
    assert Reference.read(bare.text) == bare


@pytest.mark.parametrize(
    "text", [str(ONE), "", "7", "[]", "{}", '{"attempt_id": "x", "job_id": 7}', '{"a": 1}']
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert Reference.read(text) is None


def test_completed_under_our_name_and_uuid_is_a_card() -> None:
    assert _job().shows_a_card(REFERENCE, answered=True)


@pytest.mark.parametrize("state", [3, 4, 5, 6, 7, 8])
def test_any_other_state_is_no_card(state: int) -> None:
    assert not _job(job_state=state).shows_a_card(REFERENCE, answered=True)


def test_another_name_under_our_id_is_no_card() -> None:
    assert not _job(job_name=str(TWO)).shows_a_card(REFERENCE, answered=True)


def test_another_uuid_under_our_id_and_name_is_no_card() -> None:
    assert not _job(job_uuid="urn:uuid:b").shows_a_card(REFERENCE, answered=True)


def test_a_job_that_lost_its_uuid_is_no_card() -> None:
    assert not _job(job_uuid=None).shows_a_card(REFERENCE, answered=True)


def test_a_printer_without_uuids_is_known_by_the_name() -> None:
    assert _job(job_uuid=None).shows_a_card(replace(REFERENCE, job_uuid=None), answered=True)


def test_completed_with_less_data_than_was_sent_is_no_card() -> None:
    assert not _job(job_k_octets=9).shows_a_card(replace(REFERENCE, kilobytes=10), answered=True)


def test_completed_with_all_data_is_a_card() -> None:
    assert _job(job_k_octets=10).shows_a_card(replace(REFERENCE, kilobytes=10), answered=True)


def test_without_an_answer_the_printers_count_of_the_data_must_say_that_it_came() -> None:
    assert not _job(job_k_octets=0).shows_a_card(replace(REFERENCE, kilobytes=10), answered=False)


def test_without_an_answer_a_full_count_is_enough() -> None:
    assert _job(job_k_octets=10).shows_a_card(replace(REFERENCE, kilobytes=10), answered=False)


def test_a_printer_that_does_not_count_data_is_believed() -> None:
    assert _job(job_k_octets=0).shows_a_card(replace(REFERENCE, kilobytes=10), answered=True)


@pytest.mark.parametrize(("state", "lives"), [(3, True), (6, True), (7, False), (8, False), (9, False)])
def test_a_job_lives_until_it_is_canceled_aborted_or_completed(state: int, lives: bool) -> None:
    assert _job(job_state=state).lives is lives


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({"job_state": 4}, True),
        ({"job_state": 3, "job_state_reasons": "job-incoming"}, True),
        ({"job_state": 3, "job_state_reasons": ["job-data-insufficient", "none"]}, True),
        ({"job_state": 5, "job_state_reasons": "job-printing"}, False),
        ({"job_state": 3}, False),
    ],
)
def test_a_held_or_incoming_job_lacks_data(said: dict[str, Any], lacks: bool) -> None:
    assert _job(**said).lacks_data is lacks


@pytest.mark.parametrize("missing", ["job-id", "job-state"])
def test_an_answer_that_does_not_say_which_job_is_no_job(missing: str) -> None:
    assert Job.of({name: value for name, value in SAID.items() if name != missing}) is None

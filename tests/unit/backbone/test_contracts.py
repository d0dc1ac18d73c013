"""The wire: every message's name and JSON shape as published.

A change here is a change of the public surface: other programs rely on it.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from backbone.contracts.gateway import (
    CalendarsChanged,
    VerificationAnswered,
    VerificationReturned,
    WindowChanged,
)
from backbone.contracts.intake import (
    ApplicationCollected,
    ApplicationReceived,
    CorrectionSubmitted,
    ReopeningRequested,
    WithdrawalRequested,
)
from backbone.contracts.message import Message
from backbone.contracts.scheduler import (
    ApplicationRanked,
    ApplicationStatus,
    ApprovalSpent,
    StationLook,
    VerificationRequested,
)
from backbone.contracts.station import Hello, Report, VerifiedRecord
from backbone.topology import CONTRACTS, contract

AT = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
WHEN, ID_A, ID_B = "2018-06-29T00:30:00Z", str(A), str(B)

PUBLISHED: list[tuple[Message, str, str, dict[str, Any]]] = [
    (
        ApplicationReceived(
            application_id=A,
            office="21.02",
            reason="first_issue",
            district_code="21.02.03",
            received_at=AT,
            receipt_number="2102-7K3F-9QXM-4",
            sealed=b"\xff\xfe",
            source="kiosk",
        ),
        "application.received.v1",
        ID_A,
        {
            "application_id": ID_A,
            "office": "21.02",
            "reason": "first_issue",
            "district_code": "21.02.03",
            "received_at": WHEN,
            "receipt_number": "2102-7K3F-9QXM-4",
            "sealed": "__4=",
            "source": "kiosk",
        },
    ),
    (
        WithdrawalRequested(application_id=A, actor="ana", reason="moved away", requested_at=AT),
        "application.withdrawal_requested.v1",
        ID_A,
        {"application_id": ID_A, "actor": "ana", "reason": "moved away", "requested_at": WHEN},
    ),
    (
        CorrectionSubmitted(
            application_id=A,
            version=2,
            actor="ana",
            note="name",
            sealed=b"sealed",
            reason="lost",
            district_code="21.02.03",
            submitted_at=AT,
        ),
        "application.corrected.v1",
        ID_A,
        {
            "application_id": ID_A,
            "version": 2,
            "actor": "ana",
            "note": "name",
            "sealed": "c2VhbGVk",
            "reason": "lost",
            "district_code": "21.02.03",
            "submitted_at": WHEN,
        },
    ),
    (
        ReopeningRequested(application_id=A, seq=7, actor="ana", reason="objection", requested_at=AT),
        "application.reopening_requested.v1",
        ID_A,
        {"application_id": ID_A, "seq": 7, "actor": "ana", "reason": "objection", "requested_at": WHEN},
    ),
    (
        ApplicationCollected(application_id=A, actor="ana", collected_at=AT),
        "application.collected.v1",
        ID_A,
        {"application_id": ID_A, "actor": "ana", "collected_at": WHEN},
    ),
    (
        VerificationRequested(
            application_id=A,
            round=1,
            office="21.02",
            account="default",
            reason="damaged",
            sealed=b"sealed",
            requested_at=AT,
        ),
        "verification.requested.v1",
        ID_A,
        {
            "application_id": ID_A,
            "round": 1,
            "office": "21.02",
            "account": "default",
            "reason": "damaged",
            "sealed": "c2VhbGVk",
            "requested_at": WHEN,
            "blanks": None,
        },
    ),
    (
        ApplicationStatus(application_id=A, epoch=0, seq=3, state="waiting", cause="accepted", at=AT),
        "application.status.v1",
        ID_A,
        {
            "application_id": ID_A,
            "epoch": 0,
            "seq": 3,
            "state": "waiting",
            "cause": "accepted",
            "at": WHEN,
            "due_at": None,
            "elements": [],
        },
    ),
    (
        ApplicationRanked(application_id=A, rank_at=AT, place=5, lane_place=2, policy_version=1, at=AT),
        "application.ranked.v1",
        ID_A,
        {
            "application_id": ID_A,
            "rank_at": WHEN,
            "place": 5,
            "lane_place": 2,
            "policy_version": 1,
            "at": WHEN,
        },
    ),
    (StationLook(station="2102-1"), "station.look.v1", "2102-1", {"station": "2102-1"}),
    (
        ApprovalSpent(approval_id=B, application_id=A, cause="printed", at=AT),
        "approval.spent.v1",
        ID_A,
        {"approval_id": ID_B, "application_id": ID_A, "cause": "printed", "at": WHEN},
    ),
    (
        VerificationAnswered(
            application_id=A, round=1, outcome="refused", code="x", elements=("NIK",), at=AT
        ),
        "verification.answered.v1",
        ID_A,
        {
            "application_id": ID_A,
            "round": 1,
            "outcome": "refused",
            "code": "x",
            "elements": ["NIK"],
            "approval_id": None,
            "approved_until": None,
            "at": WHEN,
        },
    ),
    (
        VerificationReturned(application_id=A, round=1, cause="window", at=AT),
        "verification.returned.v1",
        ID_A,
        {"application_id": ID_A, "round": 1, "cause": "window", "at": WHEN},
    ),
    (
        WindowChanged(
            account="default",
            version=4,
            state="closed",
            cause="hours",
            closes_at=None,
            opens_at=AT,
            calls_per_hour=900.5,
            quota_left=None,
            call_seconds=0.2,
            approval_hours=24,
            at=AT,
        ),
        "window.changed.v1",
        "default",
        {
            "account": "default",
            "version": 4,
            "state": "closed",
            "cause": "hours",
            "closes_at": None,
            "opens_at": WHEN,
            "calls_per_hour": 900.5,
            "quota_left": None,
            "call_seconds": 0.2,
            "approval_hours": 24.0,
            "at": WHEN,
        },
    ),
    (
        CalendarsChanged(version=1, calendars={"counter": {}}, at=AT),
        "window.calendars.v1",
        "calendars",
        {"version": 1, "calendars": {"counter": {}}, "at": WHEN},
    ),
]
EACH = pytest.mark.parametrize(
    ("message", "name", "subject", "shape"), PUBLISHED, ids=[p[1] for p in PUBLISHED]
)
HELLO = {"run": 1}


def test_every_contract_is_published_here() -> None:
    assert {name for _, name, _, _ in PUBLISHED} == set(CONTRACTS)


@EACH
def test_a_message_keeps_its_name_and_shape(
    message: Message, name: str, subject: str, shape: dict[str, Any]
) -> None:
    assert (message.TYPE, json.loads(message.model_dump_json())) == (name, shape)


@EACH
def test_a_message_tells_what_it_is_about(
    message: Message, name: str, subject: str, shape: dict[str, Any]
) -> None:
    assert message.subject() == subject


@EACH
def test_a_message_comes_back_as_it_was(
    message: Message, name: str, subject: str, shape: dict[str, Any]
) -> None:
    assert contract(name).model_validate_json(json.dumps(shape)) == message


@EACH
def test_a_newer_publishers_field_is_ignored(
    message: Message, name: str, subject: str, shape: dict[str, Any]
) -> None:
    assert contract(name).model_validate({**shape, "invented_later": 1}) == message


def test_a_message_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PUBLISHED[0][0].office = "21.03"  # type: ignore[attr-defined]  # what a mistaken caller would do


def test_a_message_about_nothing_has_an_empty_subject() -> None:
    class Pinged(Message):
        TYPE = "test.pinged.v1"

    assert (Pinged().subject(), Pinged().routing_key()) == ("", "test.pinged")


@pytest.mark.parametrize("values", [{"evidence": "guess"}, {"printer": "dancing"}, {"run": None}])
def test_a_station_says_hello_in_known_words(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Hello.model_validate({**HELLO, **values})


def test_a_hello_needs_its_run_alone() -> None:
    assert Hello.model_validate(HELLO).fence_seen == 0


@pytest.mark.parametrize("state", ["armed", "spoiled", "reserved"])
def test_a_station_cannot_report_what_only_the_office_decides(state: str) -> None:
    with pytest.raises(ValidationError, match="state"):
        Report.model_validate({"station": "s", "fence": 1, "run": 1, "nonce": A, "state": state})


def test_a_persons_record_does_not_show_in_text() -> None:
    values: dict[str, Any] = dict.fromkeys(VerifiedRecord.model_fields, "SPESIMEN") | {"approval_id": B}
    record = VerifiedRecord.model_construct(**values)
    assert (str(record), repr(record)) == (f"VerifiedRecord(approval_id={ID_B})",) * 2

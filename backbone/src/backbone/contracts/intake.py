"""Published by intake."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from backbone.contracts.message import Message

Reason = Literal[
    "first_issue", "lost", "damaged", "moved_in", "data_change", "foreigner_renewal", "outside_domicile"
]


class ApplicationReceived(Message):
    """An application is durably stored. `sealed` is opaque to all but the gateway."""

    TYPE: ClassVar[str] = "application.received.v1"
    application_id: UUID
    office: str
    reason: Reason
    district_code: str
    received_at: datetime
    receipt_number: str
    sealed: bytes
    source: Literal["kiosk", "counter", "import"]


class WithdrawalRequested(Message):
    """The applicant asks to withdraw; the scheduler's state decides whether it is still in time."""

    TYPE: ClassVar[str] = "application.withdrawal_requested.v1"
    application_id: UUID
    actor: str
    reason: str
    requested_at: datetime


class CorrectionSubmitted(Message):
    """The applicant's data were corrected (re-sealed); reason or district may have changed with them."""

    TYPE: ClassVar[str] = "application.corrected.v1"
    application_id: UUID
    version: int
    actor: str
    note: str
    sealed: bytes
    reason: Reason
    district_code: str
    submitted_at: datetime


class ReopeningRequested(Message):
    """A supervisor reopens a closed case; the person has no other open one. It counts only where `seq` is still the case's."""

    TYPE: ClassVar[str] = "application.reopening_requested.v1"
    application_id: UUID
    seq: int
    actor: str
    reason: str
    requested_at: datetime


class ApplicationCollected(Message):
    """The card was handed over."""

    TYPE: ClassVar[str] = "application.collected.v1"
    application_id: UUID
    actor: str
    collected_at: datetime

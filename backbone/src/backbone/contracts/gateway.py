"""Published by the data-centre gateway."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from backbone.contracts.message import Message

Outcome = Literal["approved", "needs_correction", "in_review", "refused", "deferred"]


class VerificationAnswered(Message):
    """The centre's word on one request. An approval carries its id and its end; others the code that decided."""

    TYPE: ClassVar[str] = "verification.answered.v1"
    application_id: UUID
    round: int
    outcome: Outcome
    code: str
    elements: tuple[str, ...] = ()
    approval_id: UUID | None = None
    approved_until: datetime | None = None
    at: datetime


class VerificationReturned(Message):
    """Not asked: the request goes back to its place. No answer counts as not asked (both calls are reads)."""

    TYPE: ClassVar[str] = "verification.returned.v1"
    application_id: UUID
    round: int
    cause: str
    at: datetime


class WindowChanged(Message):
    """What an account may do now, and until when. `version` grows with every change of the account."""

    TYPE: ClassVar[str] = "window.changed.v1"
    account: str
    version: int
    state: Literal["open", "closed", "outage", "quota", "credentials"]
    cause: str
    closes_at: datetime | None
    opens_at: datetime | None
    calls_per_hour: float | None
    quota_left: int | None
    call_seconds: float
    approval_hours: float
    at: datetime

    def subject(self) -> str:
        return self.account


class CalendarsChanged(Message):
    """The three calendars whole, as `backbone.calendar` writes them, for one office prefix and all below it."""

    TYPE: ClassVar[str] = "window.calendars.v1"
    version: int
    calendars: dict[str, Any]
    at: datetime

    def subject(self) -> str:
        return "calendars"

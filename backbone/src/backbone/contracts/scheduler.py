"""Published by the scheduler."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from backbone.contracts.intake import Reason
from backbone.contracts.message import Message

State = Literal[
    "waiting",
    "deferred",
    "verifying",
    "approved",
    "printing",
    "printed",
    "needs_correction",
    "in_review",
    "refused",
    "withdrawn",
    "lapsed",
]


class VerificationRequested(Message):
    """Released just in time: ask the centre about this application. `round` tells a stale answer from a fresh one.

    `blanks`: what the office has to print on, its weight among the offices of one account; None where the question is
    repeated, whose turn has been.
    """

    TYPE: ClassVar[str] = "verification.requested.v1"
    application_id: UUID
    round: int
    office: str
    account: str
    reason: Reason
    sealed: bytes
    requested_at: datetime
    blanks: int | None = None


class ApplicationStatus(Message):
    """The state of one application changed; (epoch, seq) orders the statuses of one application."""

    TYPE: ClassVar[str] = "application.status.v1"
    application_id: UUID
    epoch: int
    seq: int
    state: State
    cause: str
    at: datetime
    due_at: datetime | None = None
    elements: tuple[str, ...] = ()


class ApplicationRanked(Message):
    """Where an application stands, told when it is accepted and when its own rank changes."""

    TYPE: ClassVar[str] = "application.ranked.v1"
    application_id: UUID
    rank_at: datetime
    place: int
    lane_place: int
    policy_version: int
    at: datetime


class StationLook(Message):
    """Wakes one station: there may be a job. The truth is the station's job list."""

    TYPE: ClassVar[str] = "station.look.v1"
    station: str

    def routing_key(self) -> str:
        return f"station.{self.station}.look"

    def subject(self) -> str:
        return self.station


class ApprovalSpent(Message):
    """An approval serves no more: its record can be erased."""

    TYPE: ClassVar[str] = "approval.spent.v1"
    approval_id: UUID
    application_id: UUID
    cause: Literal["printed", "expired", "withdrawn", "superseded"]
    at: datetime

"""A request on its way to the centre."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backbone.contracts.intake import Reason


@dataclass(frozen=True, kw_only=True)
class Started:
    """A claimed request whose call has started, at `at` by the database's clock."""

    application_id: UUID
    round: int
    office: str
    reason: Reason
    sealed: bytes = field(repr=False)
    claim: UUID
    at: datetime
    probation: bool
    quota_left: int | None
    approval_hours: float
    others: bool
    """Whether the account had other requests when this call started."""


class GivenBack(Exception):
    """The request is no longer ours to ask: it was returned, or a later round took its place."""

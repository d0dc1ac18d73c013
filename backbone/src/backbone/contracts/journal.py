"""A station's journal as it tells it to the scheduler: after a restore of the database, and for the audit."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from backbone.contracts.message import Wire

PAGE = 200


class JournalEntry(Wire):
    """One attempt from the question to arm until its outcome; with `intended_at` a card may be in the world."""

    attempt_id: UUID
    application_id: UUID
    approval_id: UUID | None = None
    receipt_number: str = ""
    fence: int
    nonce: UUID
    run: int
    intended_at: AwareDatetime | None = None
    reference: str | None = None
    outcome: Literal["printed", "uncertain", "released"] | None = None
    evidence: dict[str, Any] = Field(default_factory=dict)
    outcome_at: AwareDatetime | None = None


class JournalPage(Wire):
    """Some entries, told for an office's `epoch` by a station's newest `run`; with `last` the journal is told whole."""

    epoch: int
    run: int
    entries: tuple[JournalEntry, ...] = Field(default=(), max_length=PAGE)
    last: bool


class JournalTaken(Wire):
    """`entries`: how many the scheduler now holds of this station."""

    epoch: int
    entries: int
    complete: bool

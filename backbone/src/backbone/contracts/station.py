"""What a printer station says to the scheduler and the gateway over HTTP, and hears back."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from backbone.contracts.message import Wire

AttemptState = Literal["reserved", "armed", "uncertain", "printed", "spoiled", "released"]


class Hello(Wire):
    """A station reports itself: at start with a new `run`, then as heartbeat. `fence_seen` is the highest it knows.

    `process` is a fresh id of its process. `knows_more`: its journal has sent a card that the office still has as reserved:
    the database was restored. `gave_up`: armed attempts of which its journal knows nothing (its machine was replaced).
    """

    run: int
    fence_seen: int = 0
    evidence: Literal["device", "spooler"] = "device"
    printer: Literal["ready", "stopped"] = "ready"
    printer_reasons: tuple[str, ...] = ()
    pause: str | None = None
    knows_more: bool = False
    gave_up: tuple[UUID, ...] = ()
    process: UUID | None = None


class HelloAnswer(Wire):
    """`printing_until`/`printing_from`: the printing calendar around now, so that a shut station can sleep.

    `journal_wanted`: the office's database was restored into `epoch`, and this station has not told its journal since.
    """

    station: str
    state: Literal["running", "paused", "lost", "retired"]
    reason: str
    recovering: bool
    printing_until: datetime | None
    printing_from: datetime | None
    now: datetime
    epoch: int = 1
    journal_wanted: bool = False


class Job(Wire):
    """One reserved attempt, oldest fence first; `ticket` opens the record at the gateway for a short time."""

    attempt_id: UUID
    application_id: UUID
    approval_id: UUID
    receipt_number: str
    office: str
    district_code: str
    reason: str
    fence: int
    n: int
    state: AttemptState
    ticket: str


class Jobs(Wire):
    jobs: tuple[Job, ...]


class Arm(Wire):
    station: str
    fence: int
    run: int
    nonce: UUID


class Armed(Wire):
    attempt_id: UUID
    armed_at: datetime


class Report(Wire):
    """An attempt's outcome as the station journaled it. `released` only by the same run, before intent.

    `blank_serial` where the printer reads it. A used or unknown one is refused (409 `blank-serial-refused`) and the same
    outcome is to be reported again without it.
    """

    station: str
    fence: int
    run: int
    nonce: UUID
    state: Literal["printed", "uncertain", "released"]
    evidence: dict[str, Any] = Field(default_factory=dict)
    blank_serial: str | None = None


class Recorded(Wire):
    """`jobs`: the station's jobs as they then stand, so that it need not ask before its next card; None: ask."""

    attempt_id: UUID
    state: AttemptState
    incident: bool = False
    jobs: tuple[Job, ...] | None = None


class VerifiedRecord(Wire):
    """A person's record as the centre gave it, for one card. Its text never reaches a log: `repr` is masked."""

    approval_id: UUID
    application_id: UUID
    nik: str
    full_name: str
    birth_place: str
    birth_date: date
    sex: Literal["M", "F"]
    blood_type: str
    address: str
    rt: str
    rw: str
    village: str
    district: str
    regency: str
    province: str
    religion: str
    marital_status: str
    occupation: str
    photo: bytes | None = None
    signature: bytes | None = None
    approved_until: datetime

    def __repr__(self) -> str:
        return f"VerifiedRecord(approval_id={self.approval_id})"

    __str__ = __repr__

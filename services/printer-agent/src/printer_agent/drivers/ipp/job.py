"""One card as a job of an IPP printer: the reference that the journal keeps, and what the printer says of it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

ASKED = (
    "job-id",
    "job-k-octets",
    "job-name",
    "job-originating-user-name",
    "job-state",
    "job-state-reasons",
    "job-uuid",
)
COMPLETED = 9
"""job-state (RFC 8011, section 5.3.7): 7 canceled, 8 aborted, 9 completed; below 7 it lives."""
LIVES_BELOW = 7
HELD = 4
PROCESSING = 5
WANTS_DATA = frozenset(("job-incoming", "job-data-insufficient"))


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The printer's names for a send. `job_id` may be used again for another card, `job_uuid` may not.

    `printer_uuid` and `up_time` (seconds) tell a person which device it was, and whether it has restarted since.
    """

    attempt_id: UUID
    job_id: int
    job_uuid: str | None = None
    printer_uuid: str | None = None
    up_time: int | None = None
    kilobytes: int = 0

    @property
    def text(self) -> str:
        """As the journal keeps it: JSON without what is not known."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(known | {"attempt_id": str(self.attempt_id)})

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no reference: an attempt id, or what another driver wrote."""
        try:
            known = json.loads(text)
            return cls(**(known | {"attempt_id": UUID(known["attempt_id"])}))
        except (ValueError, TypeError, KeyError):
            return None


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as the printer tells of it. `kilobytes`: the data it took, 0 where it does not say; `user`: whose it is."""

    job_id: int
    job_uuid: str | None
    name: str
    state: int
    reasons: tuple[str, ...]
    kilobytes: int
    user: str | None

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Self | None:
        """None where it does not even say which job it is, or in what state."""
        if "job-id" not in attributes or "job-state" not in attributes:
            return None
        reasons = attributes.get("job-state-reasons") or []
        return cls(
            job_id=int(attributes["job-id"]),
            job_uuid=attributes.get("job-uuid"),
            name=str(attributes.get("job-name", "")),
            state=int(attributes["job-state"]),
            reasons=tuple(reasons) if isinstance(reasons, list) else (str(reasons),),
            kilobytes=int(attributes.get("job-k-octets") or 0),
            user=attributes.get("job-originating-user-name"),
        )

    @property
    def lives(self) -> bool:
        return self.state < LIVES_BELOW

    @property
    def lacks_data(self) -> bool:
        """Held for data that has not come, or not all of it."""
        return self.state == HELD or not WANTS_DATA.isdisjoint(self.reasons)

    def is_of(self, reference: Reference) -> bool:
        """Whether it is our card's: our name on it, and the uuid that the printer gave it at first."""
        if self.name != str(reference.attempt_id):
            return False
        return reference.job_uuid is None or self.job_uuid == reference.job_uuid

    def shows_a_card(self, reference: Reference, *, answered: bool) -> bool:
        """Completed, and of all the data: a document that was cut short may end "completed" too.

        `answered`: the printer told this very run that it took the data; else its count must say so.
        """
        counted = self.kilobytes > 0 and reference.kilobytes > 0
        whole = self.kilobytes >= reference.kilobytes if counted else answered
        return self.is_of(reference) and self.state == COMPLETED and whole

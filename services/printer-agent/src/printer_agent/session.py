"""What a card printer looks like to the agent: one *card session*, whatever stands behind it.

Errors:
    SessionError
    ├── NotSent         nothing was sent, for certain
    └── SendUncertain   nobody can know whether a card came out; a person has to look
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol
from uuid import UUID

Evidence = Literal["device", "spooler"]
Resolved = Literal["printed", "not_printed", "unknown"]
Created = Callable[[str], Awaitable[None]]
"""Told the device's reference after the device has made the job and before the card's data is sent."""


class SessionError(RuntimeError):
    """The printer did not say that it took the card."""


class NotSent(SessionError):
    """Nothing was sent, for certain."""


class SendUncertain(SessionError):
    """Nobody can know whether a card came out."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What stands on one card. Its `repr` shows no personal data.

    Text as the centre gave it; dates are calendar dates at the office; images are JPEG. `sex` is M or F.
    """

    attempt_id: UUID
    receipt_number: str
    nik: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_place: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Literal["M", "F"] = field(repr=False)
    blood_type: str = field(repr=False)
    address: str = field(repr=False)
    rt: str = field(repr=False)
    rw: str = field(repr=False)
    village: str = field(repr=False)
    district: str = field(repr=False)
    regency: str = field(repr=False)
    province: str = field(repr=False)
    religion: str = field(repr=False)
    marital_status: str = field(repr=False)
    occupation: str = field(repr=False)
    nationality: str = field(default="WNI", repr=False)
    valid_until: str = field(default="SEUMUR HIDUP", repr=False)
    issued_at_place: str = field(repr=False)
    issued_on: date = field(repr=False)
    photo: bytes | None = field(default=None, repr=False)
    signature: bytes | None = field(default=None, repr=False)
    specimen: bool


@dataclass(frozen=True, kw_only=True)
class PreparedCard:
    """A card ready to be sent: all that can fail slowly or loudly is behind it. `document` is what the device takes."""

    attempt_id: UUID
    document: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """`evidence`: whether "completed" is the device's own word or only a spooler's. `seconds_per_card`: its pace.

    `media`: the device's name for a card where it has one (IPP `media`).
    """

    evidence: Evidence
    seconds_per_card: float
    accepts_pdf: bool = True
    media: str | None = None


@dataclass(frozen=True, kw_only=True)
class Supply:
    """One consumable, by IPP's `marker-types` or `media`. `level` in percent; None where the device does not say."""

    kind: str
    level: int | None


@dataclass(frozen=True, kw_only=True)
class Health:
    """Whether the printer would take a card now, and why not: IPP `printer-state-reasons` keywords, and ours.

    `reasons.reason(keyword)` says each in words.
    """

    state: Literal["ready", "stopped"]
    reasons: tuple[str, ...] = ()
    supplies: tuple[Supply, ...] = ()


class CardSession(Protocol):
    """One printer. `prepare` comes before arm, `submit` after the journaled intent."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def health(self) -> Health: ...

    async def prepare(self, card: Card) -> PreparedCard:
        """Everything that can be done before arm. Raises card_face.Unprintable; has no effect at the device."""

    async def submit(self, prepared: PreparedCard, attempt_id: UUID, created: Created | None = None) -> str:
        """Send exactly once, never retry. The device's reference. Raises SendUncertain or NotSent.

        `created` is called at most once, with the same reference, before the data goes; what it raises ends the send
        before any data went. A device without a reference of its own does not call it.
        """

    async def resolve(self, reference: str) -> Resolved:
        """What became of a send. An attempt id serves where the reference was lost. "unknown" is a normal answer."""

    async def cancel(self, reference: str) -> bool:
        """Ask the device to drop it. False: too late, a normal answer."""

    def events(self) -> AsyncIterator[Health]:
        """The health now, and again after each change; ends only with its reader."""

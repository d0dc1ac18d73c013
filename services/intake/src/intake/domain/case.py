"""What an applicant is told about a case: a few plain states, who must act, and what to bring. Pure tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from backbone.contracts.intake import Reason

Who = Literal["office", "data_centre", "applicant", "nobody"]

CLOSED_STATES: Final = ("collected", "refused", "withdrawn", "lapsed")
"""The person may apply again. `received` and `collected` are intake's, the others the scheduler's."""


REOPENABLE: Final = ("refused", "lapsed")
"""What a supervisor may open again; what was withdrawn or collected is over."""

REOPENING: Final = "reopening_requested"
"""The cause of a reopened case's state until the scheduler has spoken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicState:
    """A state in plain words. `name` is stable; several inner states share one."""

    name: str
    who_acts: Who
    words_id: str
    words_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bring:
    words_id: str
    words_en: str


QUEUED: Final = PublicState(
    name="queued",
    who_acts="office",
    words_id="Permohonan Anda sudah diterima dan menunggu giliran.",
    words_en="Your application has been received and waits for its turn.",
)
CHECKING: Final = PublicState(
    name="checking",
    who_acts="data_centre",
    words_id="Data Anda sedang diperiksa di pusat data kependudukan.",
    words_en="Your data are being checked at the national data centre.",
)
REVIEW: Final = PublicState(
    name="in_review",
    who_acts="office",
    words_id="Petugas sedang memeriksa permohonan Anda.",
    words_en="An officer is looking at your application.",
)
PRINTING: Final = PublicState(
    name="printing",
    who_acts="office",
    words_id="Data Anda sudah disetujui; kartu Anda sedang menuju pencetakan.",
    words_en="Your data have been approved; your card is on its way through printing.",
)
READY: Final = PublicState(
    name="ready",
    who_acts="applicant",
    words_id="Kartu Anda sudah dicetak. Silakan diambil di kantor.",
    words_en="Your card has been printed. Please collect it at the office.",
)
ACT: Final = PublicState(
    name="action_needed",
    who_acts="applicant",
    words_id="Ada data yang harus diperbaiki. Silakan datang ke kantor.",
    words_en="Some of your data must be corrected. Please come to the office.",
)
COLLECTED: Final = PublicState(
    name="collected",
    who_acts="nobody",
    words_id="Kartu Anda sudah diambil.",
    words_en="Your card has been collected.",
)
REFUSED: Final = PublicState(
    name="refused",
    who_acts="nobody",
    words_id="Permohonan ini tidak dapat dipenuhi. Tanyakan sebabnya di kantor.",
    words_en="This application cannot be granted. Please ask the office for the cause.",
)
WITHDRAWN: Final = PublicState(
    name="withdrawn",
    who_acts="nobody",
    words_id="Permohonan ini sudah ditarik kembali.",
    words_en="This application has been withdrawn.",
)
LAPSED: Final = PublicState(
    name="lapsed",
    who_acts="nobody",
    words_id="Permohonan ini gugur karena tenggatnya lewat. Silakan mengajukan yang baru.",
    words_en="This application has lapsed because its term ended. You may apply again.",
)

PUBLIC_STATES: Final[Mapping[str, PublicState]] = {
    "received": QUEUED,
    "waiting": QUEUED,
    "deferred": QUEUED,
    "verifying": CHECKING,
    "in_review": REVIEW,
    "approved": PRINTING,
    "printing": PRINTING,
    "printed": READY,
    "needs_correction": ACT,
    "collected": COLLECTED,
    "refused": REFUSED,
    "withdrawn": WITHDRAWN,
    "lapsed": LAPSED,
}

_RECEIPT: Final = Bring(words_id="Bukti pendaftaran ini", words_en="This receipt")
_FAMILY_CARD: Final = Bring(words_id="Kartu Keluarga", words_en="Your family card")
_OLD_CARD: Final = Bring(
    words_id="KTP-el yang lama, untuk ditukar", words_en="Your old card, to be exchanged"
)
_POLICE_REPORT: Final = Bring(
    words_id="Surat kehilangan dari kepolisian", words_en="The police report of the loss"
)
_NO_OLD_CARD: Final = frozenset({"first_issue", "lost"})


def to_bring(state: PublicState, reason: Reason) -> tuple[Bring, ...]:
    """What the applicant brings to the office now; nothing where nothing is asked of the applicant."""
    if state is ACT:
        return (_RECEIPT, _FAMILY_CARD)
    if state is not READY:
        return ()
    if reason not in _NO_OLD_CARD:
        return (_RECEIPT, _OLD_CARD)
    return (_RECEIPT, _POLICE_REPORT) if reason == "lost" else (_RECEIPT,)

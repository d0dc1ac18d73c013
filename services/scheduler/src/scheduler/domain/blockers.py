"""Why a card waits: every reason at once, who owns it, when it clears at the earliest. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Owner = Literal["centre", "office", "operator", "supervisor", "applicant", "officer", "supplier", "nobody"]


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One reason. `clears_at`: the earliest moment it can end, None where nobody can say."""

    code: str
    owner: Owner
    message_id: str
    message_en: str
    clears_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known of one application and its office. Counts are of the office, moments in UTC."""

    now: datetime
    state: str
    place: int
    centre_state: str
    centre_opens_at: datetime | None
    printing_opens_at: datetime | None
    stations_running: int
    stations_seen: int
    stations_uncertain: int
    blanks: int
    next_delivery: datetime | None
    suspended: bool
    suspended_until: datetime | None
    due_at: datetime | None
    frozen_by: int | None
    stations_stopped: int = 0
    recovering: bool = False
    print_needs_centre: bool = False


CENTRE_TEXTS = {
    "closed": ("Pusat data sedang tutup.", "The data centre is closed."),
    "outage": ("Pusat data sedang tidak menjawab.", "The data centre does not answer."),
    "quota": ("Kuota pusat data hari ini sudah habis.", "Today's quota at the data centre is used up."),
    "credentials": (
        "Pusat data menolak sandi kantor ini.",
        "The data centre refuses this office's credentials.",
    ),
    "unknown": ("Gerbang pusat data belum melapor.", "The gateway has not reported yet."),
}

CLOSED_TEXTS: dict[str, tuple[Owner, str, str]] = {
    "refused": (
        "supervisor",
        "Permohonan ini ditolak; hanya penyelia dapat membukanya kembali.",
        "This application was refused; only a supervisor may reopen it.",
    ),
    "lapsed": (
        "supervisor",
        "Permohonan ini gugur; penyelia dapat membukanya kembali, atau pemohon mengajukan yang baru.",
        "This application has lapsed; a supervisor may reopen it, or the applicant apply anew.",
    ),
    "withdrawn": (
        "applicant",
        "Permohonan ini ditarik; pemohon dapat mengajukan yang baru.",
        "This application was withdrawn; the applicant may apply anew.",
    ),
}

STATION_TEXTS = {
    "stations_uncertain": (
        "Stasiun cetak menunggu keputusan tentang kartu yang tidak pasti.",
        "Stations wait for a person's word on an uncertain card.",
    ),
    "printer_stopped": (
        "Pencetak berhenti dan perlu ditangani.",
        "The printer has stopped and needs a hand.",
    ),
    "no_station": ("Tidak ada stasiun cetak yang berjalan.", "No printer station is running."),
}

RECOVERING = Blocker(
    code="recovering",
    owner="supervisor",
    message_id="Kantor sedang dipulihkan dari cadangan; semua stasiun harus melapor lebih dahulu.",
    message_en="The office recovers from a restore; every station must report first.",
)

Rule = Callable[[Situation], Blocker | None]


def centre_blocker(state: str, opens_at: datetime | None) -> Blocker:
    """The centre's state, where it is not open, as a reason."""
    indonesian, english = CENTRE_TEXTS[state]
    return Blocker(
        code=f"centre_{state}",
        owner="supervisor" if state == "credentials" else "centre",
        message_id=indonesian,
        message_en=english,
        clears_at=opens_at,
    )


def printing_closed(opens_at: datetime | None) -> Blocker:
    return Blocker(
        code="printing_closed",
        owner="office",
        message_id="Di luar jam cetak.",
        message_en="Outside printing hours.",
        clears_at=opens_at,
    )


def no_blanks(next_delivery: datetime | None) -> Blocker:
    return Blocker(
        code="no_blanks",
        owner="supplier",
        message_id="Blangko kartu habis.",
        message_en="There are no blank cards.",
        clears_at=next_delivery,
    )


def blockers(seen: Situation) -> tuple[Blocker, ...]:
    """All reasons that hold the card now; empty where it is on its way."""
    rules = PERSONAL
    if seen.state in ("waiting", "verifying"):
        rules += VERIFYING
    elif seen.print_needs_centre and seen.state in ("approved", "printing"):
        rules += (_centre,)
    if seen.state in ("waiting", "verifying", "approved"):
        rules += STATIONS
    return tuple(found for rule in rules if (found := rule(seen)) is not None)


def _frozen(seen: Situation) -> Blocker | None:
    if seen.frozen_by is None:
        return None
    return Blocker(
        code="incident",
        owner="supervisor",
        message_id=f"Ditahan karena kejadian nomor {seen.frozen_by} yang harus diperiksa.",
        message_en=f"Held by incident {seen.frozen_by}, which a person must look at.",
    )


def _recovering(seen: Situation) -> Blocker | None:
    if not seen.recovering or seen.state not in ("waiting", "approved", "printing"):
        return None
    return RECOVERING


def _applicant(seen: Situation) -> Blocker | None:
    if seen.state != "needs_correction":
        return None
    return Blocker(
        code="applicant_must_correct",
        owner="applicant",
        message_id="Pemohon harus memperbaiki datanya.",
        message_en="The applicant must correct their data.",
    )


def _officer(seen: Situation) -> Blocker | None:
    if seen.state != "in_review":
        return None
    if seen.due_at is not None:
        return Blocker(
            code="held_by_officer",
            owner="officer",
            message_id="Ditahan petugas sampai waktu itu; sesudahnya menunggu lagi di tempatnya.",
            message_en="Held back by an officer until then; it will wait again in its place.",
            clears_at=seen.due_at,
        )
    return Blocker(
        code="officer_must_decide",
        owner="officer",
        message_id="Menunggu keputusan petugas.",
        message_en="An officer must decide.",
    )


def _deferred(seen: Situation) -> Blocker | None:
    if seen.state != "deferred":
        return None
    return Blocker(
        code="record_not_ready",
        owner="centre",
        message_id="Data perekaman di pusat belum siap; ditanyakan lagi pada waktunya.",
        message_en="The record at the centre is not ready; it is asked again in time.",
        clears_at=seen.due_at,
    )


def _to_collect(seen: Situation) -> Blocker | None:
    if seen.state != "printed" or seen.due_at is None:
        return None
    return Blocker(
        code="card_to_collect",
        owner="applicant",
        message_id="Kartunya sudah jadi; pemohon harus mengambilnya sebelum tenggat.",
        message_en="The card is ready; the applicant must collect it before its term ends.",
        clears_at=seen.due_at,
    )


def _closed(seen: Situation) -> Blocker | None:
    if seen.state not in CLOSED_TEXTS:
        return None
    owner, indonesian, english = CLOSED_TEXTS[seen.state]
    return Blocker(code=seen.state, owner=owner, message_id=indonesian, message_en=english)


def _suspended(seen: Situation) -> Blocker | None:
    if not seen.suspended or seen.state not in ("waiting", "approved"):
        return None
    return Blocker(
        code="suspended",
        owner="supervisor",
        message_id="Alasan permohonan ini sedang dihentikan sementara oleh kebijakan kantor.",
        message_en="The office's policy suspends this reason for now.",
        clears_at=seen.suspended_until,
    )


def _centre(seen: Situation) -> Blocker | None:
    if seen.centre_state == "open":
        return None
    return centre_blocker(seen.centre_state, seen.centre_opens_at)


def _queue(seen: Situation) -> Blocker | None:
    if seen.state != "waiting" or seen.place <= 1:
        return None
    return Blocker(
        code="others_first",
        owner="nobody",
        message_id=f"Ada {seen.place - 1} permohonan di depannya.",
        message_en=f"{seen.place - 1} applications stand ahead of it.",
    )


def _printing(seen: Situation) -> Blocker | None:
    if seen.printing_opens_at is None or seen.printing_opens_at <= seen.now:
        return None
    return printing_closed(seen.printing_opens_at)


def _stations(seen: Situation) -> Blocker | None:
    asleep = seen.stations_running > 0 and _printing(seen) is not None
    if asleep or seen.stations_seen > seen.stations_uncertain + seen.stations_stopped:
        return None
    code = (
        "stations_uncertain"
        if seen.stations_uncertain
        else "printer_stopped"
        if seen.stations_stopped
        else "no_station"
    )
    indonesian, english = STATION_TEXTS[code]
    return Blocker(code=code, owner="operator", message_id=indonesian, message_en=english)


def _blanks(seen: Situation) -> Blocker | None:
    if seen.blanks > 0:
        return None
    return no_blanks(seen.next_delivery)


PERSONAL: tuple[Rule, ...] = (
    _frozen,
    _recovering,
    _applicant,
    _officer,
    _deferred,
    _to_collect,
    _closed,
    _suspended,
)
VERIFYING: tuple[Rule, ...] = (_centre, _queue)
STATIONS: tuple[Rule, ...] = (_printing, _stations, _blanks)

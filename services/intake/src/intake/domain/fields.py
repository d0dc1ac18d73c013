"""The rules of the single fields that need no module of their own. Each returns its value, or None and a finding."""

from datetime import date, datetime, tzinfo
from typing import Final, Literal, get_args

from backbone.contracts.intake import Reason
from intake.domain.dates import parse_date, parse_moment, reject_date
from intake.domain.finding import Findings
from intake.domain.nik import Sex
from intake.domain.regions import Regions

Source = Literal["kiosk", "counter", "import"]

REASONS: Final[dict[str, Reason]] = {reason: reason for reason in get_args(Reason)}
"""What an applicant may ask for. `urgent` is an officer's act on an open case, never a reason to apply."""

SEXES: Final[dict[str, Sex | None]] = {"M": "M", "L": "M", "F": "F", "P": "F", "": None}
"""Male/Female, or Laki-laki/Perempuan; may be left empty."""

LONGEST_REFERENCE: Final = 64
ADULT: Final = 17
EARLIEST_BIRTH: Final = 1900

_CHOICES: Final = ", ".join(REASONS)


def read_birth_date(raw: str, submission: date, found: Findings) -> date | None:
    """`submission` is the day of it in office time."""
    text = raw.strip()
    if not text:
        found.reject("birth_date", "missing", "Tanggal lahir wajib diisi.", "The birth date is required.")
        return None
    born = parse_date(text)
    if not isinstance(born, date):
        reject_date("birth_date", born, found)
        return None
    return born if _is_plausible(born, submission, found) else None


def _is_plausible(born: date, submission: date, found: Findings) -> bool:
    if born.year < EARLIEST_BIRTH:
        found.reject(
            "birth_date",
            "before_1900",
            "Tanggal lahir sebelum tahun 1900. Periksa tahunnya.",
            "The birth date lies before 1900. Check its year.",
        )
        return False
    if born > submission:
        found.reject(
            "birth_date",
            "after_submission",
            "Tanggal lahir sesudah tanggal pengajuan. Periksa tahunnya.",
            "The birth date lies after the submission. Check its year.",
        )
        return False
    if (born.year + ADULT, born.month, born.day) > (submission.year, submission.month, submission.day):
        found.warn(
            "age",
            "under_17",
            "Pemohon belum 17 tahun saat pengajuan. KTP-el hanya untuk yang sudah 17 tahun, atau sudah kawin.",
            "The applicant was under 17 at submission. A card is for people of 17, or married.",
        )
    return True


def read_submitted_at(
    raw: str, now: datetime, office_tz: tzinfo, source: Source, found: Findings
) -> datetime | None:
    """The moment in UTC. An import's may not lie in the future; a kiosk's clock may be wrong, so there it warns."""
    field = "submitted_at" if source == "import" else "captured_at"
    text = raw.strip()
    if not text:
        if source == "import":
            found.reject(
                field, "missing", "Waktu pengajuan wajib diisi.", "The time of submission is required."
            )
        return None
    moment = parse_moment(text, office_tz)
    if not isinstance(moment, datetime):
        reject_date(field, moment, found)
        return None
    if moment <= now:
        return moment
    note = found.reject if source == "import" else found.warn
    note(
        field,
        "in_future",
        "Waktu ini belum terjadi. Periksa tanggalnya, atau jam pada alat pengirim.",
        "This time is still to come. Check the date, or the sender's clock.",
    )
    return None if source == "import" else moment


def check_earliest(day: date, earliest: date, found: Findings) -> None:
    """An import may not reach back behind the office's earliest day."""
    if day < earliest:
        found.reject(
            "submitted_at",
            "too_early",
            f"Waktu ini sebelum {earliest:%d/%m/%Y}, batas paling awal kantor ini. Periksa tahunnya.",
            f"This time lies before {earliest}, the earliest this office allows. Check its year.",
        )


def read_sex(raw: str, found: Findings) -> Sex | None:
    text = raw.strip().upper()
    if text not in SEXES:
        found.reject(
            "sex",
            "unknown",
            "Jenis kelamin harus L atau P (atau M/F), atau dikosongkan.",
            "The sex is M or F (or L/P), or left empty.",
        )
    return SEXES.get(text)


def read_district_code(raw: str, regions: Regions, found: Findings) -> str:
    code = raw.strip()
    if not code:
        found.reject(
            "district_code", "missing", "Kode kecamatan wajib diisi.", "The district's code is required."
        )
    elif not regions.knows(code):
        found.reject(
            "district_code",
            "unknown",
            "Kode kecamatan tidak dikenal. Tulis kode Kemendagri dengan titik, misalnya 21.02.03.",
            "The district's code is unknown. Write Kemendagri's code with dots, such as 21.02.03.",
        )
    return code


def read_reason(raw: str, found: Findings) -> Reason | None:
    text = raw.strip().lower()
    reason = REASONS.get(text)
    if not text:
        found.reject(
            "reason",
            "missing",
            f"Alasan wajib diisi: salah satu dari {_CHOICES}.",
            f"A reason is required: one of {_CHOICES}.",
        )
    elif reason is None:
        found.reject(
            "reason",
            "unknown",
            f"Alasan tidak dikenal. Gunakan salah satu dari {_CHOICES}.",
            f"The reason is unknown. Use one of {_CHOICES}.",
        )
    return reason


def read_reference(raw: str, source: Source, found: Findings) -> str | None:
    text = raw.strip()
    if not text and source == "import":
        found.reject(
            "reference",
            "missing",
            "Nomor permohonan kantor wajib diisi; nomor itu membedakan setiap baris.",
            "The office's own number is required; it tells the rows apart.",
        )
    elif len(text) > LONGEST_REFERENCE or not text.isprintable():
        found.reject(
            "reference",
            "malformed",
            f"Nomor permohonan paling banyak {LONGEST_REFERENCE} huruf atau angka, tanpa tanda tersembunyi.",
            f"The office's number has at most {LONGEST_REFERENCE} visible characters.",
        )
    return text or None

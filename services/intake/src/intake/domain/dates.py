"""Dates and moments as people and spreadsheets write them: ISO 8601, or dd/mm/yyyy as Indonesian settings do.

Day and month always have two digits, so that the American order, which spreadsheets write without zeros, cannot pass
for ours.
"""

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Final, Literal

from intake.domain.finding import Findings

Trouble = Literal["format", "two_digit_year", "impossible_date"]

_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_LOCAL_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_LOCAL_MOMENT: Final = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{4}) ([01]?[0-9]|2[0-3])[:.]([0-9]{2})(?:[:.]([0-9]{2}))?"
)
_SHORT_YEAR: Final = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}(?:[ T].*)?")

_SAYINGS: Final[dict[Trouble, tuple[str, str]]] = {
    "format": (
        "Tanggal tidak terbaca. Tulis 2018-03-01 atau 01/03/2018; waktu: 2018-03-01T09:00 atau 01/03/2018 09:00.",
        "The date cannot be read. Write 2018-03-01 or 01/03/2018; with time: 2018-03-01T09:00 or 01/03/2018 09:00.",
    ),
    "two_digit_year": (
        "Tahun harus ditulis empat angka, misalnya 05/01/1990.",
        "Write the year with four digits, such as 05/01/1990.",
    ),
    "impossible_date": (
        "Tanggal atau jam ini tidak ada. Periksa hari, bulan, tahun dan jamnya.",
        "This date or time does not exist. Check its day, month, year and hour.",
    ),
}


def parse_date(text: str) -> date | Trouble:
    """A date alone."""
    if not _ISO_DAY.fullmatch(text):
        local = _LOCAL_DAY.fullmatch(text)
        if local is None:
            return _unread(text)
        text = f"{local[3]}-{local[2]}-{local[1]}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return "impossible_date"


def parse_moment(text: str, office_tz: tzinfo) -> datetime | Trouble:
    """A moment in UTC. Without an offset it is the office's time; a date alone is its first minute there."""
    if not _ISO_MOMENT.fullmatch(text):
        iso = _local_to_iso(text)
        if iso is None:
            return _unread(text)
        text = iso
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=office_tz)).astimezone(UTC)
    except (ValueError, OverflowError):
        return "impossible_date"
    # The first and the last year are refused, so that no later change of zone leaves the calendar.
    return moment if date.min.year < moment.year < date.max.year else "impossible_date"


def reject_date(field: str, trouble: Trouble, found: Findings) -> None:
    found.reject(field, trouble, *_SAYINGS[trouble])


def _local_to_iso(text: str) -> str | None:
    if day := _LOCAL_DAY.fullmatch(text):
        return f"{day[3]}-{day[2]}-{day[1]}"
    if moment := _LOCAL_MOMENT.fullmatch(text):
        return f"{moment[3]}-{moment[2]}-{moment[1]}T{moment[4]:0>2}:{moment[5]}:{moment[6] or '00'}"
    return None


def _unread(text: str) -> Trouble:
    return "two_digit_year" if _SHORT_YEAR.fullmatch(text) else "format"

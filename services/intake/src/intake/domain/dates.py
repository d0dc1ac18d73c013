"""Dates and moments as people and spreadsheets write them: ISO 8601, or dd/mm/yyyy as Indonesian settings do."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final, Literal

from intake.domain.finding import Findings

Trouble = Literal["format", "two_digit_year", "impossible_date"]

_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_SHORT_YEAR: Final = re.compile(r"(?:[0-9]{1,2}[/.-]){2}[0-9]{2}(?:[ T].*)?")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[0-9]{4})"
    r"(?:[T ]([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

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
        "Tanggal atau jam ini tidak ada dalam kalender. Periksa hari, bulan dan tahunnya.",
        "This date or time does not exist. Check its day, month and year.",
    ),
}


def parse_date(text: str) -> date | Trouble:
    """A date alone; day and month always have two digits, so that the American order cannot pass for ours."""
    if not _ISO_DAY.fullmatch(text):
        local = _LOCAL_DAY.fullmatch(text)
        if local is None:
            return "two_digit_year" if _SHORT_YEAR.fullmatch(text) else "format"
        text = f"{local[3]}-{local[2]}-{local[1]}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return "impossible_date"


def parse_moment(text: str, office_tz: tzinfo) -> datetime | Trouble:
    """A moment in UTC. Without an offset it is the office's time; a date alone is its first minute there."""
    parts = _MOMENT.fullmatch(text)
    if parts is None:
        return "two_digit_year" if _SHORT_YEAR.fullmatch(text) else "format"
    day = parse_date(parts[1])
    if not isinstance(day, date):
        return day
    hour, minute, second, fraction, offset = parts.groups()[1:]
    try:
        zone = office_tz if offset is None else _zone(offset)
        clock_time = time(int(hour or 0), int(minute or 0), int(second or 0), int(f"{fraction or 0:0<6}"[:6]))
        return datetime.combine(day, clock_time, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return "impossible_date"


def _zone(offset: str) -> tzinfo:
    if offset == "Z":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])))


def reject_date(field: str, trouble: Trouble, found: Findings) -> None:
    found.reject(field, trouble, *_SAYINGS[trouble])

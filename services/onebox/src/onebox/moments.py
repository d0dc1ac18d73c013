"""Moments as people type and read them: on the office's clock."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from onebox.console import USAGE, Failed


def moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """`14:00` is of today; without an offset it is the office's time; `24:00` ends its day. Raises Failed.

    Days may be written day first, hours with a full stop, as offices write them: `01-07-2026 08.00`.
    """
    try:
        return _moment(_plain(text.strip()), zone, now)
    except (ValueError, OverflowError):
        raise Failed(
            f"{text}: bukan waktu · not a time (14:00, 24:00, 2026-07-01, 01-07-2026 08:00)", code=USAGE
        ) from None


def _plain(text: str) -> str:
    """In the form 2026-07-01T08:00."""
    text = re.sub(r"^(\d{1,2})[-./](\d{1,2})[-./](\d{4})", lambda m: f"{m[3]}-{m[2]:0>2}-{m[1]:0>2}", text)
    text = re.sub(r"^(\d{4}-\d\d-\d\d) +", r"\1T", text)
    return re.sub(r"(^|T)(\d{1,2})[.:](\d\d)", lambda m: f"{m[1]}{m[2]:0>2}:{m[3]}", text)


def _moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    if not text:
        raise ValueError(text)
    day, _, clock = text.rpartition("T") if "T" in text or ":" in text else (text, "", "00:00")
    if clock.startswith("24:00"):
        if clock != "24:00":
            raise ValueError(text)
        of = date.fromisoformat(day) if day else now.astimezone(zone).date()
        return datetime.combine(of + timedelta(days=1), time(), zone)
    written = text if day else f"{now.astimezone(zone).date()}T{clock}"
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def local(text: str | None, zone: ZoneInfo) -> str:
    """A moment as the office's clock shows it, with its seconds where there are any."""
    if text is None:
        return "-"
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M:%S}".removesuffix(":00")

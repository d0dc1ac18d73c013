"""Moments as people type and read them: on the office's clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from onebox.console import USAGE, Failed


def moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """`14:00` is of today; without an offset it is the office's time; `24:00` ends its day. Raises Failed."""
    try:
        return _moment(text, zone, now)
    except ValueError:
        raise Failed(f"{text}: bukan waktu · not a time (14:00, 2026-07-01T24:00)", code=USAGE) from None


def _moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
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

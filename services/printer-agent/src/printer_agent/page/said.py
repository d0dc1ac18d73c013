"""Texts in both languages, and moments as people read them."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS_ID = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Said(NamedTuple):
    """One text: Indonesian, English."""

    id: str
    en: str

    def fill(self, **values: object) -> "Said":
        """Both with `{name}` replaced; a value that is a Said goes in by its language."""
        return Said(
            self.id.format(**{name: _in(value, 0) for name, value in values.items()}),
            self.en.format(**{name: _in(value, 1) for name, value in values.items()}),
        )


def _in(value: object, language: int) -> object:
    return value[language] if isinstance(value, Said) else value


def clock_time(moment: datetime, tz: str) -> str:
    """The time of day at the office, to the second."""
    return f"{moment.astimezone(ZoneInfo(tz)):%H:%M:%S}"


def moment_said(moment: datetime, now: datetime, tz: str) -> Said:
    """A moment near `now`: the time of today, tomorrow's, else with its day. Office time."""
    zone = ZoneInfo(tz)
    there, here = moment.astimezone(zone), now.astimezone(zone)
    time = f"{there:%H:%M}"
    days = (there.date() - here.date()).days
    if days == 0:
        return Said(time, time)
    if days == 1:
        return Said(f"besok {time}", f"tomorrow {time}")
    day = there.weekday()
    return Said(f"{DAYS_ID[day]} {there:%d-%m} {time}", f"{DAYS_EN[day]} {there:%d-%m} {time}")

"""The caller's account at the centre: credentials, the day's quota, the rate. No I/O; moments come in."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

CENTRE_ZONE: Final = ZoneInfo("Asia/Jakarta")
"""The quota day is the centre's."""

LOGIN_FAILED: Final = "Login Gagal"
WRONG_PASSWORD: Final = "User ID atau Password Salah"  # noqa: S105  # the centre's words for a wrong one
WRONG_ADDRESS: Final = "IP Address Tidak Sesuai"
QUOTA_USED_UP: Final = "Kuota Akses Hari ini telah Habis"

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    user_id: str
    password: str = field(repr=False)
    ip_user: str


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Calls in any one hour. Only an enforced rate refuses."""

    per_hour: float | None = None
    enforced: bool = False


class Account:
    """Counts every call of the right caller, whatever it is answered. `busiest_hour`: the most calls in one hour."""

    def __init__(self, credentials: Credentials, *, daily_quota: int | None, rate: Rate) -> None:
        self.credentials = credentials
        self.daily_quota = daily_quota
        self.rate = rate
        self.busiest_hour = 0
        self._day: date | None = None
        self._used = 0
        self._last_hour: deque[datetime] = deque()

    def refusal_of(self, given: Credentials) -> str | None:
        """The refusal's text for wrong credentials; None for the right ones."""
        if given.user_id != self.credentials.user_id:
            return LOGIN_FAILED
        if given.password != self.credentials.password:
            return WRONG_PASSWORD
        return None if given.ip_user == self.credentials.ip_user else WRONG_ADDRESS

    def count(self, now: datetime) -> None:
        """One more call."""
        self._used = self.used(now) + 1
        self._last_hour.append(now)
        while self._last_hour[0] <= now - _HOUR:
            self._last_hour.popleft()
        self.busiest_hour = max(self.busiest_hour, len(self._last_hour))

    def used(self, now: datetime) -> int:
        """The calls of the centre's day."""
        today = now.astimezone(CENTRE_ZONE).date()
        if today != self._day:
            self._day, self._used = today, 0
        return self._used

    def left(self, now: datetime) -> int | None:
        """The calls left in the centre's day (`quotaLimiter`); None without a quota."""
        return None if self.daily_quota is None else max(0, self.daily_quota - self.used(now))

    def over_quota(self, now: datetime) -> bool:
        """Whether the call just counted was one too many."""
        return self.daily_quota is not None and self.used(now) > self.daily_quota

    def over_rate(self) -> bool:
        """Whether the call just counted came too fast, by an enforced rate."""
        per_hour = self.rate.per_hour
        return self.rate.enforced and per_hour is not None and len(self._last_hour) > per_hour

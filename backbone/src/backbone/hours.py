"""A day's opening hours, as people write them, and dated overrides of them. Pure; `calendar` puts them together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Self

MIDNIGHT = 24 * 60
"""The minute of the day at which `24:00` closes."""

_SPAN = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_PREFIX = re.compile(r"([0-9]{2}(\.[0-9]{2})?)?")


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A day's (opening, closing) minutes since midnight, in order; no spans means closed. 1440 (`24:00`) only closes."""

    spans: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        for opens, closes in self.spans:
            if not 0 <= opens < closes <= MIDNIGHT:
                text = _span_text(opens, closes)
                raise ValueError(
                    f"{text}: hours open before they close, between 00:00 and 24:00; over midnight, end at 24:00 and "
                    "go on at 00:00 of the next day"
                )
        for (_, before), (after, _) in pairwise(self.spans):
            if after < before:
                raise ValueError(f"{self}: hours stand in order and do not overlap")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `07:30-16:00`, `07:30-12:00,13:00-24:00` or `closed`; raises ValueError with the cause."""
        if text.strip().lower() == "closed":
            return cls(spans=())
        return cls(spans=tuple(_read_span(part.strip()) for part in text.split(",")))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls.parse(text)

    def to_json(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return ",".join(_span_text(opens, closes) for opens, closes in self.spans) or "closed"


CLOSED = Hours(spans=())


@dataclass(frozen=True, kw_only=True)
class Override:
    """Other hours for the region codes at or below `prefix` ('' nation, '21' province, '21.02' office).

    `hours` replace those of every local day within `[from_, until)`, days off too, and only inside that span.
    """

    id: str
    from_: datetime
    until: datetime
    hours: Hours
    prefix: str
    reason: str
    author: str
    set_at: datetime

    def __post_init__(self) -> None:
        for name in ("from_", "until", "set_at"):
            object.__setattr__(self, name, utc(getattr(self, name)))
        if self.from_ >= self.until:
            raise ValueError(f"override {self.id}: it must end after it begins")
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"override {self.id}: {self.prefix!r} is no region code prefix ('', '21', '21.02')"
            )

    def covers(self, office: str) -> bool:
        """Whether it speaks for an office (a region code)."""
        return not self.prefix or office == self.prefix or office.startswith(self.prefix + ".")

    @property
    def weight(self) -> tuple[int, datetime, str]:
        """The heaviest rules: the longest prefix, then the latest set, then the greatest id."""
        return len(self.prefix), self.set_at, self.id

    def to_json(self) -> dict[str, str]:
        return {
            "id": self.id,
            "from": self.from_.isoformat(),
            "until": self.until.isoformat(),
            "hours": self.hours.to_json(),
            "prefix": self.prefix,
            "reason": self.reason,
            "author": self.author,
            "set_at": self.set_at.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Self:
        return cls(
            id=data["id"],
            from_=datetime.fromisoformat(data["from"]),
            until=datetime.fromisoformat(data["until"]),
            hours=Hours.from_json(data["hours"]),
            prefix=data["prefix"],
            reason=data["reason"],
            author=data["author"],
            set_at=datetime.fromisoformat(data["set_at"]),
        )


def utc(moment: datetime) -> datetime:
    """An aware moment in UTC; raises ValueError for one without a zone."""
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"{moment}: a moment needs its time zone")
    return moment.astimezone(UTC)


def _read_span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r}: hours are written 07:30-16:00, several with commas, or closed")
    open_hour, open_minute, close_hour, close_minute = map(int, found.groups())
    return open_hour * 60 + open_minute, close_hour * 60 + close_minute


def _span_text(opens: int, closes: int) -> str:
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"

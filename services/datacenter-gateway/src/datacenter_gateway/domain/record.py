"""What is asked about, and what the centre holds, as values. Pure. Their text never shows a person's data."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Person:
    """The applicant's own words, as intake sealed them."""

    nik: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Literal["M", "F"] | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The centre knows of no usable record: its two-digit code."""

    code: str


@dataclass(frozen=True, kw_only=True)
class Match:
    """Each element asked about, by intake's name, and whether it matches."""

    elements: dict[str, bool]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The card's state, and the record under the names of `VerifiedRecord`."""

    status: str
    record: dict[str, Any] = field(repr=False)

"""When the centre is open: weekly hours and dated overrides in its own zone. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from backbone.calendar import Calendar
from backbone.hours import Hours, Override
from simulator.domain.account import CENTRE_ZONE

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class OtherHours:
    """Hours in force from one moment until another, as `07:30-15:00` or `closed`."""

    from_: datetime
    until: datetime
    hours: str


def window(weekly: Sequence[str], overrides: Iterable[OtherHours] = ()) -> Calendar:
    """The centre's calendar, Monday first; of overlapping overrides the last one counts. Raises ValueError."""
    return Calendar(
        name="centre",
        tz=CENTRE_ZONE.key,
        weekly=tuple(map(Hours.parse, weekly)),
        overrides=tuple(_override(number, one) for number, one in enumerate(overrides)),
    )


def _override(number: int, other: OtherHours) -> Override:
    return Override(
        id=f"{number:06}",
        from_=other.from_,
        until=other.until,
        hours=Hours.parse(other.hours),
        prefix="",
        reason="simulator",
        author="simulator",
        set_at=_LONG_AGO,
    )

"""What every act works with."""

import json
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from backbone.clock import Bell, Clock
from backbone.database import Database
from backbone.ids import Ids
from backbone.seal import Sealer
from datacenter_gateway.centre import Centre
from datacenter_gateway.domain.record import Person


@dataclass(frozen=True, kw_only=True)
class CalendarSeed:
    """A calendar as it is before anyone changed it: seven days' hours, Monday first; `local`: see `Calendar`."""

    name: str
    tz: str
    weekly: tuple[str, ...]
    follows_holidays: bool
    local: bool = False


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The account this gateway serves, and the numbers that settings give. Seconds unless the name says otherwise."""

    account: str = "default"
    prefix: str = ""
    calls_per_hour: float | None = None
    quota: int | None = None
    approval_hours: float = 24
    call_seconds: float = 1.0
    lease: float = 120
    calls_in_flight: int = 4
    calendars: tuple[CalendarSeed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`seal` opens what intake sealed for the gateway; `vault` seals records at rest."""

    database: Database
    clock: Clock
    ids: Ids
    centre: Centre
    seal: Sealer = field(repr=False)
    vault: Sealer = field(repr=False)
    terms: Terms
    calls_bell: Bell
    window_bell: Bell


def open_person(desk: Desk, application_id: UUID, sealed: bytes) -> Person:
    """The applicant's words; raises NotOurs, or ValueError or KeyError where the content is no person."""
    data = json.loads(desk.seal.open(sealed, bound_to=f"verification|{application_id}"))
    sex = data.get("sex")
    return Person(
        nik=str(data["nik"]),
        full_name=str(data["full_name"]),
        birth_date=date.fromisoformat(str(data["birth_date"])),
        sex=sex if sex in ("M", "F") else None,
    )

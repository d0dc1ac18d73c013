"""What every use case works with."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from backbone.clock import Bell, Clock
from backbone.database import Database
from backbone.ids import Ids
from backbone.problems import Forbidden
from backbone.rights import Actor
from backbone.seal import Sealer
from intake.domain.regions import Regions
from intake.use_cases.group_commit import GroupCommit
from intake.use_cases.pace import ImportPace

_OFFICE = re.compile(r"[0-9]{2}\.[0-9]{2}")


class NoOffice(Forbidden):
    slug = "no-single-office"
    message_id = "Token ini tidak terikat pada satu kantor. Gunakan token milik kantor, misalnya 21.02."
    message_en = "This token belongs to no single office. Use an office's token, such as 21.02."


@dataclass(frozen=True, kw_only=True, repr=False)
class Keys:
    """`storage` seals what stays here, `courier` what only the gateway opens; the others are keys of HMACs."""

    storage: Sealer
    courier: Sealer
    person: bytes
    fingerprint: bytes
    pin: bytes


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The office's own settings. `earliest_import`: the first day, in office time, that an import may name.

    `ask_in_flight`, `ask_at_rest`: seconds without a word about a case, in flight or waiting, until intake asks for one.
    """

    tz: tzinfo
    earliest_import: date
    ask_in_flight: float
    ask_at_rest: float


@dataclass(kw_only=True)
class Watch:
    """When the sweep next looks for unheard-of applications; it is woken only where it expects none."""

    bell: Bell
    due: datetime | None = None

    def expect(self) -> None:
        if self.due is None:
            self.bell.ring()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Intake's tools."""

    database: Database
    clock: Clock
    ids: Ids
    regions: Regions
    keys: Keys = field(repr=False)
    terms: Terms
    watch: Watch
    group: GroupCommit
    outbox_bell: Bell
    pace: ImportPace


def office_of(actor: Actor) -> str:
    """The office an actor acts for; raises NoOffice where the token's prefix names none or many."""
    if not _OFFICE.fullmatch(actor.prefix):
        raise NoOffice
    return actor.prefix


def received_by(actor: Actor) -> str:
    return "kiosk" if actor.scopes == {"kiosk"} else "counter"

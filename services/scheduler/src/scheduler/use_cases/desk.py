"""What every use case works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from backbone.auth import Tickets
from backbone.calendar import Calendar
from backbone.clock import Bell, Clock
from backbone.database import Database, Reader, Row, Transaction
from backbone.ids import Ids
from scheduler.domain.merge import LaneKey
from scheduler.domain.policy import OUTSIDE, Policy, parse_rules
from scheduler.store import knowledge


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The service's own numbers. Seconds unless the name says otherwise."""

    tz: str = "Asia/Jakarta"
    account: str = "default"
    silent: float = 90
    gone: float = 300
    approval_margin: float = 600
    verifying_due: timedelta = timedelta(minutes=30)
    correction_due: timedelta = timedelta(days=90)
    collect_due: timedelta = timedelta(days=365)
    shallow_hours: float = 2
    print_after_close: bool = True
    spoiled_in_a_row: int = 2
    low_days: float = 3
    low_cards: int = 50


@dataclass
class Known:
    """What this process remembers: the calendars as last read, by version; when its loops wake next; of each office the
    blanks in sight at others of its account that have cards waiting, as its release loop last saw them; by office and stage
    which part of the last large release came out of each lane, and under which version; each office's policy, beside the
    rules it was read from."""

    version: int = -1
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    sweep_at: datetime | None = None
    release_at: datetime | None = None
    others: Mapping[str, int] = field(default_factory=dict)
    parts: dict[tuple[str, str], tuple[int, Mapping[LaneKey, float]]] = field(default_factory=dict)
    policies: dict[str, tuple[Mapping[str, Any], Policy]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The scheduler's tools. `release_bell` says that room may have changed, `sweep_bell` that a due moment did."""

    database: Database
    clock: Clock
    ids: Ids
    tickets: Tickets
    terms: Terms
    release_bell: Bell
    sweep_bell: Bell
    known: Known = field(default_factory=Known)

    def due_by(self, tx: Transaction, moment: datetime) -> None:
        """A row comes due at `moment`: wake the sweep after the commit if it would sleep past it."""
        if self.known.sweep_at is None or moment < self.known.sweep_at:
            tx.ring(self.sweep_bell)

    def collect_by(self, tx: Transaction) -> datetime:
        """When a card printed now lapses if nobody comes for it."""
        moment = self.clock.now() + self.terms.collect_due
        self.due_by(tx, moment)
        return moment

    def policy(self, turn: Row) -> Policy:
        """The policy that rules an office's turn, read anew where its rules are not those at hand."""
        rules, policy = self.known.policies.get(turn["code"], (None, None))
        if policy is None or policy.version != turn["version"] or rules != turn["rules"]:
            policy = parse_rules(turn["rules"], version=turn["version"])
            self.known.policies[turn["code"]] = (turn["rules"], policy)
        return policy

    async def calendars(self, reader: Reader, version: int | None = None) -> Mapping[str, Calendar]:
        """The calendars by name, read anew where `version` is not the one at hand; empty before the gateway spoke."""
        if version is None or version != self.known.version:
            row = await knowledge.calendars(reader)
            if row is not None and row["version"] != self.known.version:
                self.known.version = row["version"]
                self.known.calendars = {
                    name: Calendar.from_json(calendar) for name, calendar in row["calendars"].items()
                }
        return self.known.calendars


def bucket(office: str, district_code: str) -> str:
    """A lane's district: districts outside the office share one bucket."""
    return district_code if district_code.startswith(office + ".") else OUTSIDE

"""What a station shows of itself; nothing of any person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from backbone.contracts.station import Job
from printer_agent.journal import Entry
from printer_agent.session import Health
from printer_agent.use_cases.desk import Desk
from printer_agent.use_cases.standing import Standing

Word = Literal[
    "starting",
    "printing",
    "ready",
    "uncertain",
    "printer_stopped",
    "paused",
    "closed",
    "recovering",
    "offline",
    "clock_off",
    "journal_full",
    "lost",
    "retired",
]


@dataclass(frozen=True, kw_only=True)
class CardView:
    """One card. Texts are empty where a journal of an earlier version does not know them."""

    attempt_id: UUID
    receipt_number: str
    district_code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StationView:
    """A station now, by what it heard last; `now` is its own clock. Counts are of the office's day, from the journal.

    `state` and `reason` are the office's word ("" before its first); `pause_waiting`: paused here, the office not told
    yet. `owed`: outcomes the office does not have. `clock_off_seconds`: the office's clock less ours.
    """

    station: str
    word: Word
    now: datetime
    office_seen_at: datetime | None
    office_reachable: bool
    state: str
    reason: str
    pause_waiting: bool
    recovering: bool
    next_card: CardView | None
    waiting_cards: int
    at_printer: CardView | None
    uncertain: CardView | None
    health: Health
    blocked_by: tuple[str, ...]
    printed_today: int
    spoiled_today: int
    uncertain_today: int
    owed: int
    printing_until: datetime | None
    printing_from: datetime | None
    clock_off_seconds: float


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the one word depends on."""

    uncertain: bool
    at_printer: bool
    heard: bool
    reachable: bool
    state: str
    held: bool
    recovering: bool
    journal_full: bool
    clock_off: bool
    printer_stopped: bool
    shut: bool


def word(facts: Facts) -> Word:
    """The gravest thing that is so."""
    words: tuple[tuple[Word, bool], ...] = (
        ("uncertain", facts.uncertain),
        ("lost", facts.state == "lost"),
        ("retired", facts.state == "retired"),
        ("journal_full", facts.journal_full),
        ("clock_off", facts.clock_off),
        ("recovering", facts.recovering),
        ("paused", facts.state == "paused" or facts.held),
        ("printer_stopped", facts.printer_stopped),
        ("starting", not facts.heard),
        ("offline", not facts.reachable),
        ("closed", facts.shut),
        ("printing", facts.at_printer),
    )
    return next((found for found, so in words if so), "ready")


def of_job(job: Job) -> CardView:
    return CardView(
        attempt_id=job.attempt_id,
        receipt_number=job.receipt_number,
        district_code=job.district_code,
        reason=job.reason,
    )


def of_entry(entry: Entry) -> CardView:
    return CardView(
        attempt_id=entry.attempt_id,
        receipt_number=entry.receipt_number,
        district_code=entry.district_code,
        reason=entry.reason,
    )


def show(desk: Desk, standing: Standing) -> StationView:
    """A station now. Asks the journal, nobody else."""
    answer, held = standing.answer, desk.journal.held()
    counts = desk.journal.counts_since(_day_began(desk))
    reserved = [
        job for job in standing.jobs if job.state == "reserved" and job.attempt_id != standing.sending
    ]
    at_printer, uncertain = _at_printer(desk, standing), _uncertain(desk, standing)
    facts = _facts(desk, standing, uncertain=uncertain is not None, at_printer=at_printer is not None)
    return StationView(
        station=desk.settings.station,
        word=word(facts),
        now=desk.clock.now(),
        office_seen_at=standing.seen_at,
        office_reachable=facts.reachable,
        state=facts.state,
        reason=held or ("" if answer is None else answer.reason),
        pause_waiting=facts.held,
        recovering=facts.recovering,
        next_card=of_job(reserved[0]) if reserved else None,
        waiting_cards=len(reserved),
        at_printer=at_printer,
        uncertain=uncertain,
        health=standing.health,
        blocked_by=standing.blocked_by,
        printed_today=counts.get("printed", 0),
        spoiled_today=counts.get("spoiled", 0),
        uncertain_today=counts.get("uncertain", 0),
        owed=len(desk.journal.unreported()),
        printing_until=None if answer is None else answer.printing_until,
        printing_from=None if answer is None else answer.printing_from,
        clock_off_seconds=standing.off,
    )


def _facts(desk: Desk, standing: Standing, *, uncertain: bool, at_printer: bool) -> Facts:
    answer = standing.answer
    return Facts(
        uncertain=uncertain,
        at_printer=at_printer,
        heard=answer is not None,
        reachable=desk.office.reachable,
        state="" if answer is None else answer.state,
        held=desk.journal.held() is not None,
        recovering=answer is not None and answer.recovering,
        journal_full=standing.full,
        clock_off=standing.clock_off,
        printer_stopped=answer is not None and standing.health.state == "stopped",
        shut=standing.shut,
    )


def _day_began(desk: Desk) -> datetime:
    """The office's midnight, as the journal writes moments: in UTC."""
    now = desk.clock.now()
    local = now.astimezone(ZoneInfo(desk.settings.tz))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def _at_printer(desk: Desk, standing: Standing) -> CardView | None:
    """The card being sent, or one that the office has as armed here."""
    entry = None if standing.sending is None else desk.journal.entry(standing.sending)
    if entry is not None:
        return of_entry(entry)
    return next((of_job(job) for job in standing.jobs if job.state == "armed"), None)


def _uncertain(desk: Desk, standing: Standing) -> CardView | None:
    """A card of unknown fate: by the office's list, or by an outcome that it has not heard yet."""
    known = next((of_job(job) for job in standing.jobs if job.state == "uncertain"), None)
    owed = (entry for entry in desk.journal.unreported() if entry.outcome == "uncertain")
    return known or next(map(of_entry, owed), None)

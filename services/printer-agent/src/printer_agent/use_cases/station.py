"""One station: its two loops, what it shows, and what people do at it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog

from backbone.clock import Bell, Clock
from backbone.contracts.station import HelloAnswer, Job
from backbone.ids import Ids
from printer_agent.card_face import Unprintable
from printer_agent.journal import Journal, JournalFull
from printer_agent.office import Office, Refused, Unreachable
from printer_agent.session import CardSession, Health
from printer_agent.settings import StationSettings
from printer_agent.use_cases import past
from printer_agent.use_cases.card import CardDesk
from printer_agent.use_cases.desk import Desk
from printer_agent.use_cases.standing import Standing
from printer_agent.use_cases.view import StationView, show

log = structlog.get_logger()


class Station:
    """One station. `print_once` and `beat_once` are its loops' steps and return the next due moment."""

    def __init__(
        self,
        settings: StationSettings,
        *,
        clock: Clock,
        ids: Ids,
        office: Office,
        session: CardSession,
        journal: Journal,
        look: Bell,
    ) -> None:
        self._desk = Desk(
            settings=settings,
            clock=clock,
            ids=ids,
            office=office,
            session=session,
            journal=journal,
            run=journal.next_run(),
            process=ids.new(),
        )
        self._card = CardDesk(self._desk)
        self._standing = Standing(self._desk)
        self._look = look
        self._told: tuple[Job, ...] | None = None
        self._refused = 0
        self._settled = False

    @property
    def in_flight(self) -> int:
        """How many cards are being sent: 0 or 1."""
        return int(self._standing.sending is not None)

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """Why nothing is printed here now, in codes; the printer's own reasons last."""
        return self._standing.blocked_by

    async def beat_once(self) -> datetime | None:
        """Say hello; at once the first time, then as heartbeat while printing hours last."""
        before = self._standing.answer
        answer = await self._standing.hello(await self._standing.ask_printer())
        if before is None or answer.journal_wanted or before.recovering != answer.recovering:
            self._look.ring()
        if self._standing.shut and answer.printing_from is not None:
            # By the office's clock: ours may be off.
            return self._after(max(1, (answer.printing_from - answer.now).total_seconds()))
        return self._after(self._desk.settings.heartbeat)

    async def print_once(self) -> datetime | None:
        """Report what is owed, then print at most one card; at once again after a card."""
        if self._standing.answer is None:
            return None
        try:
            return await self._turn(self._standing.answer)
        except JournalFull:
            log.warning("journal_full", station=self._desk.settings.station)
            self._standing.full = True
            return self._after(self._desk.settings.retry)

    async def _turn(self, answer: HelloAnswer) -> datetime | None:
        if not self._settled:
            await past.settle(self._desk)
            self._settled = True
        self._card.write_down()
        await self._card.tell_unsent()
        await self._report()
        if answer.journal_wanted:
            await self._tell_journal(answer.epoch)
        if answer.recovering:
            # What comes next is the office's word: the next hello brings it.
            return None
        if not self._standing.may_begin():
            return self._after(self._desk.settings.retry)
        told, self._told = self._told, None
        # An empty list may be older than the look that rang meanwhile: it is asked for anew.
        jobs = told or await self._desk.office.jobs()
        self._standing.jobs = jobs
        if self._standing.knows_more or any(map(self._is_done, jobs)):
            return await self._warn_of_restore()
        if any(map(self._is_strange, jobs)):
            return await self._give_up(job.attempt_id for job in jobs if self._is_strange(job))
        return await self._next_card(jobs)

    async def _tell_journal(self, epoch: int) -> None:
        try:
            await past.tell_journal(self._desk, epoch)
        except Refused as refused:
            log.warning("journal_refused", epoch=epoch, cause=refused.slug)
            return
        answer = self._standing.answer
        if answer is not None and answer.epoch == epoch:
            self._standing.answer = answer.model_copy(update={"journal_wanted": False})

    async def _next_card(self, jobs: tuple[Job, ...]) -> datetime | None:
        job = self._next(jobs)
        if job is None:
            # A person's word on the card that holds the printer rings no bell here.
            return self._after(self._desk.settings.heartbeat) if jobs else None
        try:
            due = await self._print(job, after=jobs[1] if len(jobs) > 1 else None)
        except Unprintable:
            # Pause this station and say why; what it has reserved goes back.
            await self._standing.hello(self._standing.health, pause=f"unprintable:{job.attempt_id}")
            return None
        except Refused as refused:
            log.warning("job_refused", attempt_id=job.attempt_id, cause=refused.slug, reason=refused.veto)
            self._refused += 1
            return self._after(self._desk.settings.retry * 2 ** min(self._refused - 1, 4))
        self._refused = 0
        return due

    def _next(self, jobs: tuple[Job, ...]) -> Job | None:
        """The oldest reserved card; none while a card of unknown fate is at this station.

        An armed one goes on only where the answer to its arming was lost: asked by this very run, not yet intended.
        """
        held = next((job for job in jobs if job.state != "reserved"), None)
        if held is not None:
            return held if held.state == "armed" and self._card.asked(held) is not None else None
        return jobs[0] if jobs else None

    async def _print(self, job: Job, after: Job | None) -> datetime:
        """One card; the one after it is prepared meanwhile."""
        prepared = await self._card.prepared(job)
        if after is not None:
            await self._card.prepare_ahead(after)
        self._standing.health = health = await self._desk.session.health()
        if health.state != "ready":
            return self._after(self._desk.settings.retry)
        self._standing.sending = job.attempt_id
        try:
            await self._card.print(job, prepared)
        finally:
            self._standing.sending = None
        await self._report()
        return self._desk.clock.now()

    async def _report(self) -> None:
        told, knows_more = await past.report(self._desk)
        if told is not None:
            self._told = self._standing.jobs = told
        self._standing.knows_more = self._standing.knows_more or knows_more

    def _is_done(self, job: Job) -> bool:
        """Reserved for the office, further here: only a restore of its database can make it forget."""
        entry = self._desk.journal.entry(job.attempt_id) if job.state == "reserved" else None
        return entry is not None and (entry.intent_at is not None or entry.outcome is not None)

    def _is_strange(self, job: Job) -> bool:
        """Armed for this station, and its journal knows nothing of it: by a machine that this one has replaced."""
        return job.state == "armed" and self._desk.journal.entry(job.attempt_id) is None

    async def _give_up(self, strange: Iterable[UUID]) -> datetime:
        """Say of which armed cards nothing is known here: a person has to look."""
        await self._standing.hello(self._standing.health, gave_up=tuple(strange))
        return self._after(self._desk.settings.retry)

    async def _warn_of_restore(self) -> datetime:
        """Say that the journal knows more than the office; nothing is printed before it has understood."""
        log.warning("office_was_restored", station=self._desk.settings.station)
        self._standing.knows_more = True
        answer = await self._standing.hello(self._standing.health)
        self._standing.knows_more = False
        return self._desk.clock.now() if answer.recovering else self._after(self._desk.settings.retry)

    def _after(self, seconds: float) -> datetime:
        return self._desk.clock.now() + timedelta(seconds=seconds)

    # What people see and do here.

    def view(self) -> StationView:
        """This station now; nothing is asked but the journal."""
        return show(self._desk, self._standing)

    async def pause(self, reason: str, person: str) -> bool:
        """Begin no card from now on, across restarts too; what is at the printer is finished.

        True: the office knows. False: it is away, and is told with the next hello. Raises JournalFull.
        """
        self._desk.journal.hold(f"{reason} ({person})")
        try:
            await self._standing.hello(await self._standing.ask_printer())
        except Unreachable:
            return False
        return True

    async def resume(self, reason: str, person: str) -> None:
        """Go on. A pause that the office has not heard of is dropped. Raises Unreachable (nothing changed) or Refused."""
        await self._desk.office.resume(f"{reason} ({person})")
        self._desk.journal.hold(None)
        await self.ask_printer()

    async def ask_printer(self) -> Health:
        """Ask the printer again now, tell the office if it can be reached, and look for work."""
        health = await self._standing.ask_printer()
        try:
            await self._standing.hello(health)
        except Unreachable:
            log.info("office_away", station=self._desk.settings.station)
        self._look.ring()
        return self._standing.health

    async def answer(
        self,
        attempt_id: UUID,
        verdict: Literal["printed", "spoiled", "intact"],
        *,
        person: str,
        second_person: str | None,
        note: str,
    ) -> None:
        """The people's word on a card of unknown fate: "printed" by one of them, the others by two different ones.

        Raises Unreachable (nothing is kept: ask again), Refused ("not-uncertain", "agent-may-still-print", "invalid").
        """
        await self._report()
        await self._desk.office.reconcile(
            attempt_id, verdict, person=person, second_person=second_person, note=note
        )
        self._desk.journal.record_answer(attempt_id, verdict, at=self._desk.clock.now())
        self._standing.jobs = tuple(job for job in self._standing.jobs if job.attempt_id != attempt_id)
        self._told = None
        self._look.ring()

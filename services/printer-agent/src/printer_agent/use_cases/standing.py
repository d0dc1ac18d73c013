"""How a station stands: what its office said last, what its printer says, and what keeps it from printing."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from backbone.contracts.station import Hello, HelloAnswer, Job
from printer_agent.journal import JournalFull
from printer_agent.office import Refused
from printer_agent.session import Health
from printer_agent.use_cases.desk import Desk


class Superseded(RuntimeError):
    """A newer process of this station took over, or this machine's journal is an old one put back."""


class Standing:
    """What was heard last, and the hello that hears it. `knows_more`: the journal proves a restore of the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.answer: HelloAnswer | None = None
        self.seen_at: datetime | None = None
        self.health = Health(state="stopped")
        self.jobs: tuple[Job, ...] = ()
        self.sending: UUID | None = None
        self.off = 0.0
        self.full = False
        self.knows_more = False

    @property
    def clock_off(self) -> bool:
        return abs(self.off) > self._desk.settings.clock_off

    @property
    def shut(self) -> bool:
        """Whether printing hours are over and begin again."""
        answer = self.answer
        return answer is not None and answer.printing_until is None and answer.printing_from is not None

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """Why nothing is printed here now, in codes; the printer's own reasons last."""
        answer = self.answer
        state = "running" if answer is None else answer.state
        if state == "running" and self._desk.journal.held() is not None:
            state = "paused"
        known = {
            f"station_{state}": state != "running",
            "recovering": answer is not None and answer.recovering,
            "printing_closed": self.shut,
            "clock_off": self.clock_off,
            "journal_full": self.full,
            "office_unreachable": answer is not None and not self._desk.office.reachable,
        }
        return (*(code for code, so in known.items() if so), *self.health.reasons)

    def may_begin(self) -> bool:
        """Whether this machine may begin a card: its disk takes one, its clock is right, nobody paused it here."""
        journal = self._desk.journal
        if self.full or not journal.has_room():
            self.full = not (journal.has_room() and journal.takes())
        return not (self.full or self.clock_off or journal.held() is not None)

    async def ask_printer(self) -> Health:
        """The printer's health as the office is told it: a machine that may not print stops like a printer."""
        self.health = health = await self._desk.session.health()
        self.may_begin()
        own = {"clock-off": self.clock_off, "journal-full": self.full}
        reasons = tuple(code for code, so in own.items() if so)
        return Health(state="stopped", reasons=(*health.reasons, *reasons)) if reasons else health

    async def hello(
        self, health: Health, *, pause: str | None = None, gave_up: tuple[UUID, ...] = ()
    ) -> HelloAnswer:
        """Say hello and keep what is heard. Raises Superseded, Refused, Unreachable."""
        try:
            return await self._say(health, pause, gave_up)
        except Refused as refused:
            if refused.slug != "station-superseded":
                raise
            if self.answer is not None or not refused.problem.get("declared_lost"):
                raise Superseded(self._desk.settings.station) from None
            # The supervisor said that the other machine is off: this one, with an older journal, counts on from there.
            self._desk.run = self._desk.journal.next_run(above=int(refused.problem["run"]))
        return await self._say(health, pause, gave_up)

    async def _say(self, health: Health, pause: str | None, gave_up: tuple[UUID, ...]) -> HelloAnswer:
        desk, before = self._desk, self._desk.clock.now()
        answer = await desk.office.hello(
            Hello(
                run=desk.run,
                fence_seen=desk.journal.highest_fence(),
                evidence=desk.session.capabilities.evidence,
                printer=health.state,
                printer_reasons=health.reasons,
                pause=pause or desk.journal.held(),
                knows_more=self.knows_more,
                gave_up=gave_up,
                process=desk.process,
            )
        )
        self.answer, self.seen_at = answer, desk.clock.now()
        # The office's moment lies between our question and its answer, or one of the two clocks is off.
        self.off = (answer.now - min(max(answer.now, before), self.seen_at)).total_seconds()
        if answer.state != "running" and desk.journal.held() is not None:
            with suppress(JournalFull):
                desk.journal.hold(None)
        return answer

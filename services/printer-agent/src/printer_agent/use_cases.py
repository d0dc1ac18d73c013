"""A station's work: intent before effect, evidence after effect, a person for the gap.

Prepare, arm last, journal the intent, send once, journal the outcome, report until the scheduler has it. A station that
cannot reach its office finishes its armed card and starts no other; one that restarts never goes on with an armed card.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from backbone import failpoints
from backbone.clock import Bell, Clock
from backbone.contracts.station import Arm, Hello, HelloAnswer, Job, Report, VerifiedRecord
from backbone.ids import Ids
from printer_agent.card_face import Unprintable
from printer_agent.domain import Decision, after_restart, after_send
from printer_agent.journal import Entry, Journal
from printer_agent.office import Office, Refused
from printer_agent.session import Card, CardSession, PreparedCard, SessionError
from printer_agent.settings import StationSettings

log = structlog.get_logger()


class Superseded(RuntimeError):
    """A newer process of this station took over."""


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
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._office = office
        self._session = session
        self._journal = journal
        self._look = look
        self._run = journal.next_run()
        self._answer: HelloAnswer | None = None
        self._question: tuple[UUID, UUID] | None = None
        self._ahead: tuple[UUID, asyncio.Future[PreparedCard]] | None = None
        self._refused = 0
        self.in_flight = 0
        self.blocked_by: tuple[str, ...] = ()

    async def beat_once(self) -> datetime | None:
        """Say hello; at once the first time, then as heartbeat while printing hours last."""
        health = await self._session.health()
        said = Hello(
            run=self._run,
            fence_seen=self._journal.highest_fence(),
            evidence=self._session.capabilities.evidence,
            printer=health.state,
            printer_reasons=health.reasons,
        )
        try:
            answer = await self._office.hello(said)
        except Refused as refused:
            if refused.slug == "station-superseded":
                raise Superseded(self._settings.station) from None
            raise
        first, self._answer = self._answer is None, answer
        self.blocked_by = self._blocked(answer, health.reasons)
        if first:
            await self._settle_the_past()
            self._look.ring()
        if answer.printing_until is None and answer.printing_from is not None:
            return answer.printing_from
        return self._clock.now() + timedelta(seconds=self._settings.heartbeat)

    async def print_once(self) -> datetime | None:
        """Report what is owed, then print at most one card; at once again after a card."""
        if self._answer is None:
            return None
        await self._report_all()
        jobs = await self._office.jobs()
        job = self._next(jobs)
        if job is None:
            # A person's word on the card that holds the printer rings no bell here.
            return self._clock.now() + timedelta(seconds=self._settings.heartbeat) if jobs else None
        try:
            due = await self._print(job, after=jobs[1] if len(jobs) > 1 else None)
        except Unprintable:
            await self._stop_for_a_person(f"unprintable:{job.attempt_id}")
            return None
        except Refused as refused:
            log.warning("job_refused", attempt_id=job.attempt_id, cause=refused.slug, reason=refused.veto)
            self._refused += 1
            return self._clock.now() + timedelta(
                seconds=self._settings.retry * 2 ** min(self._refused - 1, 4)
            )
        self._refused = 0
        return due

    def _next(self, jobs: tuple[Job, ...]) -> Job | None:
        """The oldest reserved card; none while a card of unknown fate is at this station.

        An armed one goes on only where the answer to its arming was lost: asked by this very run, not yet intended.
        """
        held = next((job for job in jobs if job.state != "reserved"), None)
        if held is not None:
            return held if held.state == "armed" and self._asked(held) is not None else None
        return jobs[0] if jobs else None

    def _asked(self, job: Job) -> UUID | None:
        """The nonce with which this run asked to arm the attempt, where the answer never came."""
        return (
            self._question[1] if self._question is not None and self._question[0] == job.attempt_id else None
        )

    async def _print(self, job: Job, after: Job | None) -> datetime:
        """All steps of one card; the one after it is prepared meanwhile."""
        prepared = await self._prepared(job)
        if after is not None:
            await self._prepare_ahead(after)
        health = await self._session.health()
        if health.state != "ready":
            return self._clock.now() + timedelta(seconds=self._settings.retry)
        arm = await self._arm(job)
        self.in_flight = 1
        try:
            await self._send(job, arm, prepared)
        finally:
            self.in_flight = 0
        await self._report_all()
        return self._clock.now()

    async def _prepared(self, job: Job) -> PreparedCard:
        """The card ready to be sent: prepared ahead, or now."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead[0] != job.attempt_id:
            return await self._session.prepare(await self._fetched(job))
        return await ahead[1]

    async def _prepare_ahead(self, job: Job) -> None:
        """Begin to prepare the next card. What fails here fails again, and is told, when its turn comes."""
        try:
            card = await self._fetched(job)
        except (Refused, Unprintable):
            return
        self._ahead = (job.attempt_id, asyncio.ensure_future(self._session.prepare(card)))

    async def _fetched(self, job: Job) -> Card:
        record = await self._office.record(job)
        if record.application_id != job.application_id:
            raise Unprintable(str(job.attempt_id))
        return self._card(job, record)

    async def _arm(self, job: Job) -> Arm:
        """The nonce is on disk before the question: asked again it is the same, and a later run can answer for it."""
        nonce = self._asked(job) or self._ids.new()
        arm = Arm(station=self._settings.station, fence=job.fence, run=self._run, nonce=nonce)
        self._journal.record_arming(
            attempt_id=job.attempt_id,
            application_id=job.application_id,
            fence=job.fence,
            nonce=nonce,
            run=self._run,
        )
        self._question = (job.attempt_id, nonce)
        failpoints.hit("station.arming")
        try:
            await self._office.arm(job.attempt_id, arm)
        except Refused:
            self._question = None
            self._journal.forget_arming(job.attempt_id)
            raise
        self._question = None
        failpoints.hit("station.armed")
        return arm

    async def _send(self, job: Job, arm: Arm, prepared: PreparedCard) -> None:
        """Intent, one send, outcome. Whatever happens after the intent, it is never sent again."""
        self._journal.record_intent(job.attempt_id, at=self._clock.now())
        failpoints.hit("station.intent")
        try:
            reference = await self._session.submit(prepared, job.attempt_id)
            failpoints.hit("station.sent")
            if reference != str(job.attempt_id):
                self._journal.record_reference(job.attempt_id, reference)
            decision = after_send(
                reference=reference,
                resolved=await self._session.resolve(reference),
                evidence=self._session.capabilities.evidence,
            )
        except SessionError as unsure:
            # After the intent even "not sent" is for a person to say: the journal cannot take its word back.
            decision = Decision(outcome="uncertain", evidence={"cause": str(unsure)})
        self._journal.record_outcome(
            job.attempt_id, outcome=decision.outcome, evidence=decision.evidence, at=self._clock.now()
        )
        failpoints.hit("station.outcome")

    async def _settle_the_past(self) -> None:
        """The crash table: an attempt without an outcome is printed only by the device's word, else uncertain."""
        for entry in self._journal.open_attempts():
            resolved = (
                "unknown" if entry.intent_at is None else await self._session.resolve(_reference(entry))
            )
            decision = after_restart(
                intended=entry.intent_at is not None,
                reference=_reference(entry),
                resolved=resolved,
                evidence=self._session.capabilities.evidence,
            )
            self._journal.record_outcome(
                entry.attempt_id, outcome=decision.outcome, evidence=decision.evidence, at=self._clock.now()
            )

    async def _report_all(self) -> None:
        """Tell every outcome the scheduler does not have yet; its word is final for the journal."""
        for entry in self._journal.unreported():
            assert entry.outcome is not None
            said = Report(
                station=self._settings.station,
                fence=entry.fence,
                run=entry.run,
                nonce=entry.nonce,
                state=entry.outcome,
                evidence=entry.evidence,
            )
            try:
                await self._office.report(entry.attempt_id, said)
            except Refused as refused:
                # Not armed after all (the answer to arm was lost and the attempt freed), or unknown there.
                log.warning("outcome_refused", attempt_id=entry.attempt_id, cause=refused.slug)
                if refused.slug == "not-armed" and entry.intent_at is None:
                    # Still reserved for us: the question never reached the database, it is asked anew.
                    self._journal.forget_arming(entry.attempt_id)
                    continue
            failpoints.hit("station.reported")
            self._journal.record_reported(entry.attempt_id, at=self._clock.now())

    def _card(self, job: Job, record: VerifiedRecord) -> Card:
        return Card(
            attempt_id=job.attempt_id,
            receipt_number=job.receipt_number,
            specimen=self._settings.specimen,
            issued_at_place=record.regency,
            issued_on=self._clock.now().astimezone(ZoneInfo(self._settings.tz)).date(),
            **record.model_dump(exclude={"approval_id", "application_id", "approved_until"}),
        )

    async def _stop_for_a_person(self, reason: str) -> None:
        """Pause this station and say why; what it has reserved goes back."""
        self._answer = await self._office.hello(Hello(run=self._run, pause=reason))
        self.blocked_by = self._blocked(self._answer, (reason,))

    def _blocked(self, answer: HelloAnswer, reasons: tuple[str, ...]) -> tuple[str, ...]:
        found = [] if answer.state == "running" else [f"station_{answer.state}"]
        if answer.printing_until is None and answer.printing_from is not None:
            found.append("printing_closed")
        return (*found, *reasons)


def _reference(entry: Entry) -> str:
    return entry.reference or str(entry.attempt_id)

"""All steps of one card, from its record to its journaled outcome; the one after it is prepared meanwhile."""

import asyncio
from contextlib import suppress
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from backbone import failpoints
from backbone.contracts.station import Arm, Job, Report, VerifiedRecord
from printer_agent.card_face import Unprintable
from printer_agent.domain import Decision, after_send
from printer_agent.journal import JournalFull
from printer_agent.office import Refused, Unreachable
from printer_agent.session import Card, NotSent, PreparedCard, SessionError
from printer_agent.use_cases.desk import Desk, Moment

log = structlog.get_logger()

CREATED = "station.created"
"""Passed only where a device makes a job before it takes the card."""
LATE = "woke_too_late"
"""Evidence of a card that was not sent: too long a time lay between the question to arm and the send."""


class CardDesk:
    """Prints cards one at a time. `question`: what this run asked to arm where the answer never came.

    Between the question to arm and the card's data at most `settings.freeze` seconds may pass. A process that was frozen
    longer no longer knows what people decided meanwhile: it sends nothing. Before the intent that is "not sent" for
    certain (released); after it, a person looks. After `settings.look_again` seconds the office is asked once more.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ahead: tuple[UUID, asyncio.Future[PreparedCard]] | None = None
        self._unsent: dict[UUID, Report] = {}
        self._unwritten: tuple[UUID, Decision, datetime] | None = None
        self.question: tuple[UUID, UUID] | None = None

    def asked(self, job: Job) -> UUID | None:
        """The nonce with which this run asked to arm the attempt, where the answer never came."""
        return self.question[1] if self.question is not None and self.question[0] == job.attempt_id else None

    async def prepared(self, job: Job) -> PreparedCard:
        """The card ready to be sent: prepared ahead, or now."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead[0] != job.attempt_id:
            return await self._desk.session.prepare(await self._fetched(job))
        return await ahead[1]

    async def prepare_ahead(self, job: Job) -> None:
        """Begin to prepare the next card. What fails here fails again, and is told, when its turn comes."""
        try:
            card = await self._fetched(job)
        except (Refused, Unprintable):
            return
        self._ahead = (job.attempt_id, asyncio.ensure_future(self._desk.session.prepare(card)))

    async def print(self, job: Job, prepared: PreparedCard) -> None:
        """Arm, intend, send once, journal the outcome. Raises Refused (not armed), JournalFull, Unreachable."""
        failpoints.hit("station.prepared")
        asked = Moment.now(self._desk.clock)
        arm = await self._arm(job)
        if not await self._intend(job, arm, asked):
            return
        decision = await self._send(job, arm, prepared, asked)
        self._unwritten = (job.attempt_id, decision, self._desk.clock.now())
        self.write_down()
        failpoints.hit("station.outcome")

    def write_down(self) -> None:
        """Journal an outcome that a full disk did not take; raises JournalFull again."""
        if self._unwritten is not None:
            attempt_id, decision, at = self._unwritten
            self._desk.journal.record_outcome(
                attempt_id, outcome=decision.outcome, evidence=decision.evidence, at=at
            )
            self._unwritten = None

    async def tell_unsent(self) -> None:
        """Tell the office of cards that were armed and, for certain, not sent: their intent found no room on the disk."""
        for attempt_id, said in list(self._unsent.items()):
            try:
                await self._desk.office.report(attempt_id, said)
            except Refused as refused:
                log.warning("outcome_refused", attempt_id=attempt_id, cause=refused.slug)
            del self._unsent[attempt_id]
            self._desk.journal.forget_arming(attempt_id)

    async def _fetched(self, job: Job) -> Card:
        record = await self._desk.office.record(job)
        if record.application_id != job.application_id:
            raise Unprintable(str(job.attempt_id))
        return self._card(job, record)

    async def _arm(self, job: Job) -> Arm:
        """The nonce is on disk before the question: asked again it is the same, and a later run can answer for it."""
        desk = self._desk
        nonce = self.asked(job) or desk.ids.new()
        arm = Arm(station=desk.settings.station, fence=job.fence, run=desk.run, nonce=nonce)
        desk.journal.record_arming(
            attempt_id=job.attempt_id,
            application_id=job.application_id,
            fence=job.fence,
            nonce=nonce,
            run=desk.run,
            approval_id=job.approval_id,
            receipt_number=job.receipt_number,
            district_code=job.district_code,
            reason=job.reason,
        )
        self.question = (job.attempt_id, nonce)
        failpoints.hit("station.arming")
        try:
            await desk.office.arm(job.attempt_id, arm)
        except Refused:
            self.question = None
            desk.journal.forget_arming(job.attempt_id)
            raise
        self.question = None
        failpoints.hit("station.armed")
        return arm

    async def _intend(self, job: Job, arm: Arm, asked: Moment) -> bool:
        """Journal the intent; False where nothing is sent, for certain, and the office is told so."""
        journal = self._desk.journal
        passed = Moment.now(self._desk.clock).seconds_since(asked)
        if passed > self._desk.settings.freeze:
            log.warning(LATE, attempt_id=job.attempt_id, seconds=passed)
            unsent = Decision(outcome="released", evidence={"cause": LATE, "seconds": round(passed)})
            self._unwritten = (job.attempt_id, unsent, self._desk.clock.now())
            self.write_down()
            return False
        try:
            journal.record_intent(job.attempt_id, at=self._desk.clock.now())
        except JournalFull:
            self._unsent[job.attempt_id] = Report(
                **arm.model_dump(), state="released", evidence={"cause": "journal_full"}
            )
            await self.tell_unsent()
            raise
        failpoints.hit("station.intent")
        return True

    async def _send(self, job: Job, arm: Arm, prepared: PreparedCard, asked: Moment) -> Decision:
        """One send. Whatever happens after the intent, it is never sent again."""
        desk, told = self._desk, ""

        async def created(reference: str) -> None:
            """The device has the job and not the card yet: its name for it is on disk before the card goes."""
            nonlocal told, asked
            desk.journal.record_reference(job.attempt_id, reference)
            told = reference
            failpoints.hit(CREATED)
            asked = await self._last_look(job, arm, asked, after=0)

        try:
            asked = await self._last_look(job, arm, asked, after=desk.settings.look_again)
            reference = await desk.session.submit(prepared, job.attempt_id, created)
            failpoints.hit("station.sent")
            if reference not in (told, str(job.attempt_id)):
                with suppress(JournalFull):
                    desk.journal.record_reference(job.attempt_id, reference)
            return after_send(
                reference=reference,
                resolved=await desk.session.resolve(reference),
                evidence=desk.session.capabilities.evidence,
            )
        except (SessionError, JournalFull) as unsure:
            # After the intent even "not sent" is for a person to say: the journal cannot take its word back.
            return Decision(outcome="uncertain", evidence={"cause": str(unsure)})

    async def _last_look(self, job: Job, arm: Arm, asked: Moment, *, after: float) -> Moment:
        """When the office was last asked and said yes, asked once more where that is `after` seconds ago.

        Raises NotSent where it is too long ago, or the office says no more: same nonce, same answer, until somebody has
        closed the attempt.
        """
        clock, settings = self._desk.clock, self._desk.settings
        if Moment.now(clock).seconds_since(asked) > settings.freeze:
            raise NotSent(LATE)
        if Moment.now(clock).seconds_since(asked) < after:
            return asked
        asked = Moment.now(clock)
        try:
            await self._desk.office.arm(job.attempt_id, arm)
        except (Refused, Unreachable):
            raise NotSent("no_more_allowed") from None
        if Moment.now(clock).seconds_since(asked) > settings.look_again:
            raise NotSent(LATE)
        return asked

    def _card(self, job: Job, record: VerifiedRecord) -> Card:
        settings = self._desk.settings
        return Card(
            attempt_id=job.attempt_id,
            receipt_number=job.receipt_number,
            specimen=settings.specimen,
            issued_at_place=record.regency,
            issued_on=self._desk.clock.now().astimezone(ZoneInfo(settings.tz)).date(),
            **record.model_dump(exclude={"approval_id", "application_id", "approved_until"}),
        )

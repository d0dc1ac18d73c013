"""A card session over IPP. Intent stands in the agent's journal before `submit`; here each step happens at most once.

Create-Job, the printer's reference to the journal, Send-Document once, then Get-Job-Attributes until the job ends. A
job that has not ended when its time is up is cancelled: what is told to be uncertain must not come out of the printer
an hour later.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog

from backbone import failpoints
from backbone.clock import Clock
from printer_agent.card_face import CardFace
from printer_agent.drivers.ipp.follower import Follower, Limits
from printer_agent.drivers.ipp.job import PROCESSING, Reference
from printer_agent.drivers.ipp.jobs import BEFORE_DATA, Jobs
from printer_agent.drivers.ipp.line import Line, LineError, NotReached, Refused
from printer_agent.drivers.ipp.printer import capabilities, health, two_sided
from printer_agent.drivers.watching import changes
from printer_agent.session import (
    Capabilities,
    Card,
    Created,
    Evidence,
    Health,
    NotSent,
    PreparedCard,
    Resolved,
    SendUncertain,
)

log = structlog.get_logger()


class IppSession:
    """The printer at `uri`; `user` is its name for this station. `evidence` and pace override what the printer says.

    Until the printer has answered once, its word counts as a spooler's.
    """

    def __init__(
        self,
        uri: str,
        face: CardFace,
        clock: Clock,
        *,
        user: str,
        evidence: Evidence | None = None,
        seconds_per_card: float = 0,
        limits: Limits | None = None,
    ) -> None:
        self._face = face
        self._clock = clock
        self._evidence = evidence
        self._pace = seconds_per_card
        self._limits = limits or Limits()
        self._jobs = Jobs(Line(uri, user), user, document=self._limits.document)
        self._follower = Follower(self._jobs, clock, self._limits)
        self._at_work: set[UUID] = set()
        self._given_up: set[UUID] = set()
        self._completed: set[UUID] = set()
        self.capabilities = Capabilities(evidence=evidence or "spooler", seconds_per_card=seconds_per_card)

    async def health(self) -> Health:
        """Also cancels what an earlier card of ours has left waiting in the printer."""
        try:
            attributes = await self._look()
            busy = not self._at_work and int(attributes.get("queued-job-count") or 0) > 0
            return health(attributes, busy=busy and await self._occupied())
        except LineError:
            return Health(state="stopped", reasons=("offline",))

    async def prepare(self, card: Card) -> PreparedCard:
        """On a thread: typst renders outside the GIL. Raises card_face.Unprintable."""
        document = await asyncio.to_thread(self._face.render, card)
        return PreparedCard(attempt_id=card.attempt_id, document=document)

    async def submit(self, prepared: PreparedCard, attempt_id: UUID, created: Created | None = None) -> str:
        """Once, and followed to its end. Raises NotSent and SendUncertain."""
        if prepared.attempt_id != attempt_id:
            raise NotSent("another attempt's card")
        self._at_work.add(attempt_id)
        try:
            reference = await self._created(attempt_id, prepared.document)
            answered = await self._handed_over(reference, prepared.document, created)
            await self._settled(reference, answered=answered)
        finally:
            self._at_work.discard(attempt_id)
        return reference.text

    async def resolve(self, reference: str) -> Resolved:
        """Only "completed" under our name and the job's own uuid is "printed". Waits for a job that is at work.

        Of a send that an earlier run made nobody can tell whether all of its data went: the printer's count must.
        """
        known = Reference.read(reference)
        attempt_id = known.attempt_id if known else UUID(reference)
        if attempt_id in self._completed:
            return "printed"
        self._at_work.add(attempt_id)
        try:
            known = known or await self._follower.search(attempt_id)
            if known is not None:
                await self._settled(known, answered=False)
        except (LineError, SendUncertain):
            return "unknown"
        finally:
            self._at_work.discard(attempt_id)
        return "printed" if attempt_id in self._completed else "unknown"

    async def cancel(self, reference: str) -> bool:
        try:
            known = Reference.read(reference) or await self._follower.search(UUID(reference))
            if known is None:
                return False
            return await self._cancelled(known)
        except LineError:
            return False

    def events(self) -> AsyncIterator[Health]:
        return changes(self.health, self._clock)

    async def _look(self) -> Mapping[str, Any]:
        attributes = await self._jobs.printer()
        self.capabilities = capabilities(attributes, evidence=self._evidence, seconds_per_card=self._pace)
        return attributes

    async def _occupied(self) -> bool:
        """Whether a job is left at the printer; ours that wait, or were given up, are cancelled."""
        ours = await self._jobs.mine("not-completed")
        for job in ours:
            waits = job.state != PROCESSING or job.name in map(str, self._given_up)
            if waits and job.name not in map(str, self._at_work):
                log.warning("leftover_cancelled", attempt_id=job.name, state=job.state)
                await self._jobs.cancel(job.job_id)
        return True

    async def _created(self, attempt_id: UUID, document: bytes) -> Reference:
        """A job without data. Whatever goes wrong here, nothing was sent."""
        try:
            attributes = await self._look()
            job_id = await self._jobs.create(attempt_id, self._options(attributes))
        except LineError as error:
            raise NotSent(f"Create-Job: {error}") from None
        reference = Reference(
            attempt_id=attempt_id,
            job_id=job_id,
            printer_uuid=attributes.get("printer-uuid"),
            up_time=attributes.get("printer-up-time"),
            kilobytes=-(-len(document) // 1024),
        )
        try:
            job = await self._jobs.get(job_id)
            if job is not None and job.is_of(reference):
                return replace(reference, job_uuid=job.job_uuid)
            await self._jobs.cancel(job_id)
        except LineError as error:
            raise NotSent(f"Get-Job-Attributes: {error}") from None
        raise NotSent("the printer does not name our job as we did")

    def _options(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """One card, both sides; on CUPS no banner, which would take a blank."""
        options: dict[str, Any] = {"copies": 1}
        if (sides := two_sided(attributes)) is not None:
            options["sides"] = sides
        if self.capabilities.media is not None:
            options["media"] = self.capabilities.media
        if "cups-version" in attributes or "printer-type" in attributes:
            options["job-sheets"] = "none"
        return options

    async def _handed_over(self, reference: Reference, document: bytes, created: Created | None) -> bool:
        """To the journal, then to the printer; whether it answered that it took the data. Raises NotSent."""
        try:
            failpoints.hit("ipp.created")
            # Its last look at the office comes right before the data: nothing may stand between.
            if created is not None:
                await created(reference.text)
        except BaseException:
            await self._drop(reference)
            raise
        try:
            await self._jobs.send(reference.job_id, document)
            answered = True
        except LineError as error:
            await self._sort_out(reference, error)
            answered = False
        failpoints.hit("ipp.sent")
        return answered

    async def _sort_out(self, reference: Reference, error: LineError) -> None:
        """NotSent where that is certain. Any other answer, or none: the job is looked at; it is never sent again."""
        if isinstance(error, NotReached) or (isinstance(error, Refused) and error.status in BEFORE_DATA):
            await self._drop(reference)
            raise NotSent(f"Send-Document: {error}") from None
        log.warning("not_acknowledged", attempt_id=str(reference.attempt_id), cause=str(error))

    async def _settled(self, reference: Reference, *, answered: bool) -> None:
        """Returns when the printer has completed the card. Raises SendUncertain; nothing of ours waits there then."""
        end = await self._follower.follow(reference, seconds=self._limits.job, answered=answered)
        if end in ("overdue", "silent"):
            await self._drop(reference)
            end = await self._follower.follow(reference, seconds=10 * self._limits.poll, answered=answered)
        if end == "completed":
            self._completed.add(reference.attempt_id)
            return
        self._given_up.add(reference.attempt_id)
        raise SendUncertain(f"job {reference.job_id}: {end}")

    async def _drop(self, reference: Reference) -> None:
        """Cancel, as well as can be: a job without data, or one whose time is up."""
        try:
            await self._cancelled(reference)
        except LineError:
            self._given_up.add(reference.attempt_id)

    async def _cancelled(self, reference: Reference) -> bool:
        """Only what is still ours: its id may name another's job by now."""
        job = await self._jobs.get(reference.job_id)
        return job is not None and job.is_of(reference) and job.lives and await self._jobs.cancel(job.job_id)

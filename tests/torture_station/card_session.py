"""A card session that speaks to a simulated printer's physics directly, for virtual time; the wire is tested elsewhere.

It behaves as the `ipp` driver promises: Create-Job, the reference told, Send-Document once, then the job's end awaited.
"""

from collections.abc import AsyncIterator, Callable
from inspect import isawaitable
from typing import Any
from uuid import UUID

from backbone import failpoints
from printer_agent.session import (
    Capabilities,
    Card,
    Evidence,
    Health,
    NotSent,
    PreparedCard,
    Resolved,
    SendUncertain,
)
from simulator.card_printer.machine import ABORTED, COMPLETED, Cut, Job, Machine, Off, Unwilling

from .station_clock import StationClock

PATIENCE = 150.0
"""Seconds until a job that has not ended is one of unknown fate."""
LOOK = 4.0
"""Seconds between two looks at a job."""


class PhysicsSession:
    def __init__(self, machine: Machine, clock: StationClock) -> None:
        evidence: Evidence = "spooler" if machine.spooler else "device"
        self.capabilities = Capabilities(evidence=evidence, seconds_per_card=machine.seconds_per_card)
        self._machine = machine
        self._clock = clock

    async def health(self) -> Health:
        await self._clock.awake()
        if not self._machine.powered:
            return Health(state="stopped", reasons=("offline",))
        reasons = tuple(reason for reason in self._machine.reasons if reason != "none")
        return Health(state="stopped" if self._machine.stoppers() else "ready", reasons=reasons)

    async def prepare(self, card: Card) -> PreparedCard:
        return PreparedCard(attempt_id=card.attempt_id, document=b"%PDF-1.7")

    async def submit(
        self, prepared: PreparedCard, attempt_id: UUID, created: Callable[[str], Any] | None = None
    ) -> str:
        if prepared.attempt_id != attempt_id:
            raise NotSent("another attempt's card")
        await self._clock.awake()
        try:
            job = self._machine.create_job(str(attempt_id), "station")
        except (Off, Cut, Unwilling) as error:
            raise NotSent(type(error).__name__) from None
        failpoints.hit("ipp.created")
        await self._clock.awake()
        await self._told(job, created)
        await self._clock.awake()
        try:
            self._machine.send_document(job.id)
        except Off:
            raise NotSent("no power") from None
        except (Cut, Unwilling) as error:
            raise SendUncertain(type(error).__name__) from None
        failpoints.hit("ipp.sent")
        await self._end(job)
        return job.uuid

    async def _told(self, job: Job, created: Callable[[str], Any] | None) -> None:
        """The reference, before the data; what it raises ends the send."""
        try:
            if created is not None and isawaitable(answer := created(job.uuid)):
                await answer
        except Exception:
            await self.cancel(job.uuid)
            raise

    async def _end(self, job: Job) -> None:
        """Raises SendUncertain unless the printer says that it completed the job."""
        waited = 0.0
        while not job.ended:
            if waited >= PATIENCE or not self._machine.powered or self._machine.jobs.get(job.id) is not job:
                raise SendUncertain("nobody knows")
            await self._clock.sleep(LOOK)
            waited += LOOK
        if job.state == ABORTED:
            raise SendUncertain("aborted")

    async def resolve(self, reference: str) -> Resolved:
        await self._clock.awake()
        job = self._find(reference)
        return "printed" if job is not None and job.state == COMPLETED else "unknown"

    async def cancel(self, reference: str) -> bool:
        await self._clock.awake()
        job = self._find(reference)
        if job is None:
            return False
        try:
            self._machine.cancel(job.id)
        except (Off, Unwilling):
            return False
        return True

    async def events(self) -> AsyncIterator[Health]:
        yield await self.health()
        await self._clock.bell().wait(None)

    def _find(self, reference: str) -> Job | None:
        """By the job's uuid, or by its name where the reference was lost."""
        jobs = self._machine.jobs.values() if self._machine.powered else ()
        return next((job for job in jobs if reference in (job.uuid, job.name)), None)

"""Follows one card's job to its end, and finds it again where its reference was lost."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from backbone.clock import Clock
from printer_agent.drivers.ipp.job import Reference
from printer_agent.drivers.ipp.jobs import Jobs
from printer_agent.drivers.ipp.line import LineError

End = Literal["completed", "failed", "gone", "overdue", "silent"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """In seconds. `document`: for sending the data; `job`: from then to the job's end; `silence`: how long a printer
    that answers nothing is waited for; `poll`: between two looks at the job.
    """

    document: float = 60
    job: float = 240
    silence: float = 20
    poll: float = 0.5


class Follower:
    def __init__(self, jobs: Jobs, clock: Clock, limits: Limits) -> None:
        self._jobs = jobs
        self._clock = clock
        self._limits = limits

    async def follow(self, reference: Reference, *, seconds: float, answered: bool) -> End:
        """How the job ended, or why it was not waited for any longer. `seconds`: at most, from now.

        `answered` as in `Job.shows_a_card`.
        """
        begun = heard = self._clock.now()
        while True:
            end, news = await self._seen(reference, answered=answered)
            if end is not None:
                return end
            now = self._clock.now()
            heard = now if news else heard
            if (now - heard).total_seconds() >= self._limits.silence:
                return "silent"
            if (now - begun).total_seconds() >= seconds:
                return "overdue"
            await self._clock.sleep(self._limits.poll)

    async def _seen(self, reference: Reference, *, answered: bool) -> tuple[End | None, bool]:
        """How the job ended, None while it lives; and whether it does anything, rather than wait for lost data."""
        try:
            job = await self._jobs.get(reference.job_id)
        except LineError:
            return None, False
        if job is None or not job.is_of(reference):
            # Another job under our id: ours is gone.
            return "gone", True
        if job.lives:
            return None, not job.lacks_data
        return ("completed" if job.shows_a_card(reference, answered=answered) else "failed"), True

    async def search(self, attempt_id: UUID) -> Reference | None:
        """The one job of our name, living or ended; None where there is none, or more than one. Raises LineError."""
        jobs = [*await self._jobs.mine("not-completed"), *await self._jobs.mine("completed")]
        found = {job.job_id: job for job in jobs if job.name == str(attempt_id)}
        if len(found) != 1:
            return None
        (job,) = found.values()
        return Reference(attempt_id=attempt_id, job_id=job.job_id, job_uuid=job.job_uuid)

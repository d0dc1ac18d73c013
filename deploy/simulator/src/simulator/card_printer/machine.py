"""The printer's physics: blanks, bins, ribbon, jobs and the hands that tend it. IPP is in `service`.

Every blank is in the hopper, in hand (being printed), in the good bin or in the reject bin. All time passes on the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from backbone.clock import Clock
from backbone.ids import Ids
from simulator.card_printer.mishaps import Mishap, Mishaps
from simulator.card_printer.witness import Came, Outcome, Witness

PENDING, PROCESSING, STOPPED, CANCELED, ABORTED, COMPLETED = 3, 5, 6, 7, 8, 9
"""IPP's job-state (RFC 8011, section 5.3.7)."""
LOW: Final = 5
"""Blanks, and percent of ribbon, at which the printer says that there are few left."""


class Off(ConnectionError):
    """Nobody answers: the power is off."""


class Cut(ConnectionError):
    """The connection died before the answer; what was asked is done."""


class Unwilling(RuntimeError):
    """The printer answers an IPP error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:#06x}")
        self.status = status


BUSY, NOT_FOUND, NOT_POSSIBLE, INTERNAL = 0x0507, 0x0406, 0x0404, 0x0500


@dataclass(eq=False, kw_only=True)
class Job:
    """One job. `reasons` are IPP's job-state-reasons."""

    id: int
    uuid: str
    name: str
    user: str
    created_at: datetime
    mishap: Mishap | None = None
    state: int = PENDING
    reasons: tuple[str, ...] = ("job-incoming",)
    has_data: bool = False
    began_at: datetime | None = None
    ended_at: datetime | None = None
    cards: int = 0
    kilobytes: int = 0

    def meets(self, kind: str) -> bool:
        return self.mishap is not None and self.mishap.kind == kind

    @property
    def ended(self) -> bool:
        return self.state >= CANCELED


@dataclass(eq=False)
class Bins:
    """What lies in each, by job name, in the order it fell."""

    good: list[str] = field(default_factory=list)
    reject: list[str] = field(default_factory=list)


class Machine:
    """One printer with `blanks` in its hopper. `run` is its motor: it must run for anything to be printed.

    `spooler`: says "completed" as soon as it has the bytes, as a queue in front of a printer does.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        blanks: int = 0,
        ribbon: int = 500,
        seconds_per_card: float = 5,
        mishaps: Mishaps | None = None,
        witness: Witness | None = None,
        spooler: bool = False,
    ) -> None:
        self.clock = clock
        self.ids = ids
        self.hopper = blanks
        self.ribbon = self.ribbon_new = ribbon
        self.seconds_per_card = seconds_per_card
        self.mishaps = mishaps or Mishaps()
        self.witness = witness or Witness()
        self.spooler = spooler
        self.bins = Bins()
        self.powered = True
        self.cover_is_open = False
        self.jammed = False
        self.started_at = clock.now()
        self.jobs: dict[int, Job] = {}
        self._waiting: list[Job] = []
        self.in_hand: Job | None = None
        self._bell = clock.bell()

    # What is asked of it over the wire.

    def create_job(self, name: str, user: str = "") -> Job:
        """Raises Off, Unwilling (busy), or Cut once the job is made."""
        self._answering()
        mishap = self.mishaps.take()
        if mishap is not None and mishap.kind == "busy":
            raise Unwilling(BUSY)
        number = 1 + max(self.jobs, default=0)
        job = Job(
            id=number,
            uuid=f"urn:uuid:{self.ids.new()}",
            name=name,
            user=user,
            created_at=self.clock.now(),
            mishap=mishap,
        )
        self.jobs[number] = job
        if job.meets("create_answer_lost"):
            raise Cut
        return job

    def send_document(self, number: int, data: bytes = b"") -> Job:
        """The card's data are here: it will be printed. Raises Off, Unwilling, or Cut once they are taken."""
        self._answering()
        job = self.job(number)
        if job.has_data or job.ended:
            raise Unwilling(NOT_POSSIBLE)
        job.has_data, job.reasons = True, ("job-queued",)
        job.kilobytes = -(-len(data) // 1024)
        self._waiting.append(job)
        if self.spooler:
            self._end(job, COMPLETED, "job-completed-successfully")
        self._bell.ring()
        if job.meets("answer_lost"):
            raise Cut
        if job.meets("error_but_prints"):
            raise Unwilling(INTERNAL)
        return job

    def cancel(self, number: int) -> None:
        """Only what has not begun can be stopped. Raises Off, or Unwilling where it is too late."""
        self._answering()
        job = self.job(number)
        if job is self.in_hand or (job.ended and job not in self._waiting):
            raise Unwilling(NOT_POSSIBLE)
        if job in self._waiting:
            self._waiting.remove(job)
        self._end(job, CANCELED, "job-canceled-by-user")

    def job(self, number: int) -> Job:
        """Raises Unwilling where it is not known (any more)."""
        self._answering()
        if number not in self.jobs:
            raise Unwilling(NOT_FOUND)
        return self.jobs[number]

    @property
    def reasons(self) -> tuple[str, ...]:
        """IPP's printer-state-reasons, those that stop it first."""
        return (*self.stoppers(), *self._warnings()) or ("none",)

    def stoppers(self) -> tuple[str, ...]:
        states = {
            "cover-open": self.cover_is_open,
            "media-jam": self.jammed,
            "media-empty": not self.hopper and self.in_hand is None,
            "marker-supply-empty": not self.ribbon,
        }
        return tuple(reason for reason, so in states.items() if so)

    def _warnings(self) -> Iterator[str]:
        if 0 < self.hopper <= LOW:
            yield "media-low"
        if 0 < self.ribbon_percent <= LOW:
            yield "marker-supply-low"

    @property
    def ribbon_percent(self) -> int:
        return -(-100 * self.ribbon // self.ribbon_new)

    @property
    def quiet(self) -> bool:
        """Nothing is in hand and nothing waits: what lies in the bins is all there will be."""
        return self.in_hand is None and not self._waiting

    # What people do with their hands.

    def load(self, blanks: int) -> None:
        self.hopper += blanks
        self._bell.ring()

    def change_ribbon(self) -> None:
        self.ribbon = self.ribbon_new
        self._bell.ring()

    def open_cover(self) -> None:
        self.cover_is_open = True

    def close_cover(self) -> None:
        self.cover_is_open = False
        self._bell.ring()

    def clear_jam(self) -> None:
        self.jammed = False
        self._bell.ring()

    def cut_power(self) -> None:
        """A card in hand is lost; no job is remembered, and their ids begin anew."""
        self.powered = False
        job, self.in_hand = self.in_hand, None
        if job is not None:
            self._fall(job, "half")
        self.jobs.clear()
        self._waiting.clear()

    def power_on(self) -> None:
        if not self.powered:
            self.powered, self.started_at = True, self.clock.now()
            self._bell.ring()

    # The motor.

    async def run(self) -> None:
        """Print what waits, for ever."""
        with self.clock.at_work():
            while True:
                if not self._waiting or self.stoppers() or not self.powered:
                    await self._bell.wait(None)
                    continue
                await self._make(self._waiting.pop(0))

    async def _make(self, job: Job) -> None:
        self.hopper -= 1
        self.in_hand = job
        job.began_at = self.clock.now()
        if not job.ended:
            job.state, job.reasons = PROCESSING, ("job-printing",)
        await self.clock.sleep(self.seconds_per_card / 2)
        if self.in_hand is job:
            await self._half_way(job)

    async def _half_way(self, job: Job) -> None:
        if job.meets("power_cut"):
            self.cut_power()
            return
        if job.meets("jam"):
            self._jam(job)
            return
        if job.meets("cover_open"):
            self.open_cover()
        while self.cover_is_open and self.in_hand is job:
            await self._bell.wait(None)
        late = job.mishap.seconds if job.mishap is not None and job.mishap.kind == "slow" else 0.0
        await self.clock.sleep(self.seconds_per_card / 2 + late)
        if self.in_hand is job:
            self._come_out(job)

    def _jam(self, job: Job) -> None:
        self.jammed, self.in_hand = True, None
        self._fall(job, "jam")
        self._end(job, ABORTED, "aborted-by-system")

    def _come_out(self, job: Job) -> None:
        self.in_hand = None
        job.cards = 1
        self.ribbon -= 1
        self._fall(job, "good")
        self._end(job, COMPLETED, "job-completed-successfully")
        if job.meets("history_empty"):
            self.jobs.pop(job.id, None)

    def _fall(self, job: Job, outcome: Outcome) -> None:
        (self.bins.good if outcome == "good" else self.bins.reject).append(job.name)
        self.witness.add(Came(at=self.clock.now(), job_uuid=job.uuid, job_name=job.name, outcome=outcome))

    def _end(self, job: Job, state: int, reason: str) -> None:
        if not job.ended:
            job.state, job.reasons, job.ended_at = state, (reason,), self.clock.now()

    def _answering(self) -> None:
        if not self.powered:
            raise Off

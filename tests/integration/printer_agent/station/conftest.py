"""A station between an office and a printer that obey the test."""

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx2
import pytest

from backbone.clock import VirtualClock
from backbone.ids import Ids
from printer_agent.journal import Journal
from printer_agent.office import Office, Unreachable
from printer_agent.session import Capabilities, Card, Health, PreparedCard
from printer_agent.settings import StationSettings
from printer_agent.use_cases import Station

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
NAME = "2102-1"
RECORD = {
    "nik": "2102034101019001",
    "full_name": "SITI",
    "birth_place": "MORO",
    "birth_date": "2001-01-01",
    "sex": "F",
    "blood_type": "",
    "address": "JL MERDEKA",
    "rt": "001",
    "rw": "002",
    "village": "MORO",
    "district": "MORO",
    "regency": "KARIMUN",
    "province": "KEPULAUAN RIAU",
    "religion": "ISLAM",
    "marital_status": "BELUM KAWIN",
    "occupation": "PELAJAR",
    "approved_until": "2026-11-25T07:00:00Z",
}


class Printer:
    """`creates`: makes a job first, and tells its name. `meanwhile` happens while the card is being sent."""

    capabilities = Capabilities(evidence="device", seconds_per_card=0)

    def __init__(self) -> None:
        self.state = Health(state="ready")
        self.creates = False
        self.printed: list[UUID] = []
        self.cancelled: list[str] = []
        self.before_arm: Callable[[], None] = lambda: None
        self.meanwhile: Callable[[], None] = lambda: None

    async def health(self) -> Health:
        self.before_arm()
        return self.state

    async def prepare(self, card: Card) -> PreparedCard:
        return PreparedCard(attempt_id=card.attempt_id, document=b"")

    async def submit(
        self,
        prepared: PreparedCard,
        attempt_id: UUID,
        created: Callable[[str], Awaitable[None]] | None = None,
    ) -> str:
        reference = f"job-{attempt_id}" if self.creates else str(attempt_id)
        self.meanwhile()
        if self.creates and created is not None:
            await created(reference)
        self.printed.append(attempt_id)
        return reference

    async def resolve(self, reference: str) -> Any:
        return "printed" if UUID(reference.removeprefix("job-")) in self.printed else "unknown"

    async def cancel(self, reference: str) -> bool:
        self.cancelled.append(reference)
        return True

    async def events(self) -> AsyncIterator[Health]:
        yield self.state


class Kantor:
    """Scheduler and gateway as one station sees them; what it was told, by path."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.away = False
        self.off = timedelta()
        self.hello: dict[str, Any] = {"state": "running", "reason": "", "recovering": False}
        self.hours: dict[str, Any] = {"printing_until": "2026-11-24T17:00:00Z", "printing_from": None}
        self.jobs: list[dict[str, Any]] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.no: dict[str, dict[str, Any]] = {}
        self.on_arm: Callable[[], None] = lambda: None

    def of(self, path: str) -> list[dict[str, Any]]:
        return [body for told, body in self.told if told == path]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.away:
            raise httpx2.ConnectError("away")
        path = request.url.path.rsplit("/", 1)[1]
        if "/records/" in request.url.path:
            return self._record(path)
        body = json.loads(request.content) if request.content else {}
        self.told.append((path, body))
        if path in self.no:
            return httpx2.Response(409, json=self.no[path])
        return httpx2.Response(200, json=getattr(self, f"_{path}")(body, request.url.path.split("/")[-2]))

    def _record(self, approval: str) -> httpx2.Response:
        job = next(job for job in self.jobs if job["approval_id"] == approval)
        said = {"approval_id": approval, "application_id": job["application_id"]}
        return httpx2.Response(200, json=RECORD | said)

    def _hello(self, body: dict[str, Any], _: str) -> dict[str, Any]:
        if body["pause"]:
            self.hello |= {"state": "paused", "reason": body["pause"]}
            self.jobs = [job for job in self.jobs if job["state"] != "reserved"]
        return {"station": NAME, "now": (self.clock.now() + self.off).isoformat(), **self.hello, **self.hours}

    def _jobs(self, body: dict[str, Any], _: str) -> dict[str, Any]:
        return {"jobs": self.jobs}

    def _arm(self, body: dict[str, Any], attempt: str) -> dict[str, Any]:
        self.on_arm()
        return {"attempt_id": attempt, "armed_at": self.clock.now().isoformat()}

    def _outcome(self, body: dict[str, Any], attempt: str) -> dict[str, Any]:
        kept = body["state"] == "uncertain"
        self.jobs = [
            job | ({"state": "uncertain"} if job["attempt_id"] == attempt else {})
            for job in self.jobs
            if job["attempt_id"] != attempt or kept
        ]
        return {"attempt_id": attempt, "state": body["state"], "jobs": self.jobs}

    def _journal(self, body: dict[str, Any], _: str) -> dict[str, Any]:
        return {"epoch": body["epoch"], "entries": len(body["entries"]), "complete": body["last"]}

    def _reconcile(self, body: dict[str, Any], attempt: str) -> dict[str, Any]:
        self.jobs = [job for job in self.jobs if job["attempt_id"] != attempt]
        return {}

    def _resume(self, body: dict[str, Any], _: str) -> dict[str, Any]:
        self.hello |= {"state": "running", "reason": ""}
        return {}

    def give(self, n: int, state: str = "reserved") -> UUID:
        self.jobs.append(
            {
                "attempt_id": str(UUID(int=n)),
                "application_id": str(UUID(int=n + 100)),
                "approval_id": str(UUID(int=n + 200)),
                "receipt_number": f"2102-0000-0000-{n}",
                "office": "21.02",
                "district_code": "21.02.03",
                "reason": "data_change",
                "fence": n,
                "n": 1,
                "state": state,
                "ticket": "t",
            }
        )
        return UUID(int=n)


class Bench:
    """A station at its place; `restart` puts a new process there."""

    def __init__(self, folder: Path, line: httpx2.AsyncClient, clock: VirtualClock, office: Kantor) -> None:
        self.folder, self.line, self.clock, self.office = folder, line, clock, office
        self.printer = Printer()
        self.began = clock.now()
        self.journal = Journal(folder / "journal.db")
        self.restart()

    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal(self.folder / "journal.db")
        self.look = self.clock.bell()
        self.station = Station(
            StationSettings(station=NAME, folder=self.folder),
            clock=self.clock,
            ids=Ids(self.clock, Random(1)),
            office=Office(self.line, NAME, "token"),
            session=self.printer,
            journal=self.journal,
            look=self.look,
        )

    def reference(self, attempt: UUID) -> str | None:
        """The device's name for a send, as the journal has it."""
        entry = self.journal.entry(attempt)
        return None if entry is None else entry.reference

    def pass_time(self, seconds: float) -> None:
        self.clock._now += timedelta(seconds=seconds)

    async def work(self, turns: int = 1) -> None:
        """A heartbeat, and so many looks for work."""
        with suppress(Unreachable):
            await self.station.beat_once()
            for _ in range(turns):
                await self.station.print_once()

    def fill_the_disk(self) -> None:
        pages = self.journal._sql.execute("PRAGMA page_count").fetchone()[0]
        self.journal._sql.execute(f"PRAGMA max_page_count = {pages}")
        fillers = (
            "INSERT INTO answer VALUES (?, 'x', '')",
            """INSERT INTO attempt (attempt_id, application_id, fence, nonce, run, outcome, outcome_at, reported_at)
            VALUES (?, 'x', 0, 'x', 0, 'released', '2020', '2020')""",
        )
        for filler in fillers:
            with suppress(sqlite3.OperationalError):
                for n in range(100_000):
                    self.journal._sql.execute(filler, (f"x{n}",))

    def clear_the_disk(self) -> None:
        self.journal._sql.execute("PRAGMA max_page_count = 1000000")
        self.journal._sql.execute("DELETE FROM attempt WHERE attempt_id LIKE 'x%'")

    @property
    def outcomes(self) -> list[tuple[str, Any]]:
        return [(said["state"], said["evidence"].get("cause")) for said in self.office.of("outcome")]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    clock = VirtualClock(NOW)
    office = Kantor(clock)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(office), base_url="http://kantor") as line:
        made = Bench(tmp_path, line, clock, office)
        yield made
        made.journal.close()

"""A station with a printer that obeys the test, an office that answers as the test says, and a browser without scripts."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount

from backbone.auth import Authority, new_keys
from backbone.broker import EmbeddedBroker
from backbone.clock import VirtualClock
from backbone.ids import Ids
from backbone.service import Service
from printer_agent.app import build
from printer_agent.office import Office, Unreachable
from printer_agent.session import Capabilities, Card, Health, PreparedCard
from printer_agent.settings import StationSettings

NOW = datetime(2026, 11, 24, 7, 2, 7, tzinfo=UTC)
"""A Tuesday, 14:02:07 WIB."""
STATION = "2102-1"
ORIGIN = "http://127.0.0.1:26350"
COMING = {"note_number": "SJ-9", "blanks": 500, "expected_at": "2026-11-26T02:00:00Z", "received_at": None}
RECEIPTS = ("2102-7K3F-9QXM-4", "2102-2B8D-5HTW-1")


class Printer:
    """Says what the test says."""

    capabilities = Capabilities(evidence="device", seconds_per_card=0)

    def __init__(self) -> None:
        self.state = Health(state="ready")
        self.asked = 0

    async def health(self) -> Health:
        self.asked += 1
        return self.state

    async def prepare(self, card: Card) -> PreparedCard:
        return PreparedCard(attempt_id=card.attempt_id, document=b"")

    async def submit(self, prepared: PreparedCard, attempt_id: UUID, created: Any = None) -> str:
        raise AssertionError("nothing is printed in these tests")

    async def resolve(self, reference: str) -> Any:
        return "unknown"

    async def cancel(self, reference: str) -> bool:
        return False

    async def events(self) -> AsyncIterator[Health]:
        yield self.state


@dataclass
class TheOffice:
    """The scheduler as far as a station's page sees it. `told`: what was posted, by its path."""

    clock: VirtualClock
    away: bool = False
    state: str = "running"
    reason: str = ""
    recovering: bool = False
    opens: datetime | None = None
    off: timedelta = timedelta(0)
    """How far its clock is from the station's."""
    jobs: list[dict[str, Any]] = field(default_factory=list)
    blanks: int = 212
    low: bool = False
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    no: dict[str, Any] | None = None
    """A problem that answers every word on stock and cards."""
    answers: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.away:
            raise httpx2.ConnectError("away")
        path = request.url.path.partition("/v1/")[2].removeprefix(f"stations/{STATION}/")
        if request.method == "GET":
            return self._read(path)
        body = httpx2.Response(200, content=request.content).json()
        if path == "hello":
            return httpx2.Response(200, json=self._hello(body))
        if self.no is not None:
            return httpx2.Response(409, json=self.no)
        self.told.append((path, body))
        if path == "resume":
            self.state, self.reason = "running", ""
        return httpx2.Response(200, json=self.answers)

    def _read(self, path: str) -> httpx2.Response:
        if path == "jobs":
            return httpx2.Response(200, json={"jobs": self.jobs})
        if path == "stock":
            return httpx2.Response(200, json=self._stock())
        # No record: what is reserved stays next in turn.
        return httpx2.Response(503)

    def _hello(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["pause"]:
            self.state, self.reason = "paused", said["pause"]
        now = self.clock.now()
        return {
            "station": STATION,
            "state": self.state,
            "reason": self.reason,
            "recovering": self.recovering,
            "printing_until": None if self.opens else (now + timedelta(hours=4)).isoformat(),
            "printing_from": self.opens and self.opens.isoformat(),
            "now": (now + self.off).isoformat(),
        }

    def _stock(self) -> dict[str, Any]:
        left = [
            {"item": "blank", "left": self.blanks, "days_left": self.blanks / 120, "low": self.low},
            {"item": "ribbon", "left": 214, "days_left": 1.8, "nominal": 500, "measured": [480, 510, 522]},
            {"item": "film", "left": None, "days_left": None},
        ]
        return {
            "as_of": self.clock.now().isoformat(),
            "blanks": {"on_hand": self.blanks, "booked": 0},
            "today": {"printed": 3, "spoiled": 2},
            "left": left,
            "deliveries": [COMING],
        }

    def hold(self, *states: str) -> None:
        """Cards that stand at the station, in these states."""
        self.jobs = [_job(n, state) for n, state in enumerate(states)]


def _job(n: int, state: str) -> dict[str, Any]:
    return {
        "attempt_id": str(UUID(int=n + 1)),
        "application_id": str(UUID(int=n + 101)),
        "approval_id": str(UUID(int=n + 201)),
        "receipt_number": RECEIPTS[n],
        "office": "21.02",
        "district_code": "21.02.02",
        "reason": "data_change",
        "fence": n + 1,
        "n": 1,
        "state": state,
        "ticket": "t",
    }


class Sheet(HTMLParser):
    """What a page says and what can be filled in on it, as a browser without scripts has it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.languages: set[str] = set()
        self.action = ""
        self.method = ""
        self.values: dict[str, str] = {}
        self.look = ""
        self.scripts: list[str] = []
        self.refresh = ""
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "lang" in given:
            self.languages.add(given["lang"])
        if tag == "body":
            self.look = given.get("class", "")
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "form":
            self.action, self.method = given["action"], given["method"]
        elif tag == "script":
            self.scripts.append(given["src"])
        elif tag == "meta" and given.get("http-equiv") == "refresh":
            self.refresh = given["content"]
        elif tag == "input":
            self._fill(given)

    def _fill(self, given: dict[str, str]) -> None:
        chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if chosen:
            self.values[given["name"]] = given.get("value", "")
        else:
            self.values.setdefault(given["name"], "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Browser:
    """At the station's own machine: follows links, fills in forms, is led back after an act."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.status = 0

    async def open(self, path: str = "") -> Sheet:
        answer = await self.client.get(path)
        return self._sheet(answer)

    async def send(self, sheet: Sheet, **written: str) -> Sheet:
        """Send the sheet's form with this written into it; where the answer leads elsewhere, that."""
        data = {name: value for name, value in (sheet.values | written).items() if value}
        answer = await self.client.request(
            sheet.method.upper(), sheet.action, data=data, headers={"Origin": ORIGIN}
        )
        if answer.status_code == 303:
            return await self.open(answer.headers["location"])
        return self._sheet(answer)

    def _sheet(self, answer: httpx2.Response) -> Sheet:
        self.status = answer.status_code
        return Sheet(answer.text)


@dataclass
class Bench:
    """A station on the bench, and all that a test may do to it."""

    service: Service
    office: TheOffice
    printer: Printer
    clock: VirtualClock
    browser: Browser

    async def beat(self) -> None:
        """One heartbeat."""
        with suppress(Unreachable):
            await self.service.loops[1]._run_once()

    async def turn(self) -> None:
        """Look for work; the record does not come, so nothing is printed."""
        with suppress(Unreachable):
            await self.service.loops[0]._run_once()

    async def settled(self) -> None:
        """Heard the office, looked for work, heard it again."""
        await self.beat()
        await self.turn()
        await self.beat()

    def pass_time(self, **spans: float) -> None:
        self.clock._now += timedelta(**spans)


@pytest.fixture
def page_password() -> SecretStr | None:
    return None


@pytest.fixture
def the_office() -> TheOffice:
    return TheOffice(VirtualClock(NOW))


@pytest.fixture
async def bench(
    tmp_path: Path, the_office: TheOffice, page_password: SecretStr | None
) -> AsyncIterator[Bench]:
    (private, public), printer, page_clock = new_keys(), Printer(), the_office.clock
    async with httpx2.AsyncClient(
        transport=httpx2.MockTransport(the_office), base_url="http://kantor"
    ) as line:
        service = build(
            StationSettings(station=STATION, folder=tmp_path, page_password=page_password),
            clock=page_clock,
            ids=Ids(page_clock, Random(1)),
            broker=EmbeddedBroker(),
            authority=Authority(page_clock, public=public, private=private),
            office=Office(line, STATION, "token"),
            session=printer,
            every=None,
            districts={"21.02.02": "Kundur"},
        )
        app = Starlette(routes=[Mount(f"/{service.name}", service.app)])
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url=f"{ORIGIN}/stations/{STATION}/"
        ) as client:
            yield Bench(service, the_office, printer, page_clock, Browser(client))
    for stop in service.on_stop:
        await stop()

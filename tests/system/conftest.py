"""A whole office in virtual time: all services, two stations, the simulated centre, and the people around them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from backbone.clock import VirtualClock
from backbone.embedded_postgres import OWNER
from backbone.ids import Ids
from backbone.migrations import prepare
from onebox import simulation
from onebox.audit import Finding, Witnesses, audit
from onebox.demo.people import WalkIn, walk_ins
from onebox.homes import witnesses
from onebox.host import Host, open_host
from onebox.settings import Deployment, StationConfig
from onebox.virtual import virtual_clock
from simulator.centre import Centre, Latency
from simulator.domain.window import window

WIB = ZoneInfo("Asia/Jakarta")
START = datetime(2018, 6, 29, 7, 30, tzinfo=WIB)
"""A Friday."""
DAILY = ("07:30-24:00",) * 7
HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"
STATIONS = ("2102-1", "2102-2")
SCOPES = {
    "kiosk": ("kiosk",),
    "counter": ("counter",),
    "operator": ("operator",),
    "supervisor": ("supervisor", "operator"),
}


class TestStorage:
    """What the host asks of a storage, over a test's own database."""

    __test__ = False

    def __init__(self, databases: Any) -> None:
        self._databases = databases

    def login(self, role: str, schema: str = "public") -> Any:
        return self._databases.postgres.login(role, schema, self._databases.name)


class Crowd:
    """People whom the centre knows: a day's walk-ins, and as backlog those of an earlier one."""

    def __init__(self) -> None:
        self.walk_ins = walk_ins(date(2018, 6, 29))
        self.owed = walk_ins(date(2018, 6, 28))

    def take(self, n: int, *reasons: str) -> list[WalkIn]:
        """The next n walk-ins, of these reasons where given; nobody comes twice."""
        found = [person for person in self.walk_ins if not reasons or person.reason in reasons][:n]
        assert len(found) == n
        self.walk_ins = [person for person in self.walk_ins if person not in found]
        return found

    def registry(self, path: Path) -> Path:
        path.write_text("\n".join([HEADER, *self._lines(self.walk_ins, "J"), *self._lines(self.owed, "T")]))
        return path

    def backlog(self, n: int) -> str:
        return "\n".join([HEADER, *self._lines(self.owed[:n], "T")]) + "\n"

    def _lines(self, people: list[WalkIn], letter: str) -> list[str]:
        return [
            ",".join((f"{letter}-{k}", *person.body().values(), f"2018-03-{1 + k % 28:02d}T09:00:00", ""))
            for k, person in enumerate(people)
        ]


class Office:
    """The office and whoever acts in it. A test holds the clock's token: time passes only in its sleeps."""

    def __init__(
        self, host: Host, clock: VirtualClock, centre: Centre, home: Path, storage: TestStorage
    ) -> None:
        self.host, self.clock, self.centre, self.home, self.storage = host, clock, centre, home, storage
        self.people = Crowd()
        self.accepted: list[dict[str, Any]] = []
        self.background: list[asyncio.Task[None]] = []
        self._notes = 0
        self._tokens = {who: host.token(*scopes, subject=f"{who}-1") for who, scopes in SCOPES.items()}

    async def ask(self, who: str, method: str, path: str, **values: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[who]}", **values.pop("headers", {})}
        return await self.host.client.request(method, path, headers=headers, **values)

    async def call(self, who: str, method: str, path: str, **values: Any) -> Any:
        """The body of a good answer."""
        response = await self.ask(who, method, path, **values)
        assert response.status_code < 300, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    async def post(self, person: WalkIn, **changes: str) -> dict[str, Any]:
        """One person at the kiosk; the answer with receipt number and PIN."""
        headers = {"Idempotency-Key": f"kiosk-1-{person.nik}"}
        path, body = "/intake/v1/applications", person.body() | changes
        answer = await self.ask("kiosk", "POST", path, json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        self.accepted.append(answer.json())
        return dict(answer.json())

    async def post_all(self, people: list[WalkIn]) -> list[str]:
        """One after the other, a second apart; their application ids."""
        found = []
        for person in people:
            found.append((await self.post(person))["application_id"])
            await self.sleep(minutes=1 / 60)
        return found

    async def deliver(self, blanks: int) -> None:
        """So many blanks to each station."""
        for station in STATIONS:
            self._notes += 1
            body = {"note_number": f"SJ-{self._notes}", "blanks": blanks}
            await self.call("operator", "POST", f"/scheduler/v1/stations/{station}/stock", json=body)

    async def import_backlog(self, n: int) -> dict[str, Any]:
        values = {
            "params": {"name": "tunggakan.csv"},
            "content": self.people.backlog(n).encode(),
            "headers": {"Content-Type": "text/csv"},
        }
        return dict(await self.call("supervisor", "POST", "/intake/v1/imports", **values))

    async def explain(self, application_id: str) -> dict[str, Any]:
        return dict(
            await self.call("operator", "GET", f"/scheduler/v1/applications/{application_id}/explain")
        )

    async def state(self, application_id: str) -> str:
        return str((await self.explain(application_id))["state"])

    async def receipt(self, posted: dict[str, Any]) -> dict[str, Any]:
        """The citizen's own view."""
        headers = {"X-Receipt-Pin": posted["pin"]}
        path = f"/intake/v1/receipts/{posted['receipt_number']}"
        return dict(await self.call("kiosk", "GET", path, headers=headers))

    async def uncertain(self) -> list[dict[str, Any]]:
        path, wanted = "/scheduler/v1/attempts", {"state": "uncertain"}
        return list(await self.call("operator", "GET", path, params=wanted))

    async def settle(self, attempt_id: str, verdict: str) -> dict[str, Any]:
        """An operator and a second person say what became of a card."""
        body = {"verdict": verdict, "second_person": "saksi-tono", "note": "diperiksa di tempat"}
        path = f"/scheduler/v1/attempts/{attempt_id}/reconcile"
        return dict(await self.call("operator", "POST", path, json=body))

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(**self.storage.login(OWNER).arguments())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def printed(self) -> list[Any]:
        """Cards in order of their printing: application_id as text, station, armed_at, closed_at, n."""
        return await self.rows(
            "SELECT application_id::text, station, armed_at, closed_at, n FROM scheduler.attempt WHERE state = 'printed' ORDER BY closed_at"
        )

    async def sleep_until(self, moment: datetime) -> None:
        """Let time pass; raises what went wrong in any loop meanwhile."""
        nap = asyncio.ensure_future(self.clock.sleep_until(moment))
        await asyncio.wait({nap, *self.background}, return_when=asyncio.FIRST_COMPLETED)
        for task in self.background:
            if task.done():
                nap.cancel()
                task.result()

    async def sleep(self, *, minutes: float) -> None:
        await self.sleep_until(self.clock.now() + timedelta(minutes=minutes))

    async def until(
        self, fact: Callable[[], Awaitable[bool]], *, hours: float = 24, every: float = 5
    ) -> None:
        """Let time pass until something is so, looking every so many minutes."""
        last = self.clock.now() + timedelta(hours=hours)
        while not await fact():
            assert self.clock.now() < last, "it did not come about in time"
            await self.sleep(minutes=every)

    async def until_all_printed(self, *, hours: float = 48) -> None:
        open_ = "SELECT count(*) FROM scheduler.application WHERE state NOT IN ('printed', 'withdrawn')"
        unheard = "SELECT count(*) FROM intake.application WHERE state = 'received'"

        async def done() -> bool:
            # In this order: what is on its way between the two must not be missed.
            return [(await self.rows(sql))[0][0] for sql in (unheard, open_)] == [0, 0]

        await self.until(done, hours=hours, every=20)

    async def audit(self) -> list[Finding]:
        """Every promise, a good minute later, with all the witnesses there are."""
        await self.sleep(minutes=2)
        seen = witnesses(self.home)
        return await audit(
            self.storage.login("audit"),
            Witnesses(
                accepted=[answer["application_id"] for answer in self.accepted],
                prints=seen.prints or [],
                calls=seen.calls or [],
                canaries=[fact for who in Crowd().walk_ins[:30] for fact in (who.nik, who.full_name)],
                texts=(self.home / "cards" / "prints.jsonl", self.home / "centre" / "calls.jsonl"),
            ),
        )


Opening = Callable[..., AbstractAsyncContextManager[Office]]


@asynccontextmanager
async def opened(
    databases: Any,
    home: Path,
    *,
    blanks: int = 500,
    chaos: int | None = None,
    fault: Any = None,
    hours: Any = None,
    **settings: Any,
) -> AsyncIterator[Office]:
    """The office at START with so many blanks at each station; `settings` are Deployment's."""
    storage: Any = TestStorage(databases)
    await prepare(databases.owner(), virtual=True)
    known = {"counter_hours": DAILY, "printing_hours": DAILY, "centre_hours": DAILY} | (hours or {})
    stations = tuple(StationConfig(id=name, seconds_per_card=275, heartbeat=60) for name in STATIONS)
    deployment = Deployment(stations=stations, hours=known, **settings)
    people = Crowd().registry(home / "people.csv")
    async with virtual_clock(databases.owner(), START) as clock:
        app = simulation.centre(home, deployment, clock, backlog=people)
        centre: Centre = app.state.centre
        centre.latency = Latency(low=0.05, high=0.4, seed=1)
        centre.calendar = window(known["centre_hours"])
        async with open_host(
            home,
            deployment,
            storage,
            clock=clock,
            ids=Ids(clock, Random(7)),
            centre=app,
            every=None,
            chaos=None if chaos is None else Random(chaos),
            fault=fault,
        ) as host:
            office = Office(host, clock, centre, home, storage)
            async with _at_work(office, clock.run(), host.run()):
                await office.deliver(blanks) if blanks else None
                yield office


@asynccontextmanager
async def _at_work(office: Office, *work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Time and loops run in the background while the test holds the clock."""
    with office.clock.at_work():
        office.background = [asyncio.create_task(each) for each in work]
        try:
            await asyncio.sleep(0)
            yield
        finally:
            for task in office.background:
                task.cancel()
            await asyncio.gather(*office.background, return_exceptions=True)


@pytest.fixture
def open_office(databases: Any, tmp_path: Path) -> Opening:
    """Opens an office on the test's own database; keywords as for `opened`."""
    return partial(opened, databases, tmp_path)


@pytest.fixture(scope="session")
def open_office_in() -> Opening:
    """The same, for a database and a home that outlive one test."""
    return opened


@pytest.fixture
async def office(open_office: Opening) -> AsyncIterator[Office]:
    async with open_office() as one:
        yield one

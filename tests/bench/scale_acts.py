"""What a scheduler does all day, on a generated backlog: one release, one answer, one look, one walk-in, one policy."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from tests.bench.backlog_generator import DISTRICTS
from tests.bench.scale_watch import Seen, WatchedDatabase

from backbone.auth import Tickets
from backbone.clock import SystemClock
from backbone.contracts.gateway import VerificationAnswered, VerificationReturned
from backbone.contracts.intake import ApplicationReceived
from backbone.database import Database, Login
from backbone.ids import Ids
from backbone.rights import Actor
from scheduler.domain.policy import DEFAULT_RULES, REASONS
from scheduler.store import views
from scheduler.use_cases import answers, explain, policies, received, release, sweep, targets, why
from scheduler.use_cases.desk import Desk, Terms

OFFICE = "21.02"
STATION = "2102-1"
BATCH = 64
READY = f"""WITH centre AS (INSERT INTO centre VALUES ('default', 1, 'open', '', NULL, NULL, NULL, NULL, 0.2, 24, now())
  ON CONFLICT (account) DO UPDATE SET state = 'open'),
live AS (SELECT count(*) AS n FROM attempt WHERE station = '{STATION}' AND state = 'reserved'),
target AS (INSERT INTO service_target (office, version, hours, author, reason)
  VALUES ('{OFFICE}', 1, '{{"first_issue": 40, "lost": 80, "data_change": 160}}', 'bench', 'bench') ON CONFLICT DO NOTHING),
seen AS (UPDATE station SET seen_at = now(), slots = {BATCH} + live.n, seconds_per_card = 0.5 FROM live
  WHERE id = '{STATION}')
UPDATE stock SET n = {BATCH} + (SELECT count(*) FROM application
  WHERE office = '{OFFICE}' AND state IN ('verifying', 'approved'))
WHERE office = '{OFFICE}' AND place = '{STATION}' AND item = 'blank' AND account = 'on_hand'"""
WAITING = f"""SELECT a.id FROM application a WHERE office = '{OFFICE}' AND state = 'waiting' AND kind = $1
ORDER BY ranked_from, id OFFSET $2 LIMIT 1"""
SIZE = """SELECT sum(pg_total_relation_size(c))::float FROM
  unnest(ARRAY['scheduler.application', 'scheduler.headcount', 'scheduler.crowd']::regclass[]) c"""
VACUUM = "VACUUM (INDEX_CLEANUP on) scheduler.application, scheduler.headcount, scheduler.crowd"
ASKED = f"SELECT id, round FROM application WHERE office = '{OFFICE}' AND state = 'verifying' ORDER BY id"
ACTOR = Actor(subject="bench", scopes=frozenset({"operator", "supervisor"}), prefix=OFFICE)
Act = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def open_desk(login: Login, *, watched: bool = False) -> AsyncIterator[Desk]:
    """A scheduler's desk on a database that `backlog_generator.load` has filled."""
    clock = SystemClock()
    database = WatchedDatabase(login) if watched else Database(login)
    if isinstance(database, WatchedDatabase):
        database.watch()
    await database.open()
    desk = Desk(
        database=database,
        clock=clock,
        ids=Ids(clock, Random(1)),
        tickets=Tickets(clock, b"t" * 32),
        terms=Terms(),
        release_bell=clock.bell(),
        sweep_bell=clock.bell(),
    )
    yield desk
    await database.close()


class Acts:
    """The acts by name, each as often as wished; `release` needs `make_room` before it, `answer` a release."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def all(self) -> dict[str, Act]:
        return {
            # First, while nothing is in flight: what has just moved leaves entries in the indexes until they are vacuumed.
            "at risk": self.at_risk,
            "explain the office": self.why,
            "release of 64": self.release,
            "answer of 64, print release": self.answer,
            "explain": self.explain,
            "summary": self.summary,
            "queue page": self.page,
            "walk-in received": self.walk_in,
            "import batch of 200 received": self.imported,
            "policy change": self.policy,
            "sweep": lambda: sweep.sweep_once(self.desk),
        }

    async def make_room(self) -> None:
        """Room for one batch: so many blanks and slots, a centre that is open, a station that has just been seen."""
        async with self.desk.database.transaction() as tx:
            await tx.execute(READY)

    async def release(self) -> None:
        await self.desk.database.retrying(lambda tx: release.release_office(self.desk, tx, OFFICE))

    async def asked(self) -> list[tuple[UUID, int]]:
        async with self.desk.database.reading() as reader:
            return [(row["id"], row["round"]) for row in await reader.fetch(ASKED)]

    async def answer(self) -> None:
        """The centre approves what was asked; the handler releases to the station at once."""
        now = self.desk.clock.now()
        said = [
            VerificationAnswered(
                application_id=application,
                round=number,
                outcome="approved",
                code="",
                approval_id=self.desk.ids.new(),
                approved_until=now + timedelta(hours=24),
                at=now,
            )
            for application, number in await self.asked()
        ]
        async with self.desk.database.transaction() as tx:
            await answers.answered(self.desk, tx, said)

    async def give_back(self) -> None:
        """The gateway returns what was asked: back to its place."""
        said = [
            VerificationReturned(
                application_id=application, round=number, cause="closed", at=self.desk.clock.now()
            )
            for application, number in await self.asked()
        ]
        async with self.desk.database.transaction() as tx:
            await answers.returned(self.desk, tx, said)

    async def someone(self, share: float = 0.5) -> UUID:
        """A waiting application in the middle of its kind."""
        async with self.desk.database.reading() as reader:
            n = await reader.fetchval(
                "SELECT sum(n) FROM crowd WHERE office = $1 AND grain = 'all' AND kind = 'data_change'",
                OFFICE,
            )
            found: UUID = await reader.fetchval(WAITING, "data_change", int(n * share))
        return found

    async def explain(self) -> None:
        await explain.explain(self.desk, ACTOR, self.who)

    async def why(self) -> None:
        await why.of_offices(self.desk, ACTOR, OFFICE, "", 1)

    async def at_risk(self) -> None:
        # In a long backlog each of its rows lies on a page of its own: what it touches is as long as the page, not as that.
        found = await targets.at_risk(self.desk, OFFICE, share=0.8, after=None, limit=10)
        assert found["next"] is not None, "a page is to be full"

    async def summary(self) -> None:
        await explain.summary(self.desk, OFFICE)

    async def page(self) -> None:
        async with self.desk.database.reading() as reader:
            await views.listed(reader, OFFICE, {"state": "waiting"}, None, 100)

    async def walk_in(self) -> None:
        await self._receive([self._arrival(0)])

    async def imported(self) -> None:
        """A batch of a backlog file, as the relay hands it over: two hundred over a year and a half."""
        await self._receive([self._arrival(n) for n in range(200)])

    async def one_day(self, count: int) -> None:
        """So many who all came within the last hour."""
        said = [self._arrival(n) for n in range(count)]
        now = self.desk.clock.now()
        await self._receive(
            [
                arrival.model_copy(update={"received_at": now - n * timedelta(seconds=9)})
                for n, arrival in enumerate(said)
            ]
        )

    async def _receive(self, said: list[ApplicationReceived]) -> None:
        async with self.desk.database.transaction() as tx:
            await received.receive(self.desk, tx, said)

    def _arrival(self, n: int) -> ApplicationReceived:
        application = self.desk.ids.new()
        return ApplicationReceived(
            application_id=application,
            office=OFFICE,
            reason=REASONS[n % len(REASONS)],
            district_code=f"{OFFICE}.{1 + n % DISTRICTS:02}",
            received_at=self.desk.clock.now() - n * timedelta(days=2.7),
            receipt_number=application.hex[-16:].upper(),
            sealed=b"s" * 200,
            source="import" if n else "kiosk",
        )

    async def policy(self) -> None:
        rules = {**DEFAULT_RULES, "urgent_per_day": self.desk.clock.now().microsecond % 1000}
        await policies.put(
            self.desk, OFFICE, rules, valid_from=None, valid_until=None, author="bench", reason="bench"
        )

    who: UUID = UUID(int=0)


async def touched(login: Login) -> dict[str, Seen]:
    """Every act once, with the buffers of each of its statements; vacuumed before each, with its indexes.

    By itself the server leaves the entries of a few moved cards to whoever meets them first, in a large table only.
    """
    found: dict[str, Seen] = {}
    cleaner = await asyncpg.connect(**login.arguments())
    async with open_desk(login, watched=True) as desk:
        database = desk.database
        assert isinstance(database, WatchedDatabase)
        acts = Acts(desk)
        acts.who = await acts.someone()
        await acts.make_room()
        for name, act in acts.all().items():
            await cleaner.execute(VACUUM, timeout=600)
            seen = database.watch()
            await act()
            found[name] = list(seen)
        assert len(await _printing(desk)) == BATCH, "the release did not bring its cards"
    await cleaner.close()
    return found


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What many batches, asked and given back, left behind: buffers of the heads' look-up by batch, bytes before and after."""

    heads: list[int]
    before: float
    after: float


async def traffic(login: Login, batches: int, vacuum_every: int | None = None) -> Traffic:
    """So many batches of 64 asked and given back at the heads: the worst there is, as the same cards come again.

    Vacuumed after every so many batches, or by the server alone.
    """
    heads: list[int] = []
    cleaner = await asyncpg.connect(**login.arguments())
    before = await cleaner.fetchval(SIZE)
    async with open_desk(login, watched=True) as desk:
        database = desk.database
        assert isinstance(database, WatchedDatabase)
        acts = Acts(desk)
        for n in range(1, batches + 1):
            await acts.make_room()
            seen = database.watch()
            await acts.release()
            heads.append(sum(buffers for name, buffers in seen if name == "lanes.HEADS"))
            await acts.give_back()
            if vacuum_every is not None and n % vacuum_every == 0:
                await cleaner.execute(VACUUM)
    after = await cleaner.fetchval(SIZE)
    await cleaner.close()
    return Traffic(heads=heads, before=before, after=after)


async def _printing(desk: Desk) -> list[Any]:
    async with desk.database.reading() as reader:
        return await reader.fetch("SELECT id FROM attempt WHERE state = 'reserved'")

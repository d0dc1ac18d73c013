"""The people around the stations: they come to the kiosk, tend printers, look into bins and settle what machines cannot know."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.torture.people import body

from .world import Place, World

ROUND = 45.0
"""Seconds between two rounds of the operator."""
OVERDUE = (30.0, 300.0)
"""Seconds after which a station that holds an armed card, or is silent, is declared lost: drawn anew each time."""
AT_ONCE = 8
"""Blanks put into a printer that says it is empty."""


async def come(world: World) -> None:
    """Each at a moment of his own."""
    with world.clock.at_work():
        for moment, person in zip(world.plan.moments, world.people, strict=True):
            await world.clock.sleep_until(world.start + timedelta(seconds=moment))
            headers = {"Idempotency-Key": f"kiosk-{person['nik']}"}
            answer = await world.call(
                "kiosk", "POST", "/intake/v1/applications", json=body(person), headers=headers
            )
            world.accepted.append(answer["application_id"])


class Hands:
    """An operator with a colleague as witness, and the supervisor."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = Random(f"hands/{world.plan.seed}")

    async def work(self) -> None:
        """A round again and again, for ever."""
        world = self._world
        with world.clock.at_work():
            while True:
                await world.clock.sleep(ROUND)
                for place in world.places.values():
                    tend(place)
                await self._settle()
                await self._overdue()
                await self._bring_back()

    async def _settle(self) -> None:
        """By what lies in the bins, once the printer is quiet."""
        for attempt in await self._attempts("uncertain"):
            place = self._world.places[attempt["station"]]
            if not place.machine.quiet or not place.machine.powered:
                continue
            said = {"verdict": found(place, attempt["id"]), "note": "dicari di baki dan di hopper"}
            said["second_person"] = "saksi-tono"
            path = f"/scheduler/v1/attempts/{attempt['id']}/reconcile"
            answer = await self._world.ask("boss", "POST", path, json=said)
            if answer.status_code < 300:
                self._world.settled += 1
            elif "agent-may-still-print" not in answer.text and "not-uncertain" not in answer.text:
                self._world.findings.append(f"reconcile: {answer.status_code} {answer.text[:200]}")

    async def _overdue(self) -> None:
        """A station that holds an armed card for long, or is silent: its machine is looked after, and declared lost."""
        now = self._world.clock.now()
        since = {
            attempt["station"]: datetime.fromisoformat(attempt["armed_at"])
            for attempt in await self._attempts("armed")
        }
        for name, place in self._world.places.items():
            heard = max((at for at, _ in place.register.hellos), default=self._world.start)
            late = (now - min(since.get(name, now), heard)).total_seconds()
            if late > self._dice.uniform(*OVERDUE) and place.machine.quiet and len(place.living) < 2:
                await self._say(name, "lost", "tidak menjawab, mesin diperiksa")

    async def _bring_back(self) -> None:
        """Stations whose trouble is over print again."""
        unsettled = {attempt["station"] for attempt in await self._attempts("uncertain")}
        for station in await self._world.call("boss", "GET", "/scheduler/v1/stations") or ():
            agent = self._world.places[station["id"]].agent
            stopped = station["state"] in ("paused", "lost")
            if stopped and station["id"] not in unsettled and (agent.alive or self._dice.random() < 0.1):
                await self._say(station["id"], "resume", "sudah diperiksa")

    async def _attempts(self, state: str) -> list[dict[str, Any]]:
        path, params = "/scheduler/v1/attempts", {"state": state}
        return list(await self._world.call("boss", "GET", path, params=params) or ())

    async def _say(self, station: str, word: str, reason: str) -> None:
        path = f"/scheduler/v1/stations/{station}/{word}"
        await self._world.call("boss", "POST", path, json={"reason": reason})


def tend(place: Place) -> None:
    """What a printer's display asks for."""
    machine = place.machine
    machine.power_on()
    machine.close_cover()
    machine.clear_jam()
    if not machine.hopper and place.shelf:
        blanks = min(AT_ONCE, place.shelf)
        place.shelf -= blanks
        machine.load(blanks)


def found(place: Place, attempt: str) -> str:
    """Good in one bin, spoiled in the other, or the blank is still in the hopper."""
    if attempt in place.machine.bins.good:
        return "printed"
    return "spoiled" if attempt in place.machine.bins.reject else "intact"


class Prober:
    """Asks the office, as a station might that is wrong about itself, what it must refuse: wrong fence, run, nonce."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = Random(f"prober/{world.plan.seed}")

    async def work(self) -> None:
        with self._world.clock.at_work():
            while True:
                await self._world.clock.sleep(self._dice.uniform(5, 40))
                await self._probe()

    async def _probe(self) -> None:
        world = self._world
        rows = await world.ground.rows(
            "SELECT a.id::text, a.station, a.fence, a.state, s.run FROM scheduler.attempt a JOIN scheduler.station s"
            " ON s.id = a.station WHERE a.state IN ('reserved', 'armed') ORDER BY a.fence LIMIT 2"
        )
        for row in rows:
            nonce = f"0191a6c0-0000-7000-8000-{self._dice.getrandbits(48):012x}"
            right = {"station": row["station"], "fence": row["fence"], "run": row["run"], "nonce": nonce}
            wrong = {"fence": {"fence": row["fence"] + 1}, "run": {"run": row["run"] + 1000}, "nonce": {}}
            # A reserved attempt is armed by whoever knows fence and run: its nonce is what makes it his.
            for name in ("fence", "run") if row["state"] == "reserved" else ("nonce",):
                await self._ask(row, name, right | wrong[name])

    async def _ask(self, row: Any, name: str, said: dict[str, Any]) -> None:
        world, station = self._world, row["station"]
        token = world.host.token("station", subject=station, station=station)
        answer = await world.host.client.post(
            f"/scheduler/v1/attempts/{row['id']}/arm",
            json=said,
            headers={"Authorization": f"Bearer {token}"},
        )
        if answer.status_code < 300:
            world.findings.append(f"armed with a wrong {name}: {row['state']} {row['id']}")

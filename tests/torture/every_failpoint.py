"""kill -9 at every named failpoint of the source, in the distributed form. One that is never hit fails the run."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backbone.embedded_postgres import OWNER

from .failpoint_names import owner
from .ground import STATIONS, Ground
from .kiosk import LOST, Kiosk, Operator
from .nemesis import as_owner, end_leases
from .people import Person, registry
from .run import EVIDENCE
from .verdict import drain, judge

LONGEST = 25.0
"""Seconds until a process must have come to its failpoint."""
RESEND_NOW = "UPDATE intake.application SET resend_at = backbone.now() WHERE first_status_at IS NULL"
PRINTED = "SELECT id::text FROM intake.application WHERE state = 'printed' ORDER BY received_at DESC LIMIT 1"
CORRECTABLE = "SELECT id::text FROM intake.application WHERE state = 'needs_correction' LIMIT 1"
OFFICE = "21.02"
WRONG_NAME = "SALAH TULIS"


class Driver:
    """Brings the office to each of its failpoints: by people who come, and by acts of people behind the counter."""

    def __init__(self, ground: Ground, people: Iterator[Person]) -> None:
        self.ground = ground
        self.people = people
        self.kiosk = Kiosk(ground.line("intake", "kiosk"), 0)
        lines = {name: ground.line(name, "supervisor") for name in ("intake", "scheduler", "gateway")}
        self.operator = Operator(lines, ground.tray)
        self.boss = ground.line("intake", "supervisor")
        self.gateway = ground.line("gateway", "supervisor")
        self.storekeeper = ground.line("scheduler", "supervisor")
        self.wrong: dict[str, Person] = {}

    async def come(self) -> None:
        """Somebody comes to the kiosk."""
        await self.kiosk.post(next(self.people))

    async def withdraw(self) -> None:
        application = await self.kiosk.post(next(self.people))
        said = {"reason": "pindah kota"}
        await self.boss.post(f"/intake/v1/applications/{application}/withdraw", json=said)

    async def collect(self) -> None:
        for (application,) in await self._rows(PRINTED):
            await self.boss.post(f"/intake/v1/applications/{application}/collect", json={})
            return
        await self.come()

    async def correct(self) -> None:
        """A name that the centre does not know; then the right one."""
        for (application,) in await self._rows(CORRECTABLE):
            said = {"full_name": self.wrong[application]["full_name"], "note": "salah tulis di loket"}
            answer = await self.boss.post(f"/intake/v1/applications/{application}/correct", json=said)
            answer.raise_for_status()
            return
        person = next(self.people)
        self.wrong[await self.kiosk.post(person | {"full_name": WRONG_NAME})] = person

    async def bring_file(self) -> None:
        headers = {"Content-Type": "text/csv"}
        body = registry([next(self.people)]).encode()
        await self.boss.post("/intake/v1/imports?name=tunggakan.csv", content=body, headers=headers)

    async def shorten(self) -> None:
        """Other hours of the centre, far from now."""
        begin = datetime.now(UTC) + timedelta(days=40, minutes=time.monotonic() % 1000)
        said: dict[str, Any] = {"from": begin.isoformat(), "until": (begin + timedelta(hours=1)).isoformat()}
        said |= {"closed": True, "reason": "pemeliharaan pusat data"}
        await self.gateway.put("/gateway/v1/calendars/centre/overrides", json=said)

    async def carry_blanks(self) -> None:
        """One blank from the first station to the second, on a paper of two persons."""
        source, target = STATIONS
        said = {"number": f"BA-{time.monotonic_ns()}", "source": source, "target": target, "blanks": 1}
        said |= {"second_person": "saksi-tono", "reason": "pindah ke stasiun sebelah"}
        answer = await self.storekeeper.post(f"/scheduler/v1/offices/{OFFICE}/transfers", json=said)
        answer.raise_for_status()

    async def be_forgotten(self) -> None:
        """While no scheduler is awake nobody speaks of a new case; its hour to be told again is brought forward."""
        for name in self.ground.twins("scheduler"):
            self.ground.pause(name)
        await self.come()
        await self._rows(RESEND_NOW)

    async def _rows(self, sql: str) -> list[Any]:
        return await as_owner(self.ground.postgres.login(OWNER), sql)


SPECIAL: dict[str, Callable[[Driver], Awaitable[None]]] = {
    "intake.withdrawal_requested": Driver.withdraw,
    "intake.collected": Driver.collect,
    "intake.corrected": Driver.correct,
    "intake.imported_before_commit": Driver.bring_file,
    "intake.imported_after_commit": Driver.bring_file,
    "intake.told_again": Driver.be_forgotten,
    "gateway.calendar": Driver.shorten,
    "scheduler.paper": Driver.carry_blanks,
}
"""What brings an office there, where people who come do not."""


async def kill_at_each(
    base: Path, people: Iterator[Person], wanted: list[str], *, scale: float, port: int
) -> list[str]:
    """All findings, printed: points never hit, then what the audit says once all has been drained."""
    ground = await Ground.open(base, scale=scale, port=port)
    try:
        driver = Driver(ground, people)
        at_work = asyncio.create_task(driver.operator.work())
        found = [bad for name in wanted if (bad := await _one(driver, name))]
        found += await _end(driver)
        at_work.cancel()
        await asyncio.gather(at_work, return_exceptions=True)
        for finding in found:
            print(f"  ! {finding}", flush=True)
        if found:
            (EVIDENCE / "failpoints").mkdir(parents=True, exist_ok=True)
            for path in ground.evidence():
                (EVIDENCE / "failpoints" / path.name).write_bytes(path.read_bytes())
        return found
    finally:
        await ground.close()


async def _one(driver: Driver, name: str) -> str:
    """Kill its process there once and start it again; what is wrong, or nothing."""
    ground = driver.ground
    process = owner(name, station=ground.stations[0])
    began = time.monotonic()
    if name == "intake.told_again":
        await driver.be_forgotten()
    for twin in ground.twins(process):
        # Nobody may take the work away from the one that is to be killed.
        await ground.kill9(twin)
    await ground.start(process, failpoint=f"{name}:kill")
    act = SPECIAL.get(name, Driver.come)
    driving = asyncio.create_task(_again_and_again(driver, act))
    hit = False
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST):
            await ground.until_dead(process)
            hit = True
    driving.cancel()
    await asyncio.gather(driving, return_exceptions=True)
    for twin in ground.processes:
        ground.resume(twin)
    for twin in ground.twins(process):
        await ground.kill9(twin)
        await ground.start(twin)
    await end_leases(ground)
    print(f"{name:<32} {'killed' if hit else 'NEVER HIT':<10} {time.monotonic() - began:4.1f} s", flush=True)
    return "" if hit else f"{name}: never hit in {LONGEST:.0f} s"


async def _again_and_again(driver: Driver, act: Callable[[Driver], Awaitable[None]]) -> None:
    while True:
        with suppress(*LOST):
            await act(driver)
        await asyncio.sleep(0.3)


async def _end(driver: Driver) -> list[str]:
    """Everybody gets his card; the promises hold."""
    ground = driver.ground
    mending = asyncio.create_task(_again_and_again(driver, _mend))
    began = time.monotonic()
    after, undone = await drain(ground, lambda: began)
    mending.cancel()
    await asyncio.gather(mending, return_exceptions=True)
    late = [] if after is not None else [f"not drained: {what}" for what in undone]
    accepted = [one for one in driver.kiosk.accepted.values() if one]
    return [*driver.kiosk.findings, *driver.operator.findings, *late, *await judge(ground, accepted, [])]


async def _mend(driver: Driver) -> None:
    """Correct what still waits for its right name."""
    if await driver._rows(CORRECTABLE):
        await driver.correct()

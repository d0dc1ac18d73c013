"""One schedule against a running cluster: people come, faults strike, all is healed, and the promises are looked at."""

import asyncio
import shutil
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from .ground import Ground
from .kiosk import Kiosk, Operator
from .nemesis import Nemesis
from .people import Person
from .schedule import LOAD, Fault, broker_loses, draw
from .verdict import PATIENCE, SECOND_ASKING, Verdict, drain, figures, judge, stuck

KIOSK_PATIENCE = 30.0
"""Seconds after healing in which the kiosk must have an answer for everybody."""
MOST_ON_ONE_GROUND = 25
"""The audit looks at everything since the ground's beginning: it would take ever longer."""
EVIDENCE = Path("var/torture")
PAUSE = 30.0
"""Seconds of a SIGSTOP in the world."""


async def one_schedule(
    ground: Ground, faults: Sequence[Fault], people: Sequence[Person], accepted: dict[str, str], seed: int
) -> Verdict:
    """Play it and judge; `accepted` is the witness of this and all earlier schedules on this ground."""
    kiosk, operator, nemesis = _people_and_fate(ground, accepted, seed)
    at_work = asyncio.create_task(operator.work())
    replacing: asyncio.Task[None] | None = None
    served = asyncio.create_task(kiosk.serve(people, LOAD))
    try:
        await nemesis.play(faults)
        await nemesis.heal(faults)
        replacing = asyncio.create_task(nemesis.replace_hung(faults))
        await asyncio.wait({served}, timeout=KIOSK_PATIENCE)
        if not served.done():
            kiosk.findings.append(f"kiosk: not everybody was answered within {KIOSK_PATIENCE:.0f} s")
        after, undone = await drain(ground, lambda: nemesis.healed_at)
    finally:
        for task in (served, at_work, *filter(None, [replacing])):
            task.cancel()
        await asyncio.gather(served, at_work, return_exceptions=True)
    found = [*kiosk.findings, *operator.findings]
    if after is None:
        found += [f"not drained {PATIENCE:.0f} s after healing: {what}" for what in undone]
    elif after > SECOND_ASKING and not (broker_loses(faults) or nemesis.replaced):
        found.append(f"drained only after {after:.0f} s, by asking again, though the broker lost nothing")
    found += await judge(ground, list(accepted.values()), people)
    return Verdict(
        findings=found,
        drained_after=after,
        figures={
            "asked": kiosk.asked,
            "uncertain": operator.settled,
            "discarded": operator.discarded,
            "faults": len(faults),
            "not done": len(nemesis.failed),
            "queues replaced": len(nemesis.replaced),
            **await figures(ground),
        },
    )


def _people_and_fate(ground: Ground, accepted: dict[str, str], seed: int) -> tuple[Kiosk, Operator, Nemesis]:
    kiosk = Kiosk(ground.line("intake", "kiosk"), seed)
    kiosk.accepted = accepted
    lines = {name: ground.line(name, "supervisor") for name in ("intake", "scheduler", "gateway")}
    return kiosk, Operator(lines, ground.tray), Nemesis(ground)


class Series:
    """Schedules one after another on one ground; a new ground after a bad one, and after so many."""

    def __init__(
        self, people: Iterator[Person], *, base: Path, applications: int, scale: float, mutant: str, port: int
    ) -> None:
        self._people = people
        self._base = base
        self._applications = applications
        self._scale = scale
        self._port = port
        self._mutant = mutant
        self._ground: Ground | None = None
        self._accepted: dict[str, str] = {}
        self._played = 0

    async def play(self, seed: int, *, quiet: bool = False) -> Verdict:
        """One seed, printed; its logs are kept in var/torture/<seed> where it ended badly."""
        ground = await self._ready()
        faults = draw(seed, ground.targets, pause=PAUSE / self._scale)
        began = time.monotonic()
        verdict = await one_schedule(
            ground, faults, list(islice(self._people, self._applications)), self._accepted, seed
        )
        self._played += 1
        tell(seed, faults, verdict, time.monotonic() - began, quiet=quiet)
        if verdict.findings:
            await self._keep(seed, ground, faults, verdict)
            await self.close()
        return verdict

    async def close(self) -> None:
        if self._ground is not None:
            ground, self._ground = self._ground, None
            await ground.close()

    async def _ready(self) -> Ground:
        if self._played >= MOST_ON_ONE_GROUND:
            await self.close()
        if self._ground is None:
            self._accepted, self._played = {}, 0
            self._ground = await Ground.open(
                self._base, mutant=self._mutant, scale=self._scale, port=self._port
            )
        return self._ground

    async def _keep(self, seed: int, ground: Ground, faults: Sequence[Fault], verdict: Verdict) -> None:
        folder = EVIDENCE / (f"{self._mutant}-{seed}" if self._mutant else str(seed))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in ground.evidence():
            shutil.copy(path, folder / path.name)
        lines = [*(fault.line() for fault in faults), "", *verdict.findings, "", *await stuck(ground)]
        (folder / "verdict.txt").write_text("\n".join(lines) + "\n")


def tell(seed: int, faults: Sequence[Fault], verdict: Verdict, seconds: float, *, quiet: bool) -> None:
    """The verdict in one line, then the faults and what was found."""
    drained = "never" if verdict.drained_after is None else f"{verdict.drained_after:.1f} s after healing"
    numbers = ", ".join(f"{name} {n}" for name, n in verdict.figures.items())
    word = "BAD" if verdict.findings else "ok"
    print(f"seed {seed:<4} {word:<3} {seconds:5.1f} s  drained {drained}; {numbers}", flush=True)
    if not quiet:
        for fault in faults:
            print(f"    {fault.line()}", flush=True)
    for finding in verdict.findings[:20]:
        print(f"  ! {finding}", flush=True)

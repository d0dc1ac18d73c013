"""One schedule from its seed to its verdict; a series of them on one database server."""

import time
from collections import Counter

from tests.torture.failpoint_names import names

from .hands import Hands, Prober, come
from .nemesis import Nemesis, inflict_all
from .plan import LOAD, Plan, draw
from .verdict import Verdict, judge, left
from .world import Ground, World, opened

PEOPLE = 7
PATIENCE = 3 * 3600.0
"""Virtual seconds after the last fault in which everybody must have a card."""
POINTS = tuple(
    sorted({*(name for name in names() if name.startswith(("station.", "ipp."))), "station.created"})
)
"""The agent's failpoints; the last is passed only where a printer makes a job before it takes the card."""


def plan_of(seed: int) -> Plan:
    return draw(seed, POINTS, people=PEOPLE)


async def play(ground: Ground, plan: Plan, passed: Counter[str]) -> Verdict:
    """Play and judge; `passed` counts the failpoints and calls of the agents."""
    async with opened(ground, plan) as world:
        world.begin(come(world))
        world.begin(Hands(world).work())
        world.begin(Prober(world).work())
        await inflict_all(world)
        try:
            undone = await _until_done(world)
        except Exception as error:  # noqa: BLE001  # whatever ended the office is what was looked for
            world.findings.append(f"the office ended: {type(error).__name__}: {error}")
            undone = ["the rest"]
        verdict = await judge(world, undone)
        for place in world.places.values():
            for agent in place.agents:
                passed.update(agent.passed)
        return verdict


async def _until_done(world: World) -> list[str]:
    await world.sleep(LOAD * 1.5)
    Nemesis(world).heal()
    waited = 0.0
    while undone := await left(world):
        if waited > PATIENCE:
            return undone
        await world.sleep(120)
        waited += 120
    # A good minute later nothing may have changed.
    await world.sleep(90)
    return await left(world)


def tell(plan: Plan, verdict: Verdict, seconds: float, *, quiet: bool) -> None:
    """The verdict in one line; the faults too where it is bad or asked for."""
    word = "BAD" if verdict.findings else "ok"
    numbers = ", ".join(f"{name} {n}" for name, n in verdict.figures.items())
    print(f"seed {plan.seed:<4} {word:<3} {seconds:4.1f} s CPU  {verdict.digest}  {numbers}", flush=True)
    if verdict.findings or not quiet:
        for station in sorted(plan.spoolers):
            print(f"    {station} stands behind a spooler")
        for fault in plan.faults:
            print(f"    {fault.line()}")
    for finding in verdict.findings[:20]:
        print(f"  ! {finding}", flush=True)


async def series(ground: Ground, seeds: list[int], *, quiet: bool, stop_at_first: bool = False) -> list[int]:
    """The bad ones among these seeds, each told as it ends."""
    bad: list[int] = []
    passed: Counter[str] = Counter()
    for seed in seeds:
        began, plan = time.process_time(), plan_of(seed)
        verdict = await play(ground, plan, passed)
        tell(plan, verdict, time.process_time() - began, quiet=quiet)
        if verdict.findings:
            bad.append(seed)
            if stop_at_first:
                break
    if len(seeds) > 20 and not stop_at_first:
        missed = [point for point in POINTS if not passed[point]]
        print(f"points never passed: {missed}" if missed else f"every one of {len(POINTS)} points was passed")
        bad += [0] * len(missed)
    return bad

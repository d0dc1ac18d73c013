"""Applies a plan's faults to a world, each at its time, and takes them back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import ClassVar

from simulator.card_printer.mishaps import KINDS, Mishap

from .agent import Agent, Trap
from .line import Loss
from .plan import Fault
from .world import World


class Nemesis:
    def __init__(self, world: World) -> None:
        self._world = world

    async def inflict(self, fault: Fault) -> None:
        """Wait for its time, do it, wait as long as it lasts, undo it."""
        world = self._world
        with world.clock.at_work():
            await world.clock.sleep_until(world.start + timedelta(seconds=fault.at))
            await self._acts[fault.kind](self, fault)

    def heal(self) -> None:
        """Nothing new goes wrong from here on."""
        for place in self._world.places.values():
            place.machine.mishaps.clear()
            for agent in place.agents:
                agent.traps.clear()
                agent.line.losses.clear()

    def _agent(self, fault: Fault) -> Agent:
        return self._world.places[fault.station].agent

    async def _crash_at(self, fault: Fault) -> None:
        self._agent(fault).traps.append(Trap(fault.where, fault.nth, freezes=False, seconds=fault.seconds))

    async def _freeze_at(self, fault: Fault) -> None:
        self._agent(fault).traps.append(Trap(fault.where, fault.nth, freezes=True, seconds=fault.seconds))

    async def _crash(self, fault: Fault) -> None:
        self._agent(fault).crash(fault.seconds)

    async def _freeze(self, fault: Fault) -> None:
        agent = self._agent(fault)
        agent.clock.freeze(fault.seconds)
        agent.unwell(fault.seconds)

    async def _call_lost(self, fault: Fault) -> None:
        self._agent(fault).line.losses.append(Loss(fault.where, fault.nth, answer=False))

    async def _answer_lost(self, fault: Fault) -> None:
        self._agent(fault).line.losses.append(Loss(fault.where, fault.nth, answer=True))

    async def _line_down(self, fault: Fault) -> None:
        agent = self._agent(fault)
        agent.line.down = True
        agent.unwell(fault.seconds)
        await self._world.clock.sleep(fault.seconds)
        agent.line.down = False

    async def _mishap(self, fault: Fault) -> None:
        (kind,) = (kind for kind in KINDS if kind == fault.where)
        self._world.places[fault.station].machine.mishaps.order(Mishap(kind=kind, seconds=fault.seconds))

    async def _twin(self, fault: Fault) -> None:
        """A second process with the station's name and token, on its own machine or on the very same disk."""
        world, first = self._world, self._agent(fault)
        folder = first.folder
        if fault.where != "same journal":
            folder = world.ground.home / "images" / f"twin-{fault.station}-{fault.at:.0f}"
            if fault.where == "copied journal":
                first.copy_to(folder)
        twin = world.add_agent(fault.station, folder)
        first.unwell(fault.seconds)
        await world.clock.sleep(fault.seconds)
        await twin.end()

    async def _image(self, fault: Fault) -> None:
        """The disk is put back to what it was some time ago."""
        agent = self._agent(fault)
        image = self._world.ground.home / "images" / f"{fault.station}-{fault.at:.0f}"
        agent.copy_to(image)
        await self._world.clock.sleep(fault.seconds)
        agent.crash(20)
        await self._world.clock.sleep(5)
        agent.put_back(image)

    async def _disk_full(self, fault: Fault) -> None:
        agent = self._agent(fault)
        agent.disk_full = True
        agent.unwell(fault.seconds)
        await self._world.clock.sleep(fault.seconds)
        agent.disk_full = False

    async def _clock_off(self, fault: Fault) -> None:
        agent = self._agent(fault)
        agent.clock.off = timedelta(seconds=float(fault.where))
        agent.unwell(fault.seconds)
        await self._world.clock.sleep(fault.seconds)
        agent.clock.off = timedelta()

    _acts: ClassVar[dict[str, Callable[["Nemesis", Fault], Awaitable[None]]]] = {
        "crash_at": _crash_at,
        "freeze_at": _freeze_at,
        "crash": _crash,
        "freeze": _freeze,
        "call_lost": _call_lost,
        "answer_lost": _answer_lost,
        "line_down": _line_down,
        "mishap": _mishap,
        "twin": _twin,
        "image": _image,
        "disk_full": _disk_full,
        "clock_off": _clock_off,
    }


async def inflict_all(world: World) -> None:
    nemesis = Nemesis(world)
    for fault in world.plan.faults:
        world.begin(nemesis.inflict(fault))
    await asyncio.sleep(0)

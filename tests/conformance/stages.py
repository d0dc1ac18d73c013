"""The printers that the list is run against. What one of them cannot play, it says: the test is skipped with the reason."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, NoReturn
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from pyipp import IPP
from pyipp.enums import IppOperation
from tests.conformance.lossy import LossyWire

from backbone.clock import SystemClock
from local_cluster.cups_node import CupsNode
from local_cluster.printers import DnsSd, IppEvePrinter
from local_cluster.rabbit_node import free_ports
from printer_agent.card_face import CardFace
from printer_agent.drivers.folder import FolderSession
from printer_agent.drivers.ipp.follower import Limits
from printer_agent.drivers.ipp.session import IppSession
from printer_agent.session import CardSession, Evidence, Health, PreparedCard

PORT = 26316
"""From here on two neighbouring free ports are looked for: the printer's and the wire's."""
USER = "2102-1"
LIMITS = Limits(document=2, job=3, silence=1.5, poll=0.05)
PDF = b"%PDF-1.4\n" + b"% kartu\n" * 30_000 + b"%%EOF\n"


class Stage(ABC):
    """One printer, and what can be done to it from outside."""

    name: ClassVar[str]
    evidence: ClassVar[Evidence]

    def cannot(self, why: str) -> NoReturn:
        pytest.skip(f"{self.name}: {why}")

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None: ...

    @abstractmethod
    def session(self) -> CardSession: ...

    @abstractmethod
    def cards(self) -> list[str]:
        """The attempts of the cards that came out, in order, each as often as it came."""

    async def print(self, session: CardSession, attempt_id: UUID, told: list[str] | None = None) -> str:
        """Send a card; its reference. `told` gets the reference that comes before the data."""

        async def created(reference: str) -> None:
            if told is not None:
                told.append(reference)

        prepared = PreparedCard(attempt_id=attempt_id, document=PDF)
        return await session.submit(prepared, attempt_id, created)

    @abstractmethod
    async def forget(self) -> None:
        """The printer loses its history."""


class FolderStage(Stage):
    name = "folder"
    evidence = "device"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "cards"

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    def session(self) -> CardSession:
        return FolderSession(self._folder, CardFace(), SystemClock())

    def cards(self) -> list[str]:
        return [path.stem for path in self._folder.glob("*.pdf")]

    async def forget(self) -> None:
        for path in self._folder.glob("*.pdf"):
            path.unlink()


class IppStage(Stage):
    """A printer over IPP, directly or by way of `wire`."""

    printer: IppEvePrinter | CupsNode

    def __init__(self) -> None:
        self.port = free_ports(2, PORT)
        self.wire = LossyWire(self.port + 1, self.port)

    async def start(self) -> None:
        await self.printer.start()
        await self.wire.start()

    async def stop(self) -> None:
        await self.wire.stop()
        await self.printer.stop()

    def session(self) -> CardSession:
        return self._at(self.port, USER)

    def through_wire(self) -> CardSession:
        return self._at(self.port + 1, USER)

    def _at(self, port: int, user: str) -> CardSession:
        uri = f"ipp://127.0.0.1:{port}{urlsplit(self.printer.uri).path}"
        return IppSession(uri, CardFace(), SystemClock(), user=user, limits=LIMITS)

    def cards(self) -> list[str]:
        path = self.printer.device / "cards.jsonl"
        return [json.loads(line)["job"] for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def taken(self) -> bool:
        """Whether the data of a first card is in the device."""
        return (self.printer.device / "taken").exists()

    def begin(self, cause: str) -> None:
        (self.printer.device / cause).touch()

    def end(self, cause: str) -> None:
        (self.printer.device / cause).unlink()

    async def stranger_prints(self) -> None:
        """Somebody else's job, with data."""
        async with IPP(self.printer.uri) as line:
            attributes = {
                "requesting-user-name": "orang-lain",
                "job-name": "surat",
                "document-format": "application/pdf",
            }
            await line.execute(IppOperation.PRINT_JOB, {"operation-attributes-tag": attributes, "data": PDF})


class IppEveStage(IppStage):
    name = "ippeveprinter"
    evidence = "device"

    def __init__(self, folder: Path, dns_sd: DnsSd) -> None:
        super().__init__()
        self.printer = self.eve = IppEvePrinter(folder / "eve", self.port, dns_sd)

    async def forget(self) -> None:
        await self.eve.stop()
        await self.eve.start()


class CupsStage(IppStage):
    name = "cups"
    evidence = "spooler"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.printer = self.cups = CupsNode(folder / "cups", self.port)

    async def forget(self) -> None:
        await self.cups.stop()
        self.cups.forget()
        await self.cups.start()


async def until(fact: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for a fact outside of this process."""
    async with asyncio.timeout(seconds):
        while not fact():
            await asyncio.sleep(0.02)


async def until_health(session: CardSession, fact: Callable[[Health], bool]) -> Health:
    """Ask until the printer's health is as awaited; it."""
    async with asyncio.timeout(10):
        while not fact(health := await session.health()):
            await asyncio.sleep(0.02)
    return health

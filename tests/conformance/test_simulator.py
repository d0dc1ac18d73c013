"""The project's own simulated card printer behind the same session: whatever befalls it, "printed" is a card in its bin."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import UUID, uuid5

import httpx2
import pytest
from tests.conformance.stages import LIMITS, PDF, PORT, USER

from backbone.clock import SystemClock
from local_cluster.printers import Daemon, answers
from local_cluster.rabbit_node import free_ports
from printer_agent.card_face import CardFace
from printer_agent.drivers.ipp.session import IppSession
from printer_agent.session import PreparedCard, SessionError
from simulator.card_printer.mishaps import KINDS

ONE = uuid5(UUID(int=0), "kartu 1")


class Simulated:
    def __init__(self, folder: Path) -> None:
        self.port = free_ports(2, PORT)
        self.log = folder / "cards.jsonl"
        self._daemon = Daemon("card_printer", folder)

    async def start(self) -> None:
        module = (sys.executable, "-m", "simulator.card_printer")
        self._daemon.launch((*module, "--port", str(self.port), "--seconds", "0.2", "--log", self.log))
        await self._daemon.until(partial(answers, self.port))

    async def stop(self) -> None:
        await self._daemon.stop()

    def session(self) -> IppSession:
        uri = f"ipp://127.0.0.1:{self.port}/ipp/print"
        return IppSession(uri, CardFace(), SystemClock(), user=USER, limits=LIMITS)

    async def order(self, kind: str) -> None:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as client:
            answer = await client.post("/_control/mishaps", json={"kind": kind, "seconds": 0.5})
            assert answer.status_code == 204

    def lies_in_the_bin(self, attempt_id: UUID) -> bool:
        lines = map(json.loads, self.log.read_text().splitlines() if self.log.exists() else [])
        return any(line["job_name"] == str(attempt_id) and line["outcome"] == "good" for line in lines)


@pytest.fixture
async def simulated(tmp_path: Path) -> AsyncIterator[Simulated]:
    made = Simulated(tmp_path)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def _print(session: IppSession) -> None:
    await session.submit(PreparedCard(attempt_id=ONE, document=PDF), ONE)


async def test_it_is_a_ready_device(simulated: Simulated) -> None:
    session = simulated.session()
    assert (await session.health()).state == "ready"
    assert session.capabilities.evidence == "device"


async def test_it_prints_a_card(simulated: Simulated) -> None:
    session = simulated.session()
    await _print(session)
    assert await session.resolve(str(ONE)) == "printed"
    assert simulated.lies_in_the_bin(ONE)


@pytest.mark.parametrize("kind", KINDS)
async def test_printed_is_a_card_in_its_bin_whatever_befalls_it(simulated: Simulated, kind: str) -> None:
    await simulated.order(kind)
    with suppress(SessionError):
        await _print(simulated.session())
    printed = await simulated.session().resolve(str(ONE)) == "printed"
    assert not printed or simulated.lies_in_the_bin(ONE)

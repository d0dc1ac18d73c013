"""Starts each printer afresh for a test; installs CUPS and ippeveprinter where it may, else says loudly what is not tested."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conformance.stages import CupsStage, FolderStage, IppEveStage, IppStage, Stage

from local_cluster.printers import DnsSd, PrinterFailed, ensure_printers

NOT_TESTED = "Uji printer TIDAK dijalankan · printers are NOT tested"


class Ground:
    """What the printers stand on. `missing`: by printer, why it cannot be had here."""

    def __init__(self, folder: Path) -> None:
        self.dns_sd = DnsSd(folder)
        self.missing: dict[str, str] = {}

    async def prepare(self) -> None:
        try:
            ensure_printers()
        except PrinterFailed as failed:
            self._lack(("ippeveprinter", "cups"), failed)
            return
        try:
            await self.dns_sd.start()
        except PrinterFailed as failed:
            self._lack(("ippeveprinter",), failed)

    def _lack(self, names: tuple[str, ...], failed: PrinterFailed) -> None:
        self.missing |= dict.fromkeys(names, str(failed))
        sys.stderr.write(f"\n{failed}\n{NOT_TESTED}: {', '.join(names)}\n")


@pytest.fixture(scope="session")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    found = Ground(tmp_path_factory.mktemp("dns-sd"))
    try:
        await found.prepare()
        yield found
    finally:
        await found.dns_sd.stop()


def _made(name: str, ground: Ground, folder: Path) -> Stage:
    if name in ground.missing:
        pytest.skip(f"{name}: {ground.missing[name]}")
    if name == "folder":
        return FolderStage(folder)
    return IppEveStage(folder, ground.dns_sd) if name == "ippeveprinter" else CupsStage(folder)


@pytest.fixture(params=["folder", "ippeveprinter", "cups"])
async def stage(request: pytest.FixtureRequest, ground: Ground, tmp_path: Path) -> AsyncIterator[Stage]:
    """Each of the printers in turn."""
    made = _made(request.param, ground, tmp_path)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


@pytest.fixture
def device(stage: Stage) -> IppStage:
    """A printer that is a device; a folder has no part to open, run out of or be cut off."""
    if not isinstance(stage, IppStage):
        stage.cannot("no device: nothing opens, jams, runs out or is cut off")
    return stage

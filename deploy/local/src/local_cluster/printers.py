"""Printers to test against: OpenPrinting's `ippeveprinter` and a private CUPS, from Debian's packages.

Each has its own folder and its own port on loopback; both print through `card_device`. `ippeveprinter` starts only where
DNS-SD answers: `DnsSd` is a private message bus and an Avahi that knows only the loopback.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from local_cluster import card_device
from local_cluster.installing import install
from local_cluster.settings import inherited

PACKAGES = ("cups", "cups-ipp-utils", "avahi-daemon", "dbus")
NEEDED = tuple(
    map(
        Path, ("/usr/sbin/cupsd", "/usr/sbin/ippeveprinter", "/usr/sbin/avahi-daemon", "/usr/bin/dbus-daemon")
    )
)
MISSING = (
    "CUPS atau ippeveprinter tidak ada; pasang dengan: · CUPS or ippeveprinter is missing; install it with:\n"
    f"  sudo apt-get install --no-install-recommends {' '.join(PACKAGES)}"
)
AVAHI_RUNS = Path("/run/avahi-daemon/pid")
BUS = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true"/><allow receive_type="method_call"/>
<allow receive_type="signal"/><allow receive_requested_reply="true"/></policy></busconfig>
"""
AVAHI = """[server]
allow-interfaces=lo
use-ipv6=no
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
"""


class PrinterFailed(RuntimeError):
    """A printer could not be installed or started; the text says what to do or where its log is."""


def ensure_printers() -> None:
    """Install the packages as root where they are missing. Raises PrinterFailed with the line that does it."""
    if all(path.exists() for path in NEEDED):
        return
    if os.geteuid() != 0 or not install(*PACKAGES):
        raise PrinterFailed(MISSING)


class Daemon:
    """One program in a folder of its own, in a process group of its own: none of it outlives `stop` or `kill`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # Debian's programs
                [str(word) for word in command],
                env={**inherited(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    async def until(self, ready: Callable[[], bool], *, seconds: float = 20) -> None:
        """Wait for it to be ready. Raises PrinterFailed."""
        for _ in range(int(seconds / 0.05)):
            if not self.alive:
                break
            if ready():
                return
            await asyncio.sleep(0.05)  # noqa: TID251  # a program's start takes real time
        raise PrinterFailed(f"{self._name} tidak mau jalan · does not run; log: {self.log}")

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """kill -9 of the program alone, as a power cut of its box; what it started notices by itself, or goes on."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            await asyncio.to_thread(self._process.wait, 10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)


class DnsSd:
    """Avahi on loopback, on a message bus of its own; the host's own Avahi serves where it runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bus = Daemon("dbus", folder)
        self._avahi = Daemon("avahi", folder)
        self.environment: dict[str, str] = {}

    async def start(self) -> None:
        if _avahi_runs():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        bus, avahi, socket_path = (self._folder / name for name in ("bus.conf", "avahi.conf", "bus"))
        bus.write_text(BUS.format(socket=socket_path))
        avahi.write_text(AVAHI)
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket_path}"}
        self._bus.launch(("/usr/bin/dbus-daemon", f"--config-file={bus}", "--nofork", "--nopidfile"))
        await self._bus.until(socket_path.exists)
        rootless = ("--no-drop-root", "--no-rlimits", "--no-chroot")
        self._avahi.launch(("/usr/sbin/avahi-daemon", "-f", avahi, *rootless), self.environment)
        await self._avahi.until(_avahi_runs)

    async def stop(self) -> None:
        await self._avahi.stop()
        await self._bus.stop()


class IppEvePrinter:
    """OpenPrinting's reference printer. `uri` is where a station prints; its history dies with its process."""

    def __init__(self, folder: Path, port: int, dns_sd: DnsSd) -> None:
        self.device = folder / "device"
        self.uri = f"ipp://127.0.0.1:{port}/ipp/print"
        self._port = port
        self._dns_sd = dns_sd
        self._daemon = Daemon("ippeveprinter", folder)

    async def start(self, *, formats: str = "application/pdf", two_sided: bool = True) -> None:
        """`formats`: what it takes, with commas; the rest of its words is its own."""
        script = device_script(self._daemon.folder / "print", self.device)
        spool = self._daemon.folder / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        options = ("-2",) if two_sided else ()
        named = ("-n", "localhost", "-p", str(self._port), "-r", "off", "-k", "-d", spool)
        self._daemon.launch(
            ("/usr/sbin/ippeveprinter", *named, *options, "-f", formats, "-c", script, f"Cetak {self._port}"),
            self._dns_sd.environment,
        )
        await self._daemon.until(partial(answers, self._port))

    async def stop(self) -> None:
        await self._daemon.stop()
        end_devices(self.device)

    async def kill(self) -> None:
        await self._daemon.kill()
        end_devices(self.device)


def device_script(path: Path, device: Path) -> Path:
    """A command for printers and spoolers: `card_device` on its folder, run by this Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    device.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{card_device.__file__}" "{device}" "$@"\n')
    path.chmod(0o700)
    return path


def end_devices(device: Path) -> None:
    """The power goes at the device too: no card comes out any more."""
    for process in psutil.process_iter(["cmdline"]):
        if str(device) in (process.info["cmdline"] or ()):
            with suppress(psutil.NoSuchProcess):
                process.kill()
                process.wait(5)


def answers(port: int) -> bool:
    """Whether somebody listens on loopback's `port`."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _avahi_runs() -> bool:
    try:
        return str(psutil.Process(int(AVAHI_RUNS.read_text())).name()) == "avahi-daemon"
    except (OSError, ValueError, psutil.NoSuchProcess):
        return False

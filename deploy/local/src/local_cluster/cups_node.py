"""A private CUPS: own configuration, spool and port, one raw queue whose backend is `card_device`.

Set as a queue for cards must be: a job that fails is aborted and never tried again, history is kept, state is on disk at
once. Nothing of the host's own CUPS is read or written.
"""

import asyncio
import grp
import os
import pwd
import shutil
import subprocess
from functools import partial
from pathlib import Path

from local_cluster.printers import Daemon, PrinterFailed, answers, device_script, end_devices

QUEUE = "kartu"
PROGRAMS = Path("/usr/lib/cups")
FILES = """ServerRoot {folder}
ServerBin {folder}/bin
DataDir /usr/share/cups
DocumentRoot {folder}
RequestRoot {folder}/spool
StateDir {folder}/state
CacheDir {folder}/cache
TempDir {folder}/temp
AccessLog {folder}/access.log
ErrorLog {folder}/error.log
PageLog {folder}/page.log
SyncOnClose Yes
{users}"""
SERVER = """Listen 127.0.0.1:{port}
ErrorPolicy abort-job
JobRetryLimit 0
PreserveJobHistory Yes
PreserveJobFiles No
DirtyCleanInterval 0
Browsing Off
WebInterface No
DefaultAuthType None
LogLevel info
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  SubscriptionPrivateAccess all
  SubscriptionPrivateValues none
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
PRINTERS = """<Printer {queue}>
Info Kartu
DeviceURI {scheme}:/{queue}
State Idle
Accepting Yes
Shared No
JobSheets none none
ErrorPolicy abort-job
OpPolicy default
Option sides two-sided-long-edge
</Printer>
"""


class CupsNode:
    """One cupsd. `uri` is its queue; `control` is CUPS's own commands for a queue."""

    def __init__(self, folder: Path, port: int) -> None:
        self.device = folder / "device"
        self.uri = f"ipp://127.0.0.1:{port}/printers/{QUEUE}"
        self._folder = folder
        self._port = port
        self._daemon = Daemon("cupsd", folder)

    async def start(self) -> None:
        """Start it; what it spooled before goes on, as at any CUPS."""
        self._prepare()
        server, files = self._folder / "cupsd.conf", self._folder / "cups-files.conf"
        self._daemon.launch(("/usr/sbin/cupsd", "-f", "-c", server, "-s", files))
        await self._daemon.until(partial(answers, self._port))

    async def stop(self) -> None:
        await self._daemon.stop()
        end_devices(self.device)

    async def kill(self) -> None:
        """kill -9 of cupsd and the end of what its backend does."""
        await self._daemon.kill()
        end_devices(self.device)

    async def control(self, command: str, *arguments: str) -> None:
        """`cupsdisable`, `cupsenable`, `cupsreject`, `cupsaccept`, of our queue. Raises PrinterFailed."""
        words = (f"/usr/sbin/{command}", "-h", f"127.0.0.1:{self._port}", *arguments, QUEUE)
        done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PrinterFailed(f"{command}: {done.stderr.strip()}")

    def forget(self) -> None:
        """Remove its spool and its memory of jobs, ids included; only where it does not run."""
        for name in ("spool", "cache"):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def _prepare(self) -> None:
        for name in ("bin/backend", "spool/tmp", "state", "cache", "temp", "ssl"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        for program in PROGRAMS.iterdir():
            link = self._folder / "bin" / program.name
            if program.name != "backend" and not link.is_symlink():
                link.symlink_to(program)
        device_script(self._folder / "bin" / "backend" / "kartu", self.device)
        values = {"folder": self._folder, "port": self._port, "queue": QUEUE, "scheme": "kartu"}
        _write(self._folder / "cups-files.conf", FILES.format(**values, users=_users()))
        _write(self._folder / "cupsd.conf", SERVER.format(**values))
        if not (self._folder / "printers.conf").exists():
            _write(self._folder / "printers.conf", PRINTERS.format(**values))


def _users() -> str:
    """As root, CUPS gives its helpers Debian's user; as anyone else, they stay who they are."""
    if os.geteuid() == 0:
        return "User lp\nGroup lp\nSystemGroup root\n"
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    return f"User {user}\nGroup {group}\nSystemGroup {group}\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o640)

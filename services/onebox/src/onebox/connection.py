"""How a command reaches the office: the running `cetak up`, or the same services opened in this process."""

import getpass
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from backbone.auth import Authority
from backbone.clock import SystemClock
from backbone.ids import Ids
from backbone.rights import Actor
from onebox.console import FAILED, Failed, err
from onebox.host import open_host
from onebox.keys import load_or_make
from onebox.settings import Deployment, Environment, read
from onebox.storage import Storage

SCOPES = frozenset({"supervisor", "operator", "auditor"})


class Line:
    """Calls to the office's API as this machine's supervisor; answers are checked by the caller."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **values: Any) -> httpx2.Response:
        return await self._client.get(path, headers=self._headers, **values)

    async def send(self, method: str, path: str, **values: Any) -> httpx2.Response:
        headers = {**self._headers, **values.pop("headers", {})}
        return await self._client.request(method, path, headers=headers, **values)


def deployment(environment: Environment) -> Deployment:
    found = read(environment.home)
    if found is None:
        raise Failed(
            f"Belum ada kantor di {environment.home}. · No office there yet. Run: cetak init", code=FAILED
        )
    return found


def office_zone(environment: Environment) -> ZoneInfo:
    return ZoneInfo(deployment(environment).tz)


def local_token(home: Path, office: str, scopes: frozenset[str] = SCOPES) -> str:
    """Whoever can read the keys of this home acts as its supervisor; the subject is the OS account."""
    keys = load_or_make(home / "keys.json")
    authority = Authority(SystemClock(), public=keys.public, private=keys.private)
    actor = Actor(subject=f"cli:{getpass.getuser()}", scopes=scopes, prefix=office)
    return authority.issue(actor, timedelta(minutes=15))


@asynccontextmanager
async def connect(environment: Environment) -> AsyncIterator[Line]:
    """The office, running or opened here (without stations and loops). Raises Failed before `init`."""
    found = deployment(environment)
    token = environment.token or local_token(environment.home, found.office)
    address = running_at(environment.home)
    if address is not None:
        async with httpx2.AsyncClient(base_url=address, timeout=600) as client:
            yield Line(client, token)
        return
    err.print(
        "Kantor tidak berjalan (cetak up); dibaca dari basis datanya. · The office is not running; read from its database."
    )
    storage = Storage(environment.home, environment.database_url)
    await storage.open()
    clock = SystemClock()
    try:
        async with open_host(
            environment.home, found, storage, clock=clock, ids=Ids(clock), centre=None, printing=False
        ) as host:
            yield Line(host.client, token)
    finally:
        await storage.close(adopted=False)


def running_at(home: Path) -> str | None:
    """The address of the `cetak up` of this home, if it lives."""
    try:
        running = json.loads((home / "run.json").read_text())
        os.kill(running["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return str(running["address"])


def say_running(home: Path, address: str) -> None:
    (home / "run.json").write_text(json.dumps({"pid": os.getpid(), "address": address}))


def say_stopped(home: Path) -> None:
    (home / "run.json").unlink(missing_ok=True)

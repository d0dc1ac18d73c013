"""The drill: the database is put back to where it was while two stations printed on, and the office recovers.

Real processes and a real copy of the database's folder. The stations' journals, the printer's own log and the cards in
the tray outlive the restore, as they do in the world.
"""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from onebox.audit import audit
from onebox.connection import local_token
from onebox.demo.scenario import BACKLOG
from onebox.homes import witnesses
from onebox.settings import Deployment, StationConfig, write
from onebox.storage import Storage

STATIONS = ("2102-1", "2102-2")
ALWAYS = ("00:00-24:00",) * 7
FIELDS = ("nik", "full_name", "birth_date", "sex", "district_code", "reason")
DATES = "SELECT id::text, received_at FROM {}.application ORDER BY id"
ATTEMPTS = "SELECT id::text, state, station, recovered FROM scheduler.attempt"


@dataclass
class Office:
    """A home with two stations, and the process that serves it."""

    home: Path
    port: int
    client: httpx2.Client
    people: list[dict[str, str]]
    process: subprocess.Popen[bytes] | None = None
    accepted: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return EmbeddedPostgres(self.home).folder / "data"

    def cetak(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        known = {"CETAK_HOME": str(self.home), "CETAK_PORT": str(self.port), "CETAK_LOG_LEVEL": "WARNING"}
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "onebox", *arguments],
                env={**os.environ, **known, **environment},
                stdout=subprocess.PIPE if "--json" in arguments else log,
                stderr=log,
            )

    def recover(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = self.cetak("recover", *arguments, "--json")
        told, _ = done.communicate(timeout=90)
        return done.returncode, json.loads(told)

    def up(self, failpoint: str = "") -> None:
        self.process = self.cetak("up", CETAK_FAILPOINT=failpoint)
        self.until(lambda: self.gone() or self.answers())

    def down(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0

    def gone(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def answers(self) -> bool:
        try:
            return self.client.get("/health/live").status_code == 200
        except httpx2.TransportError:
            return False

    def until(self, fact: Callable[[], Any], *, seconds: float = 40) -> None:
        last = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < last, (self.home / "log").read_text()[-3000:]
            time.sleep(0.05)

    def ask(self, method: str, path: str, **values: Any) -> Any:
        response = self.client.request(method, path, **values)
        assert response.status_code < 300, response.text
        return response.json()

    def tell(self, station: str, what: str, **body: Any) -> None:
        self.ask("POST", f"/scheduler/v1/stations/{station}/{what}", json=body)

    def come(self, n: int) -> None:
        for person in islice(self.people, len(self.accepted), len(self.accepted) + n):
            key = {"Idempotency-Key": f"kiosk-{person['nik']}"}
            answer = self.ask("POST", "/intake/v1/applications", json=person, headers=key)
            self.accepted.append(answer["application_id"])

    def states(self) -> dict[str, int]:
        found = self.ask("GET", "/scheduler/v1/summary")["by_state"]
        return {state: n for state, n in found.items() if n}

    def all_printed(self) -> bool:
        return self.states() == {"printed": len(self.accepted)}

    def uncertain(self) -> list[str]:
        found = self.ask("GET", "/scheduler/v1/attempts", params={"state": "uncertain"})
        return [attempt["id"] for attempt in found]

    def settled(self) -> bool:
        """Two persons say of each uncertain card what lies in the tray; whether every card is printed."""
        for attempt in self.uncertain():
            lies_there = (self.home / "cards" / f"{attempt}.pdf").exists()
            body = {"verdict": "printed" if lies_there else "intact", "note": "diperiksa di baki keluaran"}
            body |= {} if lies_there else {"second_person": "saksi-tono"}
            self.ask("POST", f"/scheduler/v1/attempts/{attempt}/reconcile", json=body)
        return self.all_printed()

    async def rows(self, sql: str) -> list[Any]:
        connection = await asyncpg.connect(**EmbeddedPostgres(self.home).login(OWNER).arguments())
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    hours = {f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")}
    stations = tuple(StationConfig(id=name, heartbeat=1) for name in STATIONS)
    write(tmp_path, Deployment(stations=stations, hours=hours))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = local_token(tmp_path, "21.02", frozenset({"kiosk", "supervisor", "operator"}))
    people = [
        {name: row[name] for name in FIELDS} for row in csv.DictReader(BACKLOG.read_text().splitlines())
    ]
    with httpx2.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=10
    ) as client:
        made = Office(tmp_path, port, client, people)
        yield made
        if made.process is not None and made.process.poll() is None:
            made.process.kill()
            made.process.wait()
    await Storage(tmp_path).erase()


def copy(source: Path, target: Path) -> None:
    """A stopped server's folder, as it is."""
    if target.exists():
        shutil.rmtree(target)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


async def at_rest(office: Office) -> dict[str, dict[str, Any]]:
    """Stop the database that a killed process left; when each application was received, as two services have it.

    What the dead gateway was asking is asked anew after 90 s; nobody waits for that here.
    """
    server = EmbeddedPostgres(office.home)
    await server.start()
    await office.rows("UPDATE gateway.request SET due_at = now() WHERE state = 'calling'")
    found = {name: dict(await office.rows(DATES.format(name))) for name in ("intake", "scheduler")}
    await server.stop()
    return found


def good_cards(office: Office) -> Counter[str]:
    seen = witnesses(office.home).prints or []
    return Counter(str(line["attempt_id"]) for line in seen if line["outcome"] == "good")


async def a_morning(office: Office, backup: Path) -> dict[str, dict[str, Any]]:
    """Some cards are printed; a blow finds others on their way; the backup is made. When each was received."""
    office.up("station.arming:kill:8")
    for station in STATIONS:
        office.tell(station, "stock", note_number=f"SJ-{station}", blanks=60)
    office.come(4)
    office.until(office.all_printed)
    for station in STATIONS:
        office.tell(station, "pause", reason="rapat pagi")
    office.come(10)
    with suppress(httpx2.TransportError):
        for station in STATIONS:
            office.tell(station, "resume", reason="rapat selesai")
    office.until(office.gone)
    before = await at_rest(office)
    copy(office.data, backup)
    return before


def print_on(office: Office, backup: Path) -> Counter[str]:
    """The stations print all that waits; then the database is put back. The cards that lie in the tray."""
    office.up()
    office.until(office.settled)
    printed = good_cards(office)
    office.down()
    copy(backup, office.data)
    return printed


async def test_a_restored_database_prints_nothing_twice_and_loses_nothing(
    office: Office, tmp_path: Path
) -> None:
    before = await a_morning(office, tmp_path / "backup")
    printed_on = print_on(office, tmp_path / "backup")
    begun, stands = office.recover("--reason", "cadangan pagi dipulihkan")
    office.up()
    ended, result = office.recover("--finish", "--wait", "60")
    doubtful = office.uncertain()
    office.come(3)
    office.until(office.settled)
    seen = replace(witnesses(office.home), accepted=office.accepted)
    findings = await audit(Storage(office.home).login("audit"), seen)
    attempts = {row[0]: row for row in await office.rows(ATTEMPTS)}
    journals = await office.rows("SELECT DISTINCT station FROM scheduler.journal ORDER BY 1")
    after = {name: dict(await office.rows(DATES.format(name))) for name in before}

    assert (begun, stands["recovering"], stands["awaited"]) == (1, True, list(STATIONS))
    assert (ended, result["recovering"], result["awaited"]) == (0, False, [])
    assert {attempts[attempt][3] for attempt in doubtful} == {True}
    assert set(good_cards(office).values()) == {1}
    assert printed_on.keys() <= attempts.keys()
    assert sum(good_cards(office).values()) == len(office.accepted)
    assert [station for (station,) in journals] == list(STATIONS)
    assert all(after[name].items() >= before[name].items() for name in before)
    assert findings == [], findings

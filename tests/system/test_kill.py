"""`cetak up` is killed at each of its effects and started again: nothing is lost, nothing is printed twice.

Real processes, real time, one home for all cases. The kiosk asks again with the same Idempotency-Key until it is answered.
"""

import csv
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
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

STATION = "2102-1"
ALWAYS = ("00:00-24:00",) * 7
FIELDS = ("nik", "full_name", "birth_date", "sex", "district_code", "reason")
CHAINS = (
    (
        "intake.accepted_before_commit",
        "scheduler.release",
        "gateway.answered",
        "scheduler.arm",
        "station.armed",
    ),
    (
        "intake.accepted_after_commit",
        "station.intent",
        "station.sent",
        "station.outcome",
        "scheduler.outcome",
    ),
)


class Box:
    """One home and the process that serves it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.accepted: dict[str, str] = {}
        self._people = iter(list(csv.DictReader(BACKLOG.read_text().splitlines())))
        token = local_token(home, "21.02", frozenset({"kiosk", "supervisor", "operator"}))
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        self.process: subprocess.Popen[bytes] | None = None

    def up(self, failpoint: str = "") -> subprocess.Popen[bytes]:
        """Start and wait until it answers."""
        self.process = self.launch(CETAK_FAILPOINT=failpoint)
        self.until(lambda: self.process is None or self.process.poll() is not None or self.answers())
        return self.process

    def launch(self, **environment: str) -> subprocess.Popen[bytes]:
        known = {"CETAK_HOME": str(self.home), "CETAK_PORT": str(self.port), "CETAK_LOG_LEVEL": "WARNING"}
        with (self.home / "up.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "onebox", "up"],
                env={**os.environ, **known, **environment},
                stdout=log,
                stderr=log,
            )

    def end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def answers(self) -> bool:
        try:
            return self.client.get("/health/live").status_code == 200
        except httpx2.TransportError:
            return False

    def until(self, fact: Any, *, seconds: float = 25) -> None:
        last = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < last, (self.home / "up.log").read_text()[-2000:]
            time.sleep(0.05)

    def ask(self, method: str, path: str, **values: Any) -> Any:
        response = self.client.request(method, path, **values)
        assert response.status_code < 300, response.text
        return response.json()

    def people(self, n: int) -> list[dict[str, str]]:
        return [{name: row[name] for name in FIELDS} for row in islice(self._people, n)]

    def tended(self, people: list[dict[str, str]]) -> bool | None:
        """All these people posted and all cards printed; None where nobody answers any more."""
        try:
            for person in people:
                self.post(person)
            return self.settled()
        except httpx2.TransportError:
            return None

    def tended_to_its_end(self, people: list[dict[str, str]]) -> int:
        """People come and cards are settled until the process dies; its exit code."""
        process = self.process
        assert process is not None
        self.until(lambda: self.tended(people) is None or process.poll() is not None)
        return process.wait(10)

    def post(self, person: dict[str, str]) -> None:
        """The same key always gets the same application."""
        key = f"kiosk-{person['nik']}"
        headers = {"Idempotency-Key": key}
        answer = self.ask("POST", "/intake/v1/applications", json=person, headers=headers)
        assert self.accepted.setdefault(key, answer["application_id"]) == answer["application_id"]

    def settled(self) -> bool:
        """Two persons settle what is uncertain by what lies there; whether every card is printed."""
        for attempt in self.ask("GET", "/scheduler/v1/attempts", params={"state": "uncertain"}):
            lies_there = (self.home / "cards" / f"{attempt['id']}.pdf").exists()
            body = {"verdict": "printed" if lies_there else "intact", "note": "diperiksa di baki keluaran"}
            body |= {} if lies_there else {"second_person": "saksi-tono"}
            self.ask("POST", f"/scheduler/v1/attempts/{attempt['id']}/reconcile", json=body)
        states = self.ask("GET", "/scheduler/v1/summary")["by_state"]
        return {state: n for state, n in states.items() if n} == {"printed": len(self.accepted)}


@pytest.fixture(scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Box]:
    """An office that is open day and night, with one station and its blanks, not running."""
    home = tmp_path_factory.mktemp("killed")
    hours = {f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")}
    write(home, Deployment(stations=(StationConfig(id=STATION),), hours=hours))
    made = Box(home)
    made.up()
    body = {"note_number": "SJ-1", "blanks": 200}
    made.ask("POST", f"/scheduler/v1/stations/{STATION}/stock", json=body)
    made.end(signal.SIGTERM)
    yield made
    made.client.close()
    await Storage(home).erase()


@pytest.fixture(autouse=True)
def nothing_runs_on(box: Box) -> Iterator[None]:
    yield
    if box.process is not None and box.process.poll() is None:
        box.process.kill()
        box.process.wait()


async def let_the_calls_lease_end(box: Box) -> None:
    """What a dead gateway was asking is asked anew after 90 s; nobody waits for that here."""
    connection = await asyncpg.connect(**EmbeddedPostgres(box.home).login(OWNER).arguments())
    await connection.execute("UPDATE gateway.request SET due_at = now() WHERE state = 'calling'")
    await connection.close()


@pytest.mark.parametrize("chain", CHAINS)
async def test_killed_again_and_again_it_goes_on_and_keeps_its_promises(
    box: Box, chain: tuple[str, ...]
) -> None:
    killed, people = {}, []
    for failpoint in chain:
        box.up(f"{failpoint}:kill")
        people += box.people(2)
        killed[failpoint] = box.tended_to_its_end(people)
        await let_the_calls_lease_end(box)
    box.up()
    box.until(lambda: box.tended(people))
    seen = replace(witnesses(box.home), accepted=list(box.accepted.values()))
    findings = await audit(Storage(box.home).login("audit"), seen)

    assert killed == dict.fromkeys(chain, -signal.SIGKILL)
    assert len(box.accepted) >= len(people)
    assert findings == []
    assert box.end(signal.SIGTERM) == 0


def test_an_interrupt_ends_it_cleanly_and_stops_the_database(box: Box) -> None:
    box.up()

    assert box.end(signal.SIGINT) == 0
    assert not (EmbeddedPostgres(box.home).folder / "data" / "postmaster.pid").exists()


def test_a_second_one_on_the_same_home_refuses_and_harms_nothing(box: Box) -> None:
    box.up()
    second = box.launch(CETAK_PORT="0").wait(20)

    assert second == 1
    assert box.answers()
    assert box.end(signal.SIGTERM) == 0

"""The distributed form: one process a service, a real RabbitMQ between them, killed and started again."""

import asyncio
import csv
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from local_cluster.cluster import Cluster
from local_cluster.rabbit_node import SERVER, free_ports
from onebox.audit import Finding, audit
from onebox.connection import local_token
from onebox.demo.scenario import BACKLOG
from onebox.homes import witnesses

pytestmark = pytest.mark.skipif(
    not SERVER.exists(), reason="RabbitMQ is not installed (apt-get install rabbitmq-server)"
)

FIELDS = ("nik", "full_name", "birth_date", "sex", "district_code", "reason")
AT_ONCE = {"simulator": {"CETAK_SIMULATOR_LATENCY_LOW": "0", "CETAK_SIMULATOR_LATENCY_HIGH": "0"}}
LINES = BACKLOG.read_text().splitlines()
PEOPLE = list(csv.DictReader(LINES))
"""All known to the simulated centre."""


class Town:
    """A running cluster, and the people around it."""

    def __init__(self, cluster: Cluster, client: httpx2.AsyncClient) -> None:
        self.cluster, self.client = cluster, client
        self.posted: dict[str, dict[str, str]] = {}
        tokens = {"kiosk": ("kiosk",), "officer": ("supervisor", "operator")}
        self._tokens = {
            who: local_token(cluster.home, "21.02", frozenset(scopes)) for who, scopes in tokens.items()
        }

    async def call(self, who: str, method: str, service: str, path: str, **values: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[who]}", **values.pop("headers", {})}
        url = f"{self.cluster.url(service)}/{service}{path}"
        answer = await self.client.request(method, url, headers=headers, **values)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def walk_in(self, row: dict[str, str]) -> None:
        person = {name: row[name] for name in FIELDS}
        headers = {"Idempotency-Key": f"kiosk-1-{person['nik']}"}
        answer = await self.call("kiosk", "POST", "intake", "/v1/applications", json=person, headers=headers)
        self.posted[answer["application_id"]] = person

    async def deliver(self, blanks: int) -> None:
        for station in self.cluster.deployment.stations:
            body = {"note_number": f"SJ-{station.id}", "blanks": blanks}
            await self.call("officer", "POST", "scheduler", f"/v1/stations/{station.id}/stock", json=body)

    async def states(self) -> dict[str, int]:
        found = (await self.call("officer", "GET", "scheduler", "/v1/summary"))["by_state"]
        return {state: n for state, n in found.items() if n}

    async def printed(self) -> list[dict[str, Any]]:
        path = "/v1/attempts?state=printed&limit=1000"
        return list(await self.call("officer", "GET", "scheduler", path))

    async def until(self, fact: Callable[[], Awaitable[bool]], *, seconds: float = 120) -> None:
        last = time.monotonic() + seconds
        while not await fact():
            assert time.monotonic() < last, await self.states()
            await asyncio.sleep(0.1)

    async def audit_at_rest(self) -> list[Finding]:
        """The audit's findings once no letter is on its way any more: what stays for 20 s is a finding."""
        last = time.monotonic() + 20
        while (found := await self.audit()) and time.monotonic() < last:
            await asyncio.sleep(0.5)
        return found

    async def audit(self) -> list[Finding]:
        """Every promise, with all the witnesses there are, the processes' logs among them."""
        home = self.cluster.home
        seen = replace(
            witnesses(home),
            accepted=list(self.posted),
            canaries=[person[name] for person in self.posted.values() for name in ("nik", "full_name")],
            texts=[*home.glob("logs/*.log"), *home.glob("rabbitmq/log/*"), home / "cards" / "prints.jsonl"],
        )
        return await audit(self.cluster.storage.login("audit"), seen)


@asynccontextmanager
async def running(home: Path, *stations: str) -> AsyncIterator[Town]:
    cluster = Cluster(home, free_ports(16), stations, overrides=AT_ONCE)
    try:
        async with cluster, httpx2.AsyncClient(timeout=30) as client:
            yield Town(cluster, client)
    finally:
        cluster.erase()


async def test_walk_ins_and_a_backlog_come_out_of_both_stations_and_it_stops_cleanly(tmp_path: Path) -> None:
    async with running(tmp_path, "2102-1", "2102-2") as town:
        await town.deliver(20)
        backlog = "\n".join(LINES[:301]).encode()
        values = {"params": {"name": "tunggakan.csv"}, "headers": {"Content-Type": "text/csv"}}
        report = await town.call("officer", "POST", "intake", "/v1/imports", content=backlog, **values)
        for row in PEOPLE[300:320]:
            await town.walk_in(row)

        async def blanks_are_used_up() -> bool:
            states = await town.states()
            return sum(states.values()) == 320 and states == {"printed": 40, "waiting": 280}

        await town.until(blanks_are_used_up)
        printed, findings = await town.printed(), await town.audit_at_rest()
        codes = await town.cluster.stop()

    assert report["accepted"] == 300
    assert {attempt["station"] for attempt in printed} == {"2102-1", "2102-2"}
    assert len(list((tmp_path / "cards").glob("*.pdf"))) == 40  # nothing else runs
    assert findings == []
    assert set(codes.values()) == {0}


async def test_a_killed_scheduler_goes_on_where_it_was(tmp_path: Path) -> None:
    async with running(tmp_path, "2102-1") as town:
        await town.deliver(20)
        scheduler = town.cluster.processes["scheduler"]
        for row in PEOPLE[:6]:
            await town.walk_in(row)

        async def first_card_is_out() -> bool:
            return bool(await town.printed())

        await town.until(first_card_is_out)
        await scheduler.kill9()
        for row in PEOPLE[6:12]:
            await town.walk_in(row)
        await scheduler.start()

        async def all_cards_are_out() -> bool:
            return await town.states() == {"printed": 12}

        await town.until(all_cards_are_out)
        findings = await town.audit_at_rest()

    assert findings == []

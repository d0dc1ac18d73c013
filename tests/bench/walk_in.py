"""A walk-in in an idle distributed office: one person at a time, from accepted to armed, every process and call real.

The simulated centre answers without latency; the card is rendered and armed as always. Both moments are the
database's: `received_at` of intake's row, `armed_at` of the attempt. The audit runs at the end.
"""

import asyncio
import csv
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx2
from tests.bench.parts import OFFICE
from tests.bench.stage import Stage, WrongResult

from local_cluster.cluster import Cluster
from onebox.audit import audit
from onebox.connection import local_token
from onebox.demo.scenario import BACKLOG
from onebox.homes import witnesses

PEOPLE = 40
UNCOUNTED = 5
"""The first ones, whose calls still open connections."""
FIELDS = ("nik", "full_name", "birth_date", "sex", "district_code", "reason")
AT_ONCE = {"simulator": {"CETAK_SIMULATOR_LATENCY_LOW": "0", "CETAK_SIMULATOR_LATENCY_HIGH": "0"}}
STAGES = """SELECT extract(epoch FROM t.armed_at - a.received_at) * 1000 AS armed,
  extract(epoch FROM t.reserved_at - a.received_at) * 1000 AS reserved,
  extract(epoch FROM t.closed_at - a.received_at) * 1000 AS printed
FROM intake.application a JOIN scheduler.attempt t ON t.application_id = a.id
WHERE a.id = ANY($1::uuid[]) AND t.state = 'printed'"""


class Town:
    """A running cluster, and the people who come to it."""

    def __init__(self, cluster: Cluster, client: httpx2.AsyncClient) -> None:
        self.cluster, self._client = cluster, client
        token = local_token(cluster.home, OFFICE, frozenset({"kiosk", "supervisor", "operator"}))
        self._headers = {"Authorization": f"Bearer {token}"}
        self.accepted: list[str] = []

    async def post(self, service: str, path: str, body: Any, **headers: str) -> Any:
        url = f"{self.cluster.url(service)}/{service}{path}"
        answer = await self._client.post(url, json=body, headers=self._headers | headers)
        return answer.raise_for_status().json()

    async def apply(self, row: dict[str, str]) -> str:
        key = {"Idempotency-Key": f"bench-{row['nik']}"}
        answer = await self.post("intake", "/v1/applications", {name: row[name] for name in FIELDS}, **key)
        self.accepted.append(answer["application_id"])
        return self.accepted[-1]

    async def deliver(self, blanks: int) -> None:
        for station in self.cluster.deployment.stations:
            body = {"note_number": f"SJ-{station.id}", "blanks": blanks}
            await self.post("scheduler", f"/v1/stations/{station.id}/stock", body)

    async def printed(self, applications: Sequence[str]) -> list[asyncpg.Record]:
        """The stages of those that are printed."""
        login = self.cluster.storage.login("audit").arguments()
        connection = await asyncpg.connect(**login)
        try:
            return list(await connection.fetch(STAGES, list(applications)))
        finally:
            await connection.close()

    async def until_printed(self, applications: Sequence[str], *, look: float, seconds: float) -> None:
        for _ in range(int(seconds / look)):
            if len(await self.printed(applications)) == len(applications):
                return
            await asyncio.sleep(look)
        raise WrongResult(
            f"of {len(applications)} cards {len(await self.printed(applications))} were printed"
        )

    async def check(self) -> None:
        """The audit with its witnesses: nothing lost, no card twice, none without approval."""
        seen = replace(witnesses(self.cluster.home), accepted=list(self.accepted))
        for _ in range(40):
            findings = await audit(self.cluster.storage.login("audit"), seen)
            if not findings:
                return
            await asyncio.sleep(0.5)
        raise WrongResult(f"the audit found: {findings}")


async def run(stage: Stage) -> None:
    stage.results["walk_in"] = await measure(stage.home / "walk-in", stage.port + 20)


async def measure(home: Path, port: int) -> dict[str, Any]:
    cluster = Cluster(home, port, ("2102-1", "2102-2"), overrides=AT_ONCE)
    try:
        async with cluster, httpx2.AsyncClient(timeout=30) as client:
            town = Town(cluster, client)
            await town.deliver(PEOPLE)
            for row in csv.DictReader(BACKLOG.read_text().splitlines()[: PEOPLE + 1]):
                application = await town.apply(row)
                await town.until_printed([application], look=0.1, seconds=30)
            rows = await town.printed(town.accepted[UNCOUNTED:])
            await town.check()
    finally:
        cluster.erase()
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
    return _summary(rows)


def _summary(rows: Sequence[asyncpg.Record]) -> dict[str, Any]:
    found = {name: sorted(float(row[name]) for row in rows) for name in ("armed", "reserved", "printed")}
    return {
        "people": len(rows),
        "p50": median(found["armed"]),
        "p99": found["armed"][len(rows) * 99 // 100],
        "reserved_p50": median(found["reserved"]),
        "printed_p50": median(found["printed"]),
    }

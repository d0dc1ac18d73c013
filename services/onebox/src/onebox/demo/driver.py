"""The people of the story: kiosks, the supervisor, the operators. They use the public HTTP API and nothing else."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from onebox.demo import scenario
from onebox.demo.people import WalkIn, walk_ins
from onebox.host import Host

CANARIES = 100
"""So many secrets of these people are looked for everywhere afterwards."""


class Actors:
    """Whoever acts in the story; each has a token of their own."""

    def __init__(self, host: Host, backlog_out: Callable[[], Any]) -> None:
        self._host = host
        self._clock = host.clock
        self._backlog_out = backlog_out
        self._tokens = {
            "kiosk": host.token("kiosk", subject="kiosk-1"),
            "supervisor": host.token("supervisor", "operator", subject="kepala-seksi"),
            "operator": host.token("operator", subject="operator-rina"),
        }
        self.accepted: list[str] = []
        self.walk_ins_by_day: dict[date, int] = {}
        self.first_issues: dict[str, date] = {}
        self.secrets: list[str] = []
        self.settled: list[UUID] = []

    async def call(self, who: str, method: str, path: str, **values: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[who]}", **values.pop("headers", {})}
        response = await self._host.client.request(method, path, headers=headers, **values)
        if response.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    async def prepare(self) -> dict[str, Any]:
        """The short window, the first blanks, the backlog file; the import's report."""
        override = {
            "from": scenario.SHORT_FROM.isoformat(),
            "until": scenario.SHORT_UNTIL.isoformat(),
            "hours": scenario.SHORT_HOURS,
            "reason": "Pusat data menambah kapasitas; tutup pukul 15.00",
        }
        await self.call("supervisor", "PUT", "/gateway/v1/calendars/centre/overrides", json=override)
        for n, station in enumerate(scenario.STATIONS):
            blanks = scenario.FIRST_BLANKS // len(scenario.STATIONS)
            await self.deliver(station, f"SJ-2018-06-28-{n + 1}", blanks)
            coming = {
                "note_number": f"SJ-2018-07-03-{n + 1}",
                "blanks": scenario.DELIVERY_BLANKS // len(scenario.STATIONS),
                "expected_at": scenario.DELIVERY_AT.isoformat(),
            }
            await self.call("operator", "POST", f"/scheduler/v1/stations/{station}/stock", json=coming)
        content = scenario.BACKLOG.read_bytes()
        report = await self.call(
            "supervisor",
            "POST",
            "/intake/v1/imports",
            params={"name": scenario.BACKLOG.name},
            content=content,
            headers={"Content-Type": "text/csv"},
        )
        self.secrets += [
            field for line in content.decode().splitlines()[1:20] for field in line.split(",")[1:3]
        ]
        return dict(report)

    async def deliver(self, station: str, note: str, blanks: int) -> None:
        body = {"note_number": note, "blanks": blanks}
        await self.call("operator", "POST", f"/scheduler/v1/stations/{station}/stock", json=body)

    async def counter_day(self, day: date) -> None:
        """The day's people come to the kiosk, until the last backlog card is out."""
        for person in walk_ins(day):
            if person.at < scenario.START:
                continue
            await self._clock.sleep_until(person.at)
            if await self._backlog_out():
                return
            await self._post(person, day)

    async def _post(self, person: WalkIn, day: date) -> None:
        key = f"kiosk-1-{person.nik}"
        answer = await self.call(
            "kiosk", "POST", "/intake/v1/applications", json=person.body(), headers={"Idempotency-Key": key}
        )
        self.accepted.append(answer["application_id"])
        self.secrets += [person.nik, person.full_name] if len(self.secrets) < CANARIES else []
        self.walk_ins_by_day[day] = self.walk_ins_by_day.get(day, 0) + 1
        if person.reason == "first_issue":
            self.first_issues[answer["application_id"]] = day

    async def delivery(self) -> None:
        """The lorry comes."""
        await self._clock.sleep_until(scenario.DELIVERY_AT)
        for n, station in enumerate(scenario.STATIONS):
            await self.deliver(
                station, f"SJ-2018-07-03-{n + 1}", scenario.DELIVERY_BLANKS // len(scenario.STATIONS)
            )

    async def settle_uncertain(self) -> None:
        """An operator finds the jammed card spoiled, a second person witnesses it; they look every few minutes."""
        while not self.settled:
            await self._clock.sleep(scenario.NOTICED_AFTER)
            for attempt in await self.call(
                "operator", "GET", "/scheduler/v1/attempts", params={"state": "uncertain"}
            ):
                body = {
                    "verdict": "spoiled",
                    "second_person": "saksi-tono",
                    "note": "kartu macet, laminasi rusak",
                }
                await self.call(
                    "operator", "POST", f"/scheduler/v1/attempts/{attempt['id']}/reconcile", json=body
                )
                self.settled.append(attempt["id"])

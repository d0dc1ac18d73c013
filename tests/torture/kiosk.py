"""The people around the office: a kiosk that never forgets a 202, an operator who settles what machines cannot know."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import httpx2

from .people import Person, body

LOST = (httpx2.TransportError, AttributeError)
"""No answer; the second where a connection was reset as it was made: the library then asks for its socket."""
AGAIN = 0.4
"""Seconds until something is asked again."""
POISON = ("unreadable", "invented.v1", "verification.requested.v1", "verification.answered.v1")
"""Types of the letters that a schedule spoils on purpose; any other dead letter is a finding."""
REFUSED = ("Unreadable", "UnknownType", "ValidationError")
"""What is wrong with a letter that is spoilt, and never with one that a lost database or broker stopped."""
SERVICES = ("intake", "scheduler", "gateway")


def client(url: str, token: str, *, timeout: float = 4) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)


class Kiosk:
    """Posts with an Idempotency-Key until it is answered. `accepted`: application ids by key, the outside witness."""

    def __init__(self, line: httpx2.AsyncClient, seed: int) -> None:
        self._line = line
        self._dice = Random(f"kiosk/{seed}")
        self.accepted: dict[str, str] = {}
        self.findings: list[str] = []
        self.asked = 0

    async def serve(self, people: Sequence[Person], seconds: float) -> None:
        """Each comes at a moment of his own; returns when all have their receipt."""
        moments = sorted(self._dice.uniform(0, seconds) for _ in people)
        twice = {person["nik"] for person in people if self._dice.random() < 0.2}
        async with asyncio.TaskGroup() as group:
            for moment, person in zip(moments, people, strict=True):
                group.create_task(self._come(person, moment, again=person["nik"] in twice))

    async def _come(self, person: Person, moment: float, *, again: bool) -> None:
        await asyncio.sleep(moment)
        await self.post(person)
        if again:
            await self.post(person)

    async def post(self, person: Person) -> str:
        """The application's id; the same key always gets the same one."""
        key = f"kiosk-{person['nik']}"
        while True:
            self.asked += 1
            with suppress(*LOST):
                answer = await self._line.post(
                    "/intake/v1/applications", json=body(person), headers={"Idempotency-Key": key}
                )
                if answer.status_code == 202:
                    return self._note(key, str(answer.json()["application_id"]))
                if answer.status_code < 500 and answer.status_code != 429:
                    self.findings.append(f"kiosk: {answer.status_code} {answer.json().get('type')} for {key}")
                    return ""
            await asyncio.sleep(AGAIN)

    def _note(self, key: str, application: str) -> str:
        if self.accepted.setdefault(key, application) != application:
            self.findings.append(f"kiosk: another application for the same key {key}")
        return application


class Operator:
    """Settles uncertain cards by what lies in the tray, wakes the centre's line, discards spoilt letters."""

    def __init__(self, lines: dict[str, httpx2.AsyncClient], tray: Callable[[str, str], Path]) -> None:
        self._lines = lines
        self._tray = tray
        self.settled = 0
        self.discarded = 0
        self.findings: list[str] = []
        self._seen: set[tuple[str, int]] = set()

    async def work(self) -> None:
        """Look after everything, again and again, until cancelled."""
        while True:
            for act in (self._settle, self._wake_centre, self._bury):
                await self._patiently(act)
            await asyncio.sleep(AGAIN)

    async def _patiently(self, act: Callable[[], Awaitable[None]]) -> None:
        with suppress(*LOST, _NotNow):
            await act()

    async def _settle(self) -> None:
        for attempt in await self._ask("scheduler", "GET", "/v1/attempts", params={"state": "uncertain"}):
            lies_there = self._tray(attempt["station"], attempt["id"]).exists()
            said: dict[str, str] = {
                "verdict": "printed" if lies_there else "intact",
                "note": "diperiksa di baki",
            }
            if not lies_there:
                said["second_person"] = "saksi-tono"
            await self._ask("scheduler", "POST", f"/v1/attempts/{attempt['id']}/reconcile", json=said)
            self.settled += 1

    async def _wake_centre(self) -> None:
        blocked = (await self._ask("gateway", "GET", "/queue"))["blocked_by"]
        if any(cause.startswith("outage") for cause in blocked):
            await self._ask("gateway", "POST", "/v1/centre/resume", json={"reason": "tersambung lagi"})

    async def _bury(self) -> None:
        for service in SERVICES:
            for letter in await self._ask(service, "GET", "/dead-letters"):
                if letter["type"] in POISON and letter["error"].startswith(REFUSED):
                    said = {"reason": "dirusak oleh uji"}
                    await self._ask(service, "POST", f"/dead-letters/{letter['id']}/discard", json=said)
                    self.discarded += 1
                elif (service, letter["id"]) not in self._seen:
                    self._seen.add((service, letter["id"]))
                    self.findings.append(f"dead letter in {service}: {letter['type']} {letter['error']}")

    async def _ask(self, service: str, method: str, path: str, **values: Any) -> Any:
        response = await self._lines[service].request(method, f"/{service}{path}", **values)
        if response.status_code >= 300:
            raise _NotNow(response.status_code)
        return response.json()


class _NotNow(RuntimeError):
    """The office cannot, or must not, do this now."""

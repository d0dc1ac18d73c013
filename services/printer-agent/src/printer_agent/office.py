"""The station's line to its office: the scheduler and the gateway over HTTP."""

import json
from typing import Any, TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel

from backbone.contracts.journal import JournalPage, JournalTaken
from backbone.contracts.message import Wire
from backbone.contracts.station import (
    Arm,
    Armed,
    Hello,
    HelloAnswer,
    Job,
    Jobs,
    Recorded,
    Report,
    VerifiedRecord,
)
from printer_agent.stock import Paper, Stock, Told

M = TypeVar("M", bound=BaseModel)


class Unreachable(ConnectionError):
    """The office did not answer, or cannot serve now: infrastructure's fault, tried again later."""


class Refused(RuntimeError):
    """The office said no. `slug` is the problem's type, `veto` what stood against it; `problem` all that it said."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.slug = str(problem.get("type", "")).removeprefix("urn:cetak:")
        self.veto = str(problem.get("veto", ""))
        self.message_id = _words(problem, "title", "message_id")
        self.message_en = _words(problem, "title_en", "message_en")
        super().__init__(f"{status} {self.slug} {self.veto}".strip())


class _Why(Wire):
    reason: str


class _Word(Wire):
    verdict: str
    person: str
    second_person: str | None
    note: str


class Office:
    """Calls as one station, with its token. Raises Unreachable or Refused.

    `scheduler` and `gateway`: where each is, without its path; by default where the client's base is. `reachable`: whether
    the last call was answered.
    """

    reachable = False

    def __init__(
        self, client: httpx2.AsyncClient, station: str, token: str, *, scheduler: str = "", gateway: str = ""
    ) -> None:
        self._client = client
        self._station = station
        self._scheduler = f"{scheduler.rstrip('/')}/scheduler/v1"
        self._gateway = f"{gateway.rstrip('/')}/gateway/v1"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def hello(self, said: Hello) -> HelloAnswer:
        return await self._post(f"{self._scheduler}/stations/{self._station}/hello", said, HelloAnswer)

    async def jobs(self) -> tuple[Job, ...]:
        answer = await self._send("GET", f"{self._scheduler}/stations/{self._station}/jobs", self._headers)
        return Jobs.model_validate_json(answer).jobs

    async def record(self, job: Job) -> VerifiedRecord:
        """The verified record of a reserved attempt, by its ticket."""
        headers = {"Authorization": f"Ticket {job.ticket}"}
        answer = await self._send("GET", f"{self._gateway}/records/{job.approval_id}", headers)
        return VerifiedRecord.model_validate_json(answer)

    async def arm(self, attempt_id: UUID, asked: Arm) -> Armed:
        return await self._post(f"{self._scheduler}/attempts/{attempt_id}/arm", asked, Armed)

    async def report(self, attempt_id: UUID, said: Report) -> Recorded:
        return await self._post(f"{self._scheduler}/attempts/{attempt_id}/outcome", said, Recorded)

    async def journal(self, page: JournalPage) -> JournalTaken:
        """Tell a page of the journal; told twice is told once."""
        return await self._post(f"{self._scheduler}/stations/{self._station}/journal", page, JournalTaken)

    async def reconcile(
        self, attempt_id: UUID, verdict: str, *, person: str, second_person: str | None, note: str
    ) -> None:
        """The word of the people at this station on a card of unknown fate."""
        said = _Word(verdict=verdict, person=person, second_person=second_person, note=note)
        await self._post(f"{self._scheduler}/attempts/{attempt_id}/reconcile", said, Wire)

    async def resume(self, reason: str) -> None:
        await self._post(f"{self._scheduler}/stations/{self._station}/resume", _Why(reason=reason), Wire)

    async def stock(self) -> Stock:
        """What the ledger says is left here."""
        answer = await self._send("GET", f"{self._scheduler}/stations/{self._station}/stock", self._headers)
        return Stock.model_validate_json(answer)

    async def tell_stock(self, paper: Paper, said: dict[str, Any]) -> Told:
        """Tell the ledger: blanks received (`stock`), a roll changed (`supplies`), a count, test cards."""
        headers = {**self._headers, "Content-Type": "application/json"}
        path = f"{self._scheduler}/stations/{self._station}/{paper}"
        return Told.model_validate_json(await self._send("POST", path, headers, json.dumps(said)))

    async def _post(self, path: str, body: BaseModel, model: type[M]) -> M:
        headers = {**self._headers, "Content-Type": "application/json"}
        return model.model_validate_json(await self._send("POST", path, headers, body.model_dump_json()))

    async def _send(
        self, method: str, path: str, headers: dict[str, str], content: str | None = None
    ) -> bytes:
        try:
            response = await self._client.request(method, path, headers=headers, content=content)
            self.reachable = response.status_code < 500
        except (httpx2.TransportError, AttributeError) as error:
            self.reachable = False
            # AttributeError: the library asks a connection that was reset as it was made for its socket.
            raise Unreachable(type(error).__name__) from None
        if response.status_code >= 500 or response.status_code == 429:
            raise Unreachable(f"the office answered {response.status_code}")
        if response.status_code >= 400:
            raise Refused(response.status_code, _problem(response))
        return response.content


def _problem(response: httpx2.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _words(problem: dict[str, Any], title: str, message: str) -> str:
    """The problem's words, and those about each field."""
    errors = problem.get("errors")
    said = [str(error.get(message, "")) for error in errors] if isinstance(errors, list) else []
    return " ".join(filter(None, (str(problem.get(title, "")), *said)))

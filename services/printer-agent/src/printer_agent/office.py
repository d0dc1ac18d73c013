"""The station's line to its office: the scheduler and the gateway over HTTP."""

from typing import Any, TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel

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

M = TypeVar("M", bound=BaseModel)


class Unreachable(ConnectionError):
    """The office did not answer, or cannot serve now: infrastructure's fault, tried again later."""


class Refused(RuntimeError):
    """The office said no. `slug` is the problem's type, `veto` what stood against it."""

    def __init__(self, status: int, slug: str, veto: str) -> None:
        super().__init__(f"{status} {slug} {veto}".strip())
        self.status = status
        self.slug = slug
        self.veto = veto


class Office:
    """Calls as one station, with its token. Raises Unreachable or Refused."""

    def __init__(self, client: httpx2.AsyncClient, station: str, token: str) -> None:
        self._client = client
        self._station = station
        self._headers = {"Authorization": f"Bearer {token}"}

    async def hello(self, said: Hello) -> HelloAnswer:
        return await self._post(f"/scheduler/v1/stations/{self._station}/hello", said, HelloAnswer)

    async def jobs(self) -> tuple[Job, ...]:
        answer = await self._send("GET", f"/scheduler/v1/stations/{self._station}/jobs", self._headers)
        return Jobs.model_validate_json(answer).jobs

    async def record(self, job: Job) -> VerifiedRecord:
        """The verified record of a reserved attempt, by its ticket."""
        headers = {"Authorization": f"Ticket {job.ticket}"}
        answer = await self._send("GET", f"/gateway/v1/records/{job.approval_id}", headers)
        return VerifiedRecord.model_validate_json(answer)

    async def arm(self, attempt_id: UUID, asked: Arm) -> Armed:
        return await self._post(f"/scheduler/v1/attempts/{attempt_id}/arm", asked, Armed)

    async def report(self, attempt_id: UUID, said: Report) -> Recorded:
        return await self._post(f"/scheduler/v1/attempts/{attempt_id}/outcome", said, Recorded)

    async def _post(self, path: str, body: BaseModel, model: type[M]) -> M:
        headers = {**self._headers, "Content-Type": "application/json"}
        return model.model_validate_json(await self._send("POST", path, headers, body.model_dump_json()))

    async def _send(
        self, method: str, path: str, headers: dict[str, str], content: str | None = None
    ) -> bytes:
        try:
            response = await self._client.request(method, path, headers=headers, content=content)
        except httpx2.TransportError as error:
            raise Unreachable(type(error).__name__) from None
        if response.status_code >= 500 or response.status_code == 429:
            raise Unreachable(f"the office answered {response.status_code}")
        if response.status_code >= 400:
            problem = _problem(response)
            slug = str(problem.get("type", "")).removeprefix("urn:cetak:")
            raise Refused(response.status_code, slug, str(problem.get("veto", "")))
        return response.content


def _problem(response: httpx2.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

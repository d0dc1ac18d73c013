"""The jobs of one printer, as one user: each method is one request of IPP. Raises line.LineError."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pyipp.enums import IppOperation, IppStatus

from printer_agent.drivers.ipp.job import ASKED, Job
from printer_agent.drivers.ipp.line import Line, Refused, Unanswered
from printer_agent.drivers.ipp.printer import ASKED as ASKED_OF_PRINTER
from printer_agent.drivers.ipp.printer import PDF

NO_SUCH_JOB = frozenset((IppStatus.ERROR_NOT_FOUND, IppStatus.ERROR_GONE))
BEFORE_DATA = NO_SUCH_JOB | frozenset(
    (
        IppStatus.ERROR_BAD_REQUEST,
        IppStatus.ERROR_FORBIDDEN,
        IppStatus.ERROR_NOT_AUTHENTICATED,
        IppStatus.ERROR_NOT_AUTHORIZED,
        IppStatus.ERROR_NOT_POSSIBLE,
        IppStatus.ERROR_REQUEST_VALUE,
        IppStatus.ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED,
        IppStatus.ERROR_ATTRIBUTES_OR_VALUES,
        IppStatus.ERROR_OPERATION_NOT_SUPPORTED,
        IppStatus.ERROR_VERSION_NOT_SUPPORTED,
        IppStatus.ERROR_NOT_ACCEPTING_JOBS,
        IppStatus.ERROR_BUSY,
    )
)
"""Refusals of Send-Document that come before its data is taken (RFC 8011, appendix B)."""


class Jobs:
    """Of `user`. `document`: seconds that the sending of a card's data may take, its answer included."""

    def __init__(self, line: Line, user: str, *, document: float) -> None:
        self._line = line
        self._user = user
        self._document = document

    async def printer(self) -> Mapping[str, Any]:
        """The printer's attributes."""
        asked = {"requested-attributes": list(ASKED_OF_PRINTER)}
        answer = await self._line.ask(IppOperation.GET_PRINTER_ATTRIBUTES, asked)
        return answer["printers"][0] if answer["printers"] else {}

    async def create(self, attempt_id: UUID, options: Mapping[str, Any]) -> int:
        """A job without data, named by the attempt; its job id."""
        asked = {"job-name": str(attempt_id), "ipp-attribute-fidelity": False}
        answer = await self._line.ask(IppOperation.CREATE_JOB, asked, job=options)
        job_id = (answer["jobs"][0] if answer["jobs"] else {}).get("job-id")
        if job_id is None:
            raise Unanswered("a job without an id")
        return int(job_id)

    async def send(self, job_id: int, document: bytes) -> None:
        """The data, whole and last. Asked once in a job's life."""
        asked = {"job-id": job_id, "document-format": PDF, "last-document": True}
        await self._line.ask(IppOperation.SEND_DOCUMENT, asked, data=document, seconds=self._document)

    async def get(self, job_id: int) -> Job | None:
        """None where the printer knows no such job."""
        asked = {"job-id": job_id, "requested-attributes": list(ASKED)}
        try:
            answer = await self._line.ask(IppOperation.GET_JOB_ATTRIBUTES, asked)
        except Refused as refused:
            if refused.status not in NO_SUCH_JOB:
                raise
            return None
        return Job.of(answer["jobs"][0]) if answer["jobs"] else None

    async def mine(self, which: str) -> list[Job]:
        """Our user's jobs; `which`: `completed` or `not-completed`. None where the printer keeps no such list."""
        asked = {"which-jobs": which, "my-jobs": True, "requested-attributes": list(ASKED)}
        try:
            answer = await self._line.ask(IppOperation.GET_JOBS, asked)
        except Refused:
            return []
        found = [job for attributes in answer["jobs"] if (job := Job.of(attributes)) is not None]
        # Not every printer heeds `my-jobs`.
        return [job for job in found if job.user in (self._user, None)]

    async def cancel(self, job_id: int) -> bool:
        """False: too late."""
        try:
            await self._line.ask(IppOperation.CANCEL_JOB, {"job-id": job_id})
        except Refused:
            return False
        return True

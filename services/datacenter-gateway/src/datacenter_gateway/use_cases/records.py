"""Verified records: shown to the station that holds a ticket while the approval lives, then erased."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from backbone import failpoints
from backbone.contracts.station import VerifiedRecord
from backbone.problems import NotFound, Problem
from datacenter_gateway.store import requests
from datacenter_gateway.use_cases.desk import Desk

log = structlog.get_logger()

BATCH_WAIT = timedelta(minutes=1)
"""Records past their end are refused at once, and erased a minute later, many together."""


class Gone(Problem):
    status = 410
    slug = "approval-ended"
    message_id = "Persetujuan ini sudah berakhir; datanya telah dihapus."
    message_en = "This approval has ended; its record has been erased."


async def read(desk: Desk, approval_id: UUID) -> VerifiedRecord:
    """The record of a living approval of our own; raises NotFound, Gone."""
    async with desk.database.reading() as reader:
        row = await reader.fetchrow(requests.APPROVAL, approval_id)
    if row is None:
        raise NotFound
    if not row["lives"]:
        raise Gone
    plain = desk.vault.open(row["record"], bound_to=f"approval|{row['approval_id']}|{row['application_id']}")
    return VerifiedRecord.model_validate_json(plain)


async def expire_once(desk: Desk) -> datetime:
    """Erase what has ended; when to look again. An approval made meanwhile ends later than that."""
    async with desk.database.transaction() as tx:
        erased = await tx.execute(requests.EXPIRE)
        due: datetime | None = await tx.fetchval(requests.NEXT_EXPIRY)
        failpoints.hit("gateway.expired")
    if erased:
        log.info("approvals_expired", count=erased)
    longest = desk.clock.now() + timedelta(hours=desk.terms.approval_hours)
    return (longest if due is None else due) + BATCH_WAIT

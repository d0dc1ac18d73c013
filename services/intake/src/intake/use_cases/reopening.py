"""Reopening a refused or lapsed case. Whether the person may have it open is decided here, by the index that keeps one open
case per person; what it then becomes is the scheduler's to say.
"""

from typing import Any
from uuid import UUID

import asyncpg

from backbone.contracts.intake import ReopeningRequested
from backbone.database import Reader, Row, Transaction
from backbone.problems import Conflict
from backbone.rights import Actor
from intake.domain.case import REOPENABLE, REOPENING
from intake.store import applications
from intake.use_cases.cases import visible
from intake.use_cases.commands import plain, told
from intake.use_cases.desk import Desk


class AnotherOpen(Conflict):
    slug = "open-application"
    message_id = (
        "Orang ini sudah mempunyai permohonan lain yang sedang diproses. Yang ini tidak dapat dibuka kembali."
    )
    message_en = "This person has another application under way, so this one cannot be reopened."


class NotToReopen(Conflict):
    slug = "not-to-reopen"
    message_id = "Hanya permohonan yang ditolak atau gugur dapat dibuka kembali. Yang ditarik diajukan sebagai permohonan baru."
    message_en = "Only a refused or lapsed application is reopened. A withdrawn one is applied for anew."


async def reopen(desk: Desk, actor: Actor, application_id: UUID, reason: str) -> dict[str, Any]:
    """Open a closed case again and tell the scheduler; asked again before it has answered, the same.

    Raises NotFound, Forbidden, NotToReopen, and AnotherOpen where the person has an open case.
    """

    async def work(tx: Transaction) -> dict[str, Any]:
        row = await visible(tx, actor, "application.reopen", application_id, lock=True)
        if row["cause"] == REOPENING:
            return told(row)
        if row["state"] not in REOPENABLE:
            raise NotToReopen(state=row["state"])
        opened = await tx.fetchrow(applications.REOPEN, application_id, REOPENING, desk.terms.ask_in_flight)
        assert opened is not None
        await applications.note(tx, application_id, REOPENING, actor.subject, plain(reason))
        tx.owe(await request(tx, opened))
        return told(opened)

    try:
        return await desk.database.retrying(work)
    except asyncpg.UniqueViolationError:
        raise AnotherOpen from None


async def request(reader: Reader, row: Row) -> ReopeningRequested:
    """What the scheduler is asked, as it stands in the case's history."""
    asked = await reader.fetchrow(applications.LAST_OF, row["id"], REOPENING)
    assert asked is not None
    return ReopeningRequested(
        application_id=row["id"],
        seq=row["state_seq"],
        actor=asked["actor"],
        reason=asked["reason"],
        requested_at=asked["at"],
    )

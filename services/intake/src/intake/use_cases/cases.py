"""One application's record and history, and look-up by NIK, receipt number or the office's own number."""

from typing import Any
from uuid import UUID

from backbone.database import Reader, Row
from backbone.problems import NotFound
from backbone.rights import Actor, authorize, covers
from intake.domain.receipt import parse_receipt
from intake.store import applications
from intake.use_cases import people
from intake.use_cases.accept import SEES_RECEIPTS
from intake.use_cases.desk import Desk

HANDOVER = "application.handover"
_PLAIN = (
    "id", "office", "receipt_number", "reference", "source", "batch_id", "reason", "district_code", "state", "state_at",
    "cause", "due_at", "elements", "received_at", "captured_at", "correction", "warnings", "rank_at", "place",
    "lane_place", "policy_version", "first_status_at", "collected_at",
)  # fmt: skip


async def visible(
    reader: Reader, actor: Actor, action: str, application_id: UUID, *, lock: bool = False
) -> Row:
    """The row, where the actor may do this to it; what is unknown and what is another office's are the same NotFound."""
    authorize(actor, action)
    row = await applications.find(reader, application_id, lock=lock)
    if row is None or not covers(actor.prefix, row["office"]):
        raise NotFound
    return row


async def read(desk: Desk, actor: Actor, application_id: UUID) -> dict[str, Any]:
    async with desk.database.reading() as reader:
        row = await visible(reader, actor, "application.read", application_id)
    return record(desk, actor, row)


async def history(desk: Desk, actor: Actor, application_id: UUID) -> list[dict[str, Any]]:
    """What was done here and what the scheduler told, in the order of time."""
    async with desk.database.reading() as reader:
        await visible(reader, actor, "application.read", application_id)
        return [dict(row) for row in await reader.fetch(applications.EVENTS, application_id)]


async def search(
    desk: Desk,
    actor: Actor,
    *,
    nik: str | None = None,
    receipt_number: str | None = None,
    reference: str | None = None,
) -> list[dict[str, Any]]:
    """At most 50 applications of a person, a receipt or an office's own number, newest first, of the actor's offices."""
    authorize(actor, "application.search")
    async with desk.database.reading() as reader:
        if nik is not None:
            key = people.person_hash(desk.keys.person, nik.strip())
            rows = await reader.fetch(applications.OF_PERSON, key, actor.prefix)
        elif reference is not None:
            rows = await reader.fetch(applications.OF_REFERENCE, reference.strip(), actor.prefix)
        else:
            number = parse_receipt(receipt_number or "") or ""
            rows = await reader.fetch(applications.OF_RECEIPT, number, actor.prefix)
    return [record(desk, actor, row) for row in rows]


def record(desk: Desk, actor: Actor, row: Row) -> dict[str, Any]:
    """An application as people see it: the NIK's last four digits; the name and the hand-over for the counter's roles."""
    shown = {name: row[name] for name in _PLAIN}
    shown["nik"] = f"************{row['nik_last4']}"
    if actor.scopes & SEES_RECEIPTS:
        person = people.unseal(desk.keys.storage, row["id"], row["person"])
        shown |= {"full_name": person.full_name, "birth_date": person.birth_date, "sex": person.sex}
        shown["handover"] = _handover(desk, row)
    return shown


def _handover(desk: Desk, row: Row) -> dict[str, Any] | None:
    if row["handover"] is None:
        return None
    return people.unseal_values(desk.keys.storage, HANDOVER, row["id"], row["handover"])

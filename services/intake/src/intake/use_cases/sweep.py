"""What must be told again: applications the scheduler never spoke of, or not for long: its word may have been lost with a
broker. It answers with their state. And answers past their keep are removed.
"""

from datetime import datetime, timedelta

from backbone import failpoints
from backbone.contracts.intake import ApplicationReceived
from backbone.database import Row, Transaction
from backbone.outbox import any_patient, owe_patiently
from intake.domain.case import REOPENING
from intake.store import applications
from intake.store.imported import RESEND as IMPORT_RESEND
from intake.store.postings import RESEND_SECONDS
from intake.use_cases import people, reopening
from intake.use_cases.desk import Desk

BATCH = 500
KEEP_ANSWERS = timedelta(days=30)
EXPIRE_AT_MOST = timedelta(hours=1)


async def sweep_once(desk: Desk) -> datetime | None:
    """Do what is due; the next due moment."""
    resend, ask, expiry = await _next_due(desk)
    if any(due is not None and due <= desk.clock.now() for due in (resend, ask)):
        await _tell_all(desk)
    if expiry is not None and expiry <= desk.clock.now():
        await desk.database.retrying(_expire)
    if resend is not None or ask is not None or expiry is not None:
        resend, ask, expiry = await _next_due(desk)
    desk.watch.due = resend
    at_most = None if expiry is None else max(expiry, desk.clock.now() + EXPIRE_AT_MOST)
    return min((moment for moment in (resend, ask, at_most) if moment is not None), default=None)


async def _tell_all(desk: Desk) -> None:
    async with desk.database.reading() as reader:
        waits = await any_patient(reader)
    while await desk.database.retrying(lambda tx: tell_again(desk, tx, file_waits=waits)) >= BATCH:
        pass


async def _next_due(desk: Desk) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When something unheard of must be told again, something heard of asked for; when the oldest kept answer expires."""
    async with desk.database.reading() as reader:
        row = await reader.fetchrow(applications.NEXT_DUE, KEEP_ANSWERS.total_seconds())
    assert row is not None
    return row["resend"], row["ask"], row["expiry"]


async def tell_again(desk: Desk, tx: Transaction, *, file_waits: bool = False) -> int:
    """Owe ApplicationReceived again where no status came in time; how many were due.

    A file's rows are told again patiently; those nobody ever heard of only where no file's letters wait, for theirs may
    be among them (`file_waits`).
    """
    unheard = await tx.fetch(applications.UNHEARD_OF, RESEND_SECONDS, IMPORT_RESEND.total_seconds())
    silent = await tx.fetch(applications.UNHEARD_SINCE, desk.terms.ask_in_flight, desk.terms.ask_at_rest)
    rows = [*(row for row in unheard if not (file_waits and _of_a_file(row))), *silent]
    tx.owe(*(_received(desk, row) for row in rows if not _of_a_file(row)))
    tx.owe(*[await reopening.request(tx, row) for row in rows if row["cause"] == REOPENING])
    many = [_received(desk, row) for row in rows if _of_a_file(row)]
    await owe_patiently(tx, ApplicationReceived, [(m.subject(), m.model_dump_json()) for m in many])
    if many:
        tx.ring(desk.outbox_bell)
    failpoints.hit("intake.told_again")
    return len(unheard) + len(silent)


def _of_a_file(row: Row) -> bool:
    """One among many, for which nobody stands at the counter; a request to reopen it would come before its letter."""
    return bool(row["source"] == "import" and row["cause"] != REOPENING)


async def _expire(tx: Transaction) -> int:
    return await tx.execute(applications.EXPIRE, KEEP_ANSWERS.total_seconds())


def _received(desk: Desk, row: Row) -> ApplicationReceived:
    person = people.unseal(desk.keys.storage, row["id"], row["person"])
    return ApplicationReceived(
        application_id=row["id"],
        office=row["office"],
        reason=row["reason"],
        district_code=row["district_code"],
        received_at=row["received_at"],
        receipt_number=row["receipt_number"],
        sealed=people.seal_for_gateway(desk.keys.courier, row["id"], person),
        source=row["source"],
    )

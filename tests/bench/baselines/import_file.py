"""A backlog import as a textbook has it: the csv module, and a session that adds a thousand rows and commits them, with
their events and their messages in an outbox.

The same tables, checks, hashes, seals and receipts as ours (the same pure functions), so that only the way of reading
and storing is compared. `python -m tests.bench.baselines.import_file <specification> <file>` writes what it did as JSON.
"""

import asyncio
import csv
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from secrets import token_bytes
from time import perf_counter
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from tests.bench import parts
from tests.bench.baselines.intake import REGIONS, TERMS, Application, Base, Event

from backbone.contracts.intake import ApplicationReceived
from intake.domain.application import ApplicationDraft, CheckedApplication, check
from intake.domain.canonical import canonical_row, fingerprint
from intake.domain.receipt import RANDOM_BYTES, make_receipt
from intake.tables import METADATA
from intake.use_cases import people
from intake.use_cases.desk import Keys

CHUNK = 1000


class Outbox(Base):
    __table__ = METADATA.tables["outbox"]


def checked(row: dict[str, str], now: datetime) -> CheckedApplication | None:
    return check(
        ApplicationDraft(**row),
        regions=REGIONS,
        now=now,
        office_tz=TERMS.tz,
        earliest=TERMS.earliest_import,
        source="import",
    ).application


def made(keys: Keys, row: CheckedApplication, now: datetime) -> list[Base]:
    """What is added for one row."""
    new, person = uuid4(), people.of(row)
    receipt = make_receipt(parts.OFFICE, token_bytes(RANDOM_BYTES))
    application = Application(
        id=new,
        office=parts.OFFICE,
        receipt_number=receipt,
        reference=row.reference,
        source="import",
        district_code=row.district_code,
        reason=row.reason,
        received_at=row.submitted_at,
        device="textbook",
        person_hash=people.person_hash(keys.person, row.nik),
        nik_last4=row.nik[-4:],
        person=people.seal(keys.storage, new, person),
        row_hash=fingerprint(keys.fingerprint, canonical_row(row)),
        warnings=[],
        resend_at=now,
    )
    message = ApplicationReceived(
        application_id=new,
        office=parts.OFFICE,
        reason=row.reason,
        district_code=row.district_code,
        received_at=row.submitted_at,
        receipt_number=receipt,
        sealed=people.seal_for_gateway(keys.courier, new, person),
        source="import",
    )
    event = Event(application_id=new, n=1, what="imported", actor="textbook")
    owed = Outbox(
        type=message.TYPE, key=message.routing_key(), subject=str(new), body=message.model_dump_json()
    )
    return [application, event, owed]


async def store(session: AsyncSession, keys: Keys, rows: Iterable[dict[str, str]], now: datetime) -> int:
    """One chunk, without the rows that are there and the persons who have an open case; how many were stored."""
    clean = [row for row in (checked(row, now) for row in rows) if row is not None]
    persons = {people.person_hash(keys.person, row.nik): row for row in clean}
    references = [row.reference for row in clean]
    known = set(
        await session.scalars(select(Application.reference).where(Application.reference.in_(references)))  # type: ignore[attr-defined]
    )
    hashes = Application.person_hash  # type: ignore[attr-defined]
    taken = set(await session.scalars(select(hashes).where(hashes.in_(persons), Application.open)))  # type: ignore[attr-defined]
    new = [row for key, row in persons.items() if key not in taken and row.reference not in known]
    for row in new:
        session.add_all(made(keys, row, now))
    await session.commit()
    return len(new)


async def main(spec: parts.Spec, file: Path) -> dict[str, Any]:
    engine = create_async_engine(spec.sqlalchemy_url(), pool_size=2)
    sessions, keys, now, stored = async_sessionmaker(engine), spec.keys(), datetime.now(UTC), 0  # a textbook
    began = perf_counter()
    with file.open(newline="") as lines:
        rows = csv.DictReader(lines)
        while chunk := list(islice(rows, CHUNK)):
            async with sessions() as session:
                stored += await store(session, keys, chunk, now)
    seconds = perf_counter() - began
    await engine.dispose()
    return {"rows": stored, "seconds": seconds, "rate": stored / seconds}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(parts.read(Path(sys.argv[1])), Path(sys.argv[2])))))

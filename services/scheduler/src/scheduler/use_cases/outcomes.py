"""What a station reports of a card: taken once, told again, or against what is on record."""

from typing import Any
from uuid import UUID

from backbone import failpoints
from backbone.contracts.scheduler import ApprovalSpent
from backbone.contracts.station import Recorded, Report
from backbone.database import Row, Transaction
from backbone.problems import Conflict, NotFound
from scheduler.domain.ledger import attempt_move
from scheduler.domain.lifecycle import after_unprinted
from scheduler.store import applications, attempts, lanes, lots, stations, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station
from scheduler.use_cases.printing import NotArmed, jobs_of
from scheduler.use_cases.release import release_here


class SerialRefused(Conflict):
    slug = "blank-serial-refused"
    message_id = "Nomor seri blangko ini tidak dikenal atau sudah terpakai. Laporkan lagi tanpa nomor seri."
    message_en = "This blank's serial is unknown or used. Report the same outcome again without it."


class _Unknown(Exception):
    """No lot of the office has a blank of this serial."""


async def report(desk: Desk, attempt_id: UUID, said: Report) -> Recorded:
    """Take an attempt's outcome; the same word twice is the same answer, another word is an incident.

    Raises SerialRefused, with an incident and nothing else kept, for a blank's serial that is used or unknown: the same
    outcome without it is taken.
    """

    async def work(tx: Transaction) -> Recorded | SerialRefused:
        await lanes.come_first(tx, station=said.station)
        try:
            row = await _outcome(tx, attempt_id, said)
        except (attempts.SerialTaken, _Unknown) as refused:
            return await _refuse_serial(tx, attempt_id, said, refused)
        if row is None:
            recorded = await _said_before(tx, attempt_id, said)
        else:
            await _book(tx, row)
            await _settle(desk, tx, row)
            failpoints.hit("scheduler.outcome")
            await release_here(desk, tx, row["office"])
            recorded = Recorded(attempt_id=attempt_id, state=row["state"])
        return recorded.model_copy(update={"jobs": await jobs_of(desk, tx, said.station)})

    answer = await desk.database.retrying(work)
    if isinstance(answer, SerialRefused):
        raise answer
    return answer


async def _outcome(tx: Transaction, attempt_id: UUID, said: Report) -> Row | None:
    """Record it; None where nothing changed. Raises SerialTaken or _Unknown, and then nothing is recorded."""
    serial = _serial(said)

    async def record() -> Row | None:
        return await attempts.outcome(
            tx,
            attempt_id,
            fence=said.fence,
            nonce=said.nonce,
            station=said.station,
            state=said.state,
            evidence=said.evidence,
            run=said.run,
            blank_serial=serial,
        )

    if serial is None:
        return await record()
    async with tx.savepoint():
        row = await record()
        if row is not None and not await lots.knows(tx, row["office"], serial):
            raise _Unknown
        return row


def _serial(said: Report) -> str | None:
    """The serial of the blank that was used; a card not sent has used none."""
    return (
        None if said.state == "released" or said.blank_serial is None else said.blank_serial.strip().upper()
    )


async def _refuse_serial(
    tx: Transaction, attempt_id: UUID, said: Report, refused: Exception
) -> SerialRefused:
    why = "used" if isinstance(refused, attempts.SerialTaken) else "unknown"
    row = await attempts.find(tx, attempt_id)
    assert row is not None
    detail = {"serial": _serial(said), "why": why, "said": said.state, "station": said.station}
    await contradiction(tx, row, detail, kind="blank_serial_refused")
    return SerialRefused(why=why)


async def _book(tx: Transaction, row: Row) -> None:
    move = attempt_move(row["was_state"], row["state"])
    assert move is not None
    await stock.post(
        tx,
        row["office"],
        [Entry(place=row["station"], move=move, attempt_id=row["id"])],
        actor=f"station:{row['station']}",
    )


async def _settle(desk: Desk, tx: Transaction, row: Row) -> None:
    """What the outcome means for the application; uncertain means nothing yet, but stops its station."""
    if row["state"] == "uncertain":
        # What else the station has reserved need not wait for a person's word: another station may print it.
        await free_station(desk, tx, row["station"], "uncertain")
        return
    now = desk.clock.now()
    printed = row["state"] == "printed"
    moved = await applications.move(
        tx,
        [Change(id=row["application_id"], due_at=desk.collect_by(tx) if printed else None)],
        old=["printing"],
        new="printed" if printed else after_unprinted(row["approved_until"], now),
        cause="printed" if printed else "freed",
        actor=f"station:{row['station']}",
        even_frozen=True,
    )
    if not moved:
        await contradiction(tx, row, {"application_state": row["application_state"], "said": row["state"]})
    elif printed:
        tx.owe(
            ApprovalSpent(
                approval_id=row["approval_id"],
                application_id=row["application_id"],
                cause="printed",
                at=moved[0]["at"],
            )
        )


async def _said_before(tx: Transaction, attempt_id: UUID, said: Report) -> Recorded:
    row = await attempts.find(tx, attempt_id)
    if row is None or row["station"] != said.station:
        raise NotFound
    told = await _told(tx, said)
    # A person may have closed what the agent gave up: its own "uncertain" adds nothing to that. Nor does "not sent" of a
    # station declared lost: its card is a person's to settle already.
    same = row["state"] == told or (
        (told == "uncertain" and row["state"] in ("printed", "spoiled", "released"))
        or (told == "released" and row["state"] == "uncertain")
    )
    if same and row["nonce"] in (said.nonce, None):
        return Recorded(attempt_id=attempt_id, state=row["state"])
    if row["state"] == "reserved":
        raise NotArmed(veto="attempt")
    reopened = row["state"] == "spoiled" and told == "printed" and row["armed_at"] is not None
    detail = {"stored": row["state"], "said": said.state, "station": said.station, "after_spoil": reopened}
    await contradiction(tx, row, detail)
    return Recorded(attempt_id=attempt_id, state=row["state"], incident=True)


async def _told(tx: Transaction, said: Report) -> str:
    """What a report comes to: a spooler's "printed" is uncertain."""
    if said.state != "printed":
        return said.state
    station = await stations.find(tx, said.station)
    return "uncertain" if station is not None and station["evidence"] == "spooler" else "printed"


async def contradiction(
    tx: Transaction, row: Row, detail: dict[str, Any], kind: str = "outcome_contradicts"
) -> None:
    """Write an incident of an attempt and freeze its application; none while one of its kind is open."""
    if await tx.fetchval(attempts.INCIDENT_OPEN, row["id"], kind):
        return
    await applications.raise_incident(
        tx,
        office=row["office"],
        application_id=row["application_id"],
        attempt_id=row["id"],
        kind=kind,
        detail=detail,
    )

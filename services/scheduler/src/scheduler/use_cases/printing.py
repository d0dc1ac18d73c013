"""The agent's side: hello, jobs, arm. Safety rests on no clock and on no message arriving once."""

from typing import Any
from uuid import UUID

from backbone import calendar, failpoints
from backbone.auth import Ticket
from backbone.contracts.station import Arm, Armed, Hello, HelloAnswer, Job, Jobs
from backbone.database import Reader, Row, Transaction
from backbone.problems import Conflict, NotFound, Problem
from scheduler.domain.ledger import attempt_move
from scheduler.store import attempts, stations, stock
from scheduler.store.stock import Entry
from scheduler.use_cases import recover
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station


class Superseded(Conflict):
    slug = "station-superseded"
    message_id = "Proses stasiun yang lebih baru sudah melapor; proses ini harus berhenti."
    message_en = "A newer process of this station has said hello; this one must stop."


class NotArmed(Conflict):
    slug = "not-armed"
    message_id = "Kartu ini tidak boleh dicetak sekarang."
    message_en = "This card may not be printed now."


async def hello(desk: Desk, station: str, said: Hello) -> HelloAnswer:
    """Note a station's sign of life. Raises NotFound, or Superseded for a process that has a successor."""
    async with desk.database.transaction() as tx:
        row = await stations.hello(tx, station, said, desk.terms.silent)
        if row is None:
            raise _stranger(await stations.find(tx, station))
        if said.pause and row["state"] == "running":
            await pause(desk, tx, station, said.pause, f"station:{station}")
            row = {**row, "state": "paused", "reason": said.pause}
        if row["fell"]:
            await free_station(desk, tx, station, "printer_stopped")
        if said.gave_up:
            await recover.give_up(desk, tx, row, said.gave_up)
        if row["woke"] or row["new_run"]:
            tx.ring(desk.release_bell)
        calendars = await desk.calendars(tx, row["calendars_version"])
    row = await recover.suspected(desk, row, said)
    known = calendars.get("printing")
    printing = None if known is None else known.for_office(row["office"])
    return HelloAnswer(
        station=station,
        state=row["state"],
        reason=row["reason"],
        recovering=row["recovering"],
        printing_until=None if printing is None else calendar.closes_at(printing, row["now"]),
        printing_from=None if printing is None else calendar.opens_at(printing, row["now"]),
        now=row["now"],
        epoch=row["epoch"],
        journal_wanted=row["journal_wanted"],
    )


def _stranger(known: Row | None) -> Problem:
    """Why a hello is not taken. A station declared lost may come back on another machine, with an older journal."""
    return (
        NotFound() if known is None else Superseded(run=known["run"], declared_lost=known["state"] == "lost")
    )


async def pause(desk: Desk, tx: Transaction, station: str, reason: str, actor: str) -> Row | None:
    """Stop a station: what it has reserved goes back in this very transaction, what is armed is finished."""
    row = await stations.set_state(tx, station, "paused", reason, actor, ["running"])
    if row is not None:
        await free_station(desk, tx, station, "pause")
    return row


async def jobs(desk: Desk, station: str) -> Jobs:
    """The station's live attempts, oldest fence first; those not yet sent carry a ticket for the record."""
    async with desk.database.reading() as reader:
        return Jobs(jobs=await jobs_of(desk, reader, station))


async def jobs_of(desk: Desk, reader: Reader, station: str) -> tuple[Job, ...]:
    """What `jobs` tells, for whoever has a connection in hand."""
    return tuple(_job(desk, station, row) for row in await attempts.jobs(reader, station))


def _job(desk: Desk, station: str, row: Row) -> Job:
    ticket = ""
    if row["state"] in ("reserved", "armed"):
        ticket = desk.tickets.sign(
            Ticket(attempt_id=row["id"], approval_id=row["approval_id"], station=station)
        )
    return Job(
        attempt_id=row["id"],
        application_id=row["application_id"],
        approval_id=row["approval_id"],
        receipt_number=row["receipt_number"],
        office=row["office"],
        district_code=row["district_code"],
        reason=row["reason"],
        fence=row["fence"],
        n=row["n"],
        state=row["state"],
        ticket=ticket,
    )


async def arm(desk: Desk, attempt_id: UUID, asked: Arm) -> Armed:
    """The one permission to print, once in an attempt's life and for one nonce. Raises NotArmed naming the veto."""
    async with desk.database.transaction() as tx:
        try:
            armed_at = await attempts.arm(tx, attempt_id, asked.fence, asked.run, asked.nonce, asked.station)
        except attempts.Busy:
            raise NotArmed(veto="printer") from None
        if armed_at is None:
            armed_at = await _armed_before(tx, attempt_id, asked)
        failpoints.hit("scheduler.arm")
    return Armed(attempt_id=attempt_id, armed_at=armed_at)


async def _armed_before(tx: Transaction, attempt_id: UUID, asked: Arm) -> Any:
    row = await tx.fetchrow(attempts.WHY_NOT_ARMED, attempt_id)
    if row is None or row["station"] != asked.station:
        raise NotFound
    if row["state"] == "armed" and row["nonce"] == asked.nonce:
        return row["armed_at"]
    vetoes = {
        "attempt": row["state"] != "reserved",
        "fence": row["fence"] != asked.fence,
        "application": row["application_state"] != "printing" or row["frozen_by"] is not None,
        "approval": not (row["approval_same"] and row["approval_good"]),
        "station": row["station_state"] != "running",
        "run": row["station_run"] != asked.run,
        "recovery": row["recovering"],
    }
    raise NotArmed(veto=next((name for name, vetoed in vetoes.items() if vetoed), "window"))


async def book_uncertain(tx: Transaction, row: Row, actor: str) -> None:
    """The blank of an armed attempt whose station was declared lost."""
    move = attempt_move("armed", "uncertain")
    assert move is not None
    await stock.post(
        tx, row["office"], [Entry(place=row["station"], move=move, attempt_id=row["id"])], actor=actor
    )

"""The agent's side: hello, jobs, arm, outcome. Safety rests on no clock and on no message arriving once."""

from typing import Any
from uuid import UUID

from backbone import calendar, failpoints
from backbone.auth import Ticket
from backbone.contracts.scheduler import ApprovalSpent
from backbone.contracts.station import Arm, Armed, Hello, HelloAnswer, Job, Jobs, Recorded, Report
from backbone.database import Row, Transaction
from backbone.problems import Conflict, NotFound
from scheduler.domain.ledger import attempt_move
from scheduler.domain.lifecycle import after_unprinted
from scheduler.store import applications, attempts, stations, stock
from scheduler.store.applications import Change
from scheduler.store.stock import Entry
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.freeing import free_station
from scheduler.use_cases.release import release_here


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
            raise (NotFound if await stations.find(tx, station) is None else Superseded)
        if said.pause and row["state"] == "running":
            await pause(desk, tx, station, said.pause, f"station:{station}")
            row = {**row, "state": "paused", "reason": said.pause}
        if row["fell"]:
            await free_station(desk, tx, station, "printer_stopped")
        if row["woke"] or row["new_run"]:
            tx.ring(desk.release_bell)
        calendars = await desk.calendars(tx, row["calendars_version"])
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
        rows = await attempts.jobs(reader, station)
    return Jobs(jobs=tuple(_job(desk, station, row) for row in rows))


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


async def report(desk: Desk, attempt_id: UUID, said: Report) -> Recorded:
    """Take an attempt's outcome; the same word twice is the same answer, another word is an incident."""

    async def work(tx: Transaction) -> Recorded:
        row = await _outcome(tx, attempt_id, said)
        if row is None:
            return await _said_before(tx, attempt_id, said)
        await _book(tx, row)
        await _settle(desk, tx, row)
        failpoints.hit("scheduler.outcome")
        await release_here(desk, tx, row["office"])
        return Recorded(attempt_id=attempt_id, state=said.state)

    return await desk.database.retrying(work)


async def _outcome(tx: Transaction, attempt_id: UUID, said: Report) -> Row | None:
    """Record it; a serial that another card bears too is left out and looked at by a person."""

    async def record(serial: str | None) -> Row | None:
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

    try:
        return await record(said.blank_serial)
    except attempts.SerialTaken:
        row = await record(None)
    if row is not None:
        await _incident(tx, row, "blank_serial_taken", {"serial": said.blank_serial})
    return row


async def _book(tx: Transaction, row: Row) -> None:
    move = attempt_move(row["was_state"], row["state"])
    assert move is not None
    await stock.post(
        tx,
        row["office"],
        [Entry(place=row["station"], move=move, attempt_id=row["id"])],
        actor=f"station:{row['station']}",
    )


async def book_uncertain(tx: Transaction, row: Row, actor: str) -> None:
    """The blank of an armed attempt whose station was declared lost."""
    move = attempt_move("armed", "uncertain")
    assert move is not None
    await stock.post(
        tx, row["office"], [Entry(place=row["station"], move=move, attempt_id=row["id"])], actor=actor
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
        [Change(id=row["application_id"])],
        old=["printing"],
        new="printed" if printed else after_unprinted(row["approved_until"], now),
        cause="printed" if printed else "freed",
        actor=f"station:{row['station']}",
        even_frozen=True,
    )
    if not moved:
        await _contradiction(tx, row, {"application_state": row["application_state"], "said": row["state"]})
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
    # A person may have closed what the agent gave up: its own "uncertain" adds nothing to that.
    same = row["state"] == said.state or (
        said.state == "uncertain" and row["state"] in ("printed", "spoiled", "released")
    )
    reopened = row["state"] == "spoiled" and said.state == "printed" and row["armed_at"] is not None
    if same and row["nonce"] in (said.nonce, None):
        return Recorded(attempt_id=attempt_id, state=row["state"])
    if row["state"] == "reserved":
        raise NotArmed(veto="attempt")
    detail = {"stored": row["state"], "said": said.state, "station": said.station, "after_spoil": reopened}
    if not await tx.fetchval(
        "SELECT 1 FROM incident WHERE attempt_id = $1 AND closed_at IS NULL", attempt_id
    ):
        await _contradiction(tx, row, detail)
    return Recorded(attempt_id=attempt_id, state=row["state"], incident=True)


async def _contradiction(tx: Transaction, row: Row, detail: dict[str, Any]) -> None:
    await _incident(tx, row, "outcome_contradicts", detail)


async def _incident(tx: Transaction, row: Row, kind: str, detail: dict[str, Any]) -> None:
    await applications.raise_incident(
        tx,
        office=row["office"],
        application_id=row["application_id"],
        attempt_id=row["id"],
        kind=kind,
        detail=detail,
    )

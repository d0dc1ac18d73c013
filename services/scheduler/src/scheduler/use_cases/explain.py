"""Explain and summary: where a card stands, why nothing moves, how the office does today."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backbone import calendar
from backbone.calendar import Calendar
from backbone.database import Reader, Row
from backbone.problems import NotFound
from backbone.rights import Actor, authorize
from scheduler.domain.blockers import Situation, blockers
from scheduler.domain.lifecycle import who_acts
from scheduler.domain.policy import Policy, parse_rules
from scheduler.domain.rank import place_cuts
from scheduler.store import applications, attempts, knowledge, views
from scheduler.use_cases.desk import Desk


async def explain(desk: Desk, actor: Actor, application_id: UUID) -> dict[str, Any]:
    """Place, every term of the rank, all that holds the card now. Raises NotFound, Forbidden."""
    async with desk.database.reading() as reader:
        row = await applications.find(reader, application_id)
        if row is None:
            raise NotFound
        authorize(actor, "queue.read", office=row["office"])
        stored = await knowledge.policy(reader, row["office"])
        assert stored is not None
        policy = parse_rules(stored["rules"], version=stored["version"])
        cuts = place_cuts(policy, row["kind"], row["ranked_from"])
        place, lane_place = await applications.place(reader, row, cuts)
        situation = await _situation(desk, reader, row, policy, place)
        live = await attempts.live_of(reader, application_id)
    return {
        "application_id": row["id"],
        "receipt_number": row["receipt_number"],
        "office": row["office"],
        "state": row["state"],
        "who_acts": who_acts(row["state"]),
        "place": place if row["state"] == "waiting" else None,
        "lane_place": lane_place if row["state"] == "waiting" else None,
        "rank": rank_terms(row, policy),
        "attempt": live
        and {"id": live["id"], "state": live["state"], "station": live["station"], "n": live["n"]},
        "blockers": [asdict(found) for found in blockers(situation)],
        "due_at": row["due_at"],
        "as_of": row["at"],
    }


def rank_terms(row: Row, policy: Policy) -> dict[str, Any]:
    """Every term of a rank, so that anyone can add it up."""
    held: timedelta = row["ranked_from"] - row["received_at"]
    return {
        "received_at": row["received_at"],
        "applicant_held_seconds": held.total_seconds(),
        "head_start_minutes": policy.head_starts.get(row["kind"], 0),
        "rank_at": policy.rank_at(row["kind"], row["ranked_from"]),
        "kind": row["kind"],
        "lane": [row["office"], row["kind"], row["district"]],
        "policy_version": policy.version,
        "claims": [
            {"name": claim.name, "permille": claim.permille}
            for claim in policy.claims
            if policy.claim_covers(claim, row["kind"], row["district"])
        ],
    }


async def _situation(desk: Desk, reader: Reader, row: Row, policy: Policy, place: int) -> Situation:
    office, now = row["office"], row["at"]
    stations = await views.stations(reader, office, desk.terms.silent)
    centre = await reader.fetchrow("SELECT * FROM centre WHERE account = $1", row["account"])
    calendars = await desk.calendars(reader)
    printing = calendars.get("printing")
    suspended = [s for s in policy.suspensions if s.kind == row["kind"] and policy.is_suspended(s.kind, now)]
    running = [station for station in stations if station["state"] == "running"]
    return Situation(
        now=now,
        state=row["state"],
        place=place,
        centre_state=centre["state"] if centre else "unknown",
        centre_opens_at=centre["opens_at"] if centre else None,
        printing_opens_at=_printing_opens(printing, office, now),
        stations_running=len(running),
        stations_seen=sum(station["seen"] for station in running),
        stations_uncertain=sum(station["seen"] and station["uncertain"] > 0 for station in running),
        stations_stopped=sum(
            station["seen"] and not station["uncertain"] and station["printer"] == "stopped"
            for station in running
        ),
        blanks=sum(station["blanks"] or 0 for station in running),
        next_delivery=await reader.fetchval(views.DELIVERY, office),
        suspended=bool(suspended),
        suspended_until=suspended[0].until if suspended else None,
        due_at=row["due_at"],
        frozen_by=row["frozen_by"],
        recovering=row["recovering"],
        print_needs_centre=not row["print_after_close"],
    )


def _printing_opens(printing: Calendar | None, office: str, now: datetime) -> datetime | None:
    """The next opening where printing is shut now; None while it is open."""
    here = None if printing is None else printing.for_office(office)
    return None if here is None or calendar.is_open(here, now) else calendar.opens_at(here, now)


async def summary(desk: Desk, prefix: str) -> dict[str, Any]:
    """Counts by state, reason and district; what moved today; what holds us now."""
    async with desk.database.reading() as reader:
        counts = await views.counts(reader, prefix)
        oldest: datetime | None = await reader.fetchval(views.OLDEST, prefix)
        today = await views.tally_today(reader, prefix)
        flight = await views.attempts_in_flight(reader, prefix)
        blanks = await views.blanks(reader, prefix)
        stations = await views.stations(reader, prefix, desk.terms.silent)
        centres = await views.centres(reader, prefix)
        open_incidents = len(await views.incidents(reader, prefix, closed=False, after=0, limit=1000))
        now: datetime = await reader.fetchval("SELECT backbone.now()")
    return {
        "as_of": now,
        "by_state": _summed(counts, "state"),
        "waiting_by_reason": _summed([row for row in counts if row["state"] == "waiting"], "kind"),
        "waiting_by_district": _summed([row for row in counts if row["state"] == "waiting"], "district"),
        "oldest_waiting_since": oldest,
        "in_flight": flight,
        "today": today,
        "printed_today": today.get("printed", 0),
        "blanks": blanks,
        "open_incidents": open_incidents,
        "stations": [dict(row) for row in stations],
        "centre": [dict(row) for row in centres],
        "held_by": held_by(stations, centres, blanks),
    }


def held_by(stations: list[Row], centres: list[Row], blanks: dict[str, int]) -> list[str]:
    """Codes of what holds a whole office now."""
    found = [f"centre_{row['state']}" for row in centres if row["state"] != "open"]
    if not centres:
        found.append("centre_unknown")
    running = [row for row in stations if row["state"] == "running" and row["seen"]]
    if not running:
        found.append("no_station")
    if any(row["uncertain"] for row in running):
        found.append("uncertain_card")
    if any(row["printer"] == "stopped" for row in running):
        found.append("printer_stopped")
    if blanks.get("on_hand", 0) == 0:
        found.append("no_blanks")
    return found


def _summed(rows: list[Row], key: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row[key]] = found.get(row[key], 0) + row["n"]
    return found

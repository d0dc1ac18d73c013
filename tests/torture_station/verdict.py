"""Whether a schedule ended well: by the printers' own logs, their hoppers and bins, the audit and the agents' journals."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from onebox.audit import Witnesses, audit
from onebox.homes import witnesses

from .agent import Agent
from .world import Place, World

VISIBLE = 60.0
"""Seconds in which a card of unknown fate must stand on the board, once its agent is well."""
ENDS = "('printed', 'collected')"
LEFT = f"""SELECT what, n FROM (
  SELECT 'applications not printed' AS what, count(*) AS n FROM scheduler.application WHERE state NOT IN {ENDS}
  UNION ALL SELECT 'intake says otherwise', count(*) FROM intake.application WHERE state NOT IN {ENDS}
  UNION ALL SELECT 'attempts open', count(*) FROM scheduler.attempt WHERE state IN ('reserved', 'armed', 'uncertain')
  UNION ALL SELECT 'owed', (SELECT count(*) FROM intake.outbox) + (SELECT count(*) FROM scheduler.outbox)
    + (SELECT count(*) FROM gateway.outbox)
  UNION ALL SELECT 'dead letters', (SELECT count(*) FROM intake.dead_letter) + (SELECT count(*) FROM scheduler.dead_letter)
    + (SELECT count(*) FROM gateway.dead_letter)
  UNION ALL SELECT 'incidents', (SELECT count(*) FROM scheduler.incident WHERE closed_at IS NULL)) x WHERE n > 0"""
BECAME_UNCERTAIN = """SELECT attempt_id::text AS id, place AS station, at FROM scheduler.stock_move
WHERE target = 'uncertain' AND attempt_id IS NOT NULL"""
OWNERS = "SELECT id::text AS id, application_id::text AS application, state FROM scheduler.attempt"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Findings (none: good), figures, and a digest of what physically happened: the same for the same run."""

    findings: list[str]
    figures: dict[str, int] = field(default_factory=dict)
    digest: str = ""


async def left(world: World) -> list[str]:
    """What is not done yet, in words."""
    rows = await world.ground.rows(LEFT)
    found = [f"{row['what']}: {row['n']}" for row in rows]
    if len(world.accepted) < len(world.plan.moments):
        found.append("people still to come")
    return found


async def judge(world: World, undone: Sequence[str]) -> Verdict:
    owners = {row["id"]: dict(row) for row in await world.ground.rows(OWNERS)}
    found = [*world.findings, *(f"not done: {what}" for what in undone)]
    found += [f"{one.check}: {one.subject} {one.detail}" for one in await _audit(world)]
    found += _cards(world, owners)
    for name, place in world.places.items():
        found += await _ledger(world, name, place)
        found += _runs(name, place)
        for agent in place.agents:
            found += [f"{name}: agent ended by {end}" for end in agent.ends if _unheard_of(end)]
    found += [
        f"incident {row['kind']}: {row['detail']}"
        for row in await world.ground.rows("SELECT kind, detail::text AS detail FROM scheduler.incident")
    ]
    found += _journals(world)
    found += await _seen_late(world)
    return Verdict(findings=found, figures=_figures(world), digest=_digest(world))


async def _audit(world: World) -> Sequence[Any]:
    seen = witnesses(world.ground.home)
    prints = [
        {"attempt_id": came.job_name, "outcome": "good" if came.outcome == "good" else "fault"}
        for place in world.places.values()
        for came in place.machine.witness.seen
    ]
    facts = [person[name] for person in world.people for name in ("nik", "full_name")]
    return await audit(
        world.ground.storage.login("audit"),
        Witnesses(accepted=world.accepted, prints=prints, calls=seen.calls or [], canaries=facts),
    )


def _cards(world: World, owners: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Exactly one good card a person, by the bins; none for an attempt that nobody knows."""
    good: Counter[str] = Counter()
    for place in world.places.values():
        for attempt in place.machine.bins.good:
            if attempt not in owners:
                yield f"a card of no attempt: {attempt}"
            else:
                good[owners[attempt]["application"]] += 1
    yield from (f"{n} good cards of {application}" for application, n in good.items() if n > 1)
    yield from (f"no card of {application}" for application in world.accepted if not good[application])


async def _ledger(world: World, name: str, place: Place) -> list[str]:
    stock = await world.call("boss", "GET", f"/scheduler/v1/stations/{name}/stock")
    held = stock["blanks"]
    machine = place.machine
    lies = {
        "in the hopper and beside it": (machine.hopper + place.shelf, held["on_hand"] + held["booked"]),
        "in hand or uncertain": (int(machine.in_hand is not None), held["uncertain"]),
        "in the good bin": (len(machine.bins.good), held["printed"]),
        "in the reject bin": (len(machine.bins.reject), held["spoiled"] + held["destroyed"]),
        "missing": (0, held["missing"]),
    }
    return [
        f"{name}: {there} {where}, the ledger says {said}"
        for where, (there, said) in lies.items()
        if there != said
    ]


def _runs(name: str, place: Place) -> Iterator[str]:
    """No process that has a successor is allowed to print."""
    for at, run, attempt in place.register.arms:
        newest = max((other for moment, other in place.register.hellos if moment < at), default=0)
        if run < newest:
            yield f"{name}: run {run} armed {attempt} though run {newest} had said hello"


def _journals(world: World) -> Iterator[str]:
    """Intent before effect, outcome after it, by the printers' clock; a disk put back knows nothing of it any more."""
    for name, place in world.places.items():
        put_back = any(
            fault.kind in ("image", "clock_off") and fault.station == name for fault in world.plan.faults
        )
        entries = {row["attempt_id"]: row for agent in place.agents for row in _entries(agent)}
        for came in place.machine.witness.seen if not put_back else ():
            row = entries.get(came.job_name)
            if row is None or row["intent_at"] is None or datetime.fromisoformat(row["intent_at"]) > came.at:
                yield f"{name}: a card without an intent before it: {came.job_name}"
            elif row["outcome"] == "printed" and datetime.fromisoformat(row["outcome_at"]) < came.at:
                yield f"{name}: an outcome before its card: {came.job_name}"


def _entries(agent: Agent) -> list[sqlite3.Row]:
    path = agent.folder / "journal.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return list(connection.execute("SELECT * FROM attempt"))


async def _seen_late(world: World) -> list[str]:
    """Uncertain cards that were on the board too late: counted from the agent's own word, without its sick hours."""
    board = {row["id"]: row["at"] for row in await world.ground.rows(BECAME_UNCERTAIN)}
    found = []
    # A clock that was off wrote moments that nobody can compare.
    told = {fault.station for fault in world.plan.faults if fault.kind == "clock_off"}
    for name, place in world.places.items():
        for agent in place.agents if name not in told else ():
            for row in _entries(agent):
                if row["outcome"] != "uncertain" or row["attempt_id"] not in board:
                    continue
                began = datetime.fromisoformat(row["outcome_at"])
                late = healthy(agent, began, board[row["attempt_id"]])
                if late > VISIBLE:
                    found.append(
                        f"{name}: uncertain for {late:.0f} s before anybody saw it: {row['attempt_id']}"
                    )
    return found


def healthy(agent: Agent, begin: datetime, end: datetime) -> float:
    """Seconds between the two in which the agent ran, awake and in touch."""
    moment, seconds = begin, 0.0
    for start, until in sorted(agent.sick, key=lambda one: one[0]):
        if start > moment:
            seconds += max(0.0, (min(start, end) - moment).total_seconds())
        moment = max(moment, until if until is not None else end)
    return seconds + max(0.0, (end - moment).total_seconds())


def _unheard_of(end: str) -> bool:
    return end not in ("killed", "Superseded", "JournalLocked", "JournalFull", "OperationalError") and (
        "database or disk is full" not in end
    )


def _figures(world: World) -> dict[str, int]:
    places = world.places.values()
    agents = [agent for place in places for agent in place.agents]
    return {
        "people": len(world.accepted),
        "good": sum(len(place.machine.bins.good) for place in places),
        "reject": sum(len(place.machine.bins.reject) for place in places),
        "settled": world.settled,
        "lives": sum(len(agent.starts) for agent in agents),
        "minutes": round((world.clock.now() - world.start) / timedelta(minutes=1)),
    }


def _digest(world: World) -> str:
    told = [
        f"{name} {(came.at - world.start).total_seconds():.3f} {came.outcome}"
        for name, place in world.places.items()
        for came in place.machine.witness.seen
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]

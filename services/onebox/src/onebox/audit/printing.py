"""Promises 1 to 3 by their outside witnesses: the kiosks' list and the printers' log."""

from collections import Counter
from collections.abc import Sequence

from onebox.audit.check import World

STORED = "SELECT id::text FROM intake.application WHERE id = ANY($1::uuid[])"
ATTEMPTS = (
    "SELECT id::text AS id, application_id::text AS application, state, armed_at FROM scheduler.attempt"
)


async def accepted_is_stored(world: World) -> Sequence[tuple[str, str]]:
    accepted = world.witnesses.accepted
    if accepted is None:
        return []
    stored = {row["id"] for row in await world.reader.fetch(STORED, list(accepted))}
    return [(lost, "answered 202, not stored") for lost in accepted if lost not in stored]


async def sent_once(world: World) -> Sequence[tuple[str, str]]:
    """One send per attempt; good cards per application, less those spoiled since, at most one."""
    prints = world.witnesses.prints
    if prints is None:
        return []
    sends = Counter(str(entry["attempt_id"]) for entry in prints)
    found = [(attempt, f"sent {n} times") for attempt, n in sends.items() if n > 1]
    attempts = {row["id"]: row for row in await world.reader.fetch(ATTEMPTS)}
    good = Counter(
        attempts[attempt]["application"]
        for attempt in {str(entry["attempt_id"]) for entry in prints if entry["outcome"] == "good"}
        if attempt in attempts and attempts[attempt]["state"] != "spoiled"
    )
    return found + [
        (application, f"{n} good cards in the printers' log") for application, n in good.items() if n > 1
    ]


async def printed_was_armed(world: World) -> Sequence[tuple[str, str]]:
    prints = world.witnesses.prints
    if prints is None:
        return []
    attempts = {row["id"]: row for row in await world.reader.fetch(ATTEMPTS)}
    printed = {str(entry["attempt_id"]) for entry in prints}
    found = [
        (attempt, "in the printers' log, never armed")
        for attempt in printed
        if attempt not in attempts or attempts[attempt]["armed_at"] is None
    ]
    good = {str(entry["attempt_id"]) for entry in prints if entry["outcome"] == "good"}
    return found + [
        (attempt, "on record as printed, absent from the printers' log")
        for attempt, row in attempts.items()
        if row["state"] == "printed" and attempt not in good
    ]

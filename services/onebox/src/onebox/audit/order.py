"""Promises 6 and 7: the release log replayed, and what each claim got of the printed cards."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onebox.audit.check import World
from scheduler.domain.policy import Policy, parse_rules
from scheduler.domain.release_log import SLACK, behind_floor, faults, logged

LOG = "SELECT * FROM scheduler.release_log ORDER BY office, stage, id"
POLICIES = "SELECT office, version, rules FROM scheduler.policy"
# Each card by the policy in force when it was reserved; one set later, for a time gone by, did not rule then.
PRINTED = """SELECT a.office, (a.closed_at AT TIME ZONE o.tz)::date AS day, p.kind, p.district,
  (SELECT max(r.version) FROM scheduler.policy r WHERE r.office = a.office AND r.set_at <= a.reserved_at
    AND r.valid_from <= a.reserved_at AND (r.valid_until IS NULL OR r.valid_until > a.reserved_at)) AS version
FROM scheduler.attempt a JOIN scheduler.application p ON p.id = a.application_id JOIN scheduler.office o ON o.code = a.office
WHERE a.state = 'printed' ORDER BY a.closed_at"""

Policies = dict[tuple[str, int], Policy]


async def _policies(world: World) -> Policies:
    return {
        (row["office"], row["version"]): parse_rules(row["rules"], version=row["version"])
        for row in await world.reader.fetch(POLICIES)
    }


async def first_come(world: World) -> Sequence[tuple[str, str]]:
    """No pick passed an older eligible card of its lane, and each was the one the policy asked for."""
    policies = await _policies(world)
    return [
        (
            f"release {row['id']}",
            f"pick {fault.n}: {fault.code}, expected {fault.expected}, found {fault.found}",
        )
        for row in await world.reader.fetch(LOG)
        for fault in faults(row, policies[row["office"], row["policy_version"]], row["at"])
    ]


async def floors(world: World) -> Sequence[tuple[str, str]]:
    """Each claim, over any run of picks while it had cards, at most two behind its share; at both stages."""
    policies = await _policies(world)
    runs: dict[tuple[str, str, int], list[tuple[str, str, Sequence[str]]]] = defaultdict(list)
    for row in await world.reader.fetch(LOG):
        picks = [(pick.kind, pick.district, pick.live) for pick in logged(row)]
        runs[row["office"], row["stage"], row["policy_version"]] += picks
    return [
        (f"{office} {stage} {claim.name}", f"{behind} cards behind its floor under policy {version}")
        for (office, stage, version), picks in runs.items()
        for claim in policies[office, version].claims
        if (behind := behind_floor(picks, policies[office, version], claim)) > SLACK
    ]


async def printed_floors(world: World) -> Sequence[tuple[str, str]]:
    """On each day on which a claim had cards at every pick: at least its share of the cards printed, less two."""
    policies = await _policies(world)
    lacking = await _days_without_cards(world)
    days: dict[tuple[str, Any, int], list[tuple[str, str]]] = defaultdict(list)
    for row in await world.reader.fetch(PRINTED):
        days[row["office"], row["day"], row["version"]].append((row["kind"], row["district"]))
    found = []
    for (office, day, version), cards in days.items():
        policy = policies[office, version]
        for claim in policy.claims:
            got = sum(policy.claim_covers(claim, kind, district) for kind, district in cards)
            floor = len(cards) * claim.permille // 1000 - SLACK
            if got < floor and (office, day, version, claim.name) not in lacking:
                found.append(
                    (f"{office} {day} {claim.name}", f"{got} of {len(cards)} printed, floor {floor}")
                )
    return found


async def _days_without_cards(world: World) -> set[tuple[str, Any, int, str]]:
    """(office, day, version, claim) at whose print stage some pick found no card of the claim."""
    policies = await _policies(world)
    zones = {
        row["code"]: row["tz"] for row in await world.reader.fetch("SELECT code, tz FROM scheduler.office")
    }
    found = set()
    for row in await world.reader.fetch(LOG):
        if row["stage"] != "print":
            continue
        office, version = row["office"], row["policy_version"]
        day = _local(row["at"], zones[office])
        names = {claim.name for claim in policies[office, version].claims}
        for pick in logged(row):
            found |= {(office, day, version, name) for name in names - set(pick.live)}
    return found


def _local(at: datetime, zone: str) -> Any:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(zone)).date()

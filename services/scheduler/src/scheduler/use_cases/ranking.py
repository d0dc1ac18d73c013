"""Told where it stands: once on acceptance, and when an application's own rank changes; never because others arrive."""

from datetime import datetime
from uuid import UUID

from backbone.contracts.scheduler import ApplicationRanked
from backbone.database import Row, Transaction
from scheduler.domain.policy import Policy, parse_rules
from scheduler.domain.rank import place_cuts
from scheduler.store import applications, knowledge


async def policy_of(tx: Transaction, office: str) -> Policy:
    """The policy in force at an office that is known."""
    row = await knowledge.policy(tx, office)
    assert row is not None
    return parse_rules(row["rules"], version=row["version"])


async def tell_place(tx: Transaction, policy: Policy, row: Row, now: datetime) -> None:
    """Count the cards ahead of one application, in its office and in its lane, and tell it."""
    cuts = place_cuts(policy, row["kind"], row["ranked_from"])
    place, lane_place = await applications.place(tx, row, cuts)
    tx.owe(ranked(row, policy, place, lane_place, now))


async def tell_new_place(tx: Transaction, application_id: UUID) -> None:
    """The same for an application whose rank has just changed."""
    row = await applications.find(tx, application_id)
    assert row is not None
    await tell_place(tx, await policy_of(tx, row["office"]), row, row["at"])


def ranked(application: Row, policy: Policy, place: int, lane_place: int, now: datetime) -> ApplicationRanked:
    return ApplicationRanked(
        application_id=application["id"],
        rank_at=policy.rank_at(application["kind"], application["ranked_from"]),
        place=place,
        lane_place=lane_place,
        policy_version=policy.version,
        at=now,
    )

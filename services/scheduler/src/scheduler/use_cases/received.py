"""Applications arrive, once or again, with the commands that may have overtaken them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backbone import failpoints
from backbone.contracts.intake import ApplicationReceived
from backbone.database import Row, Transaction
from scheduler.domain.policy import DEFAULT_RULES, parse_rules, to_json
from scheduler.domain.rank import place_cuts
from scheduler.store import applications, knowledge, stock
from scheduler.use_cases.commands import apply_tombstone
from scheduler.use_cases.desk import Desk, bucket
from scheduler.use_cases.ranking import policy_of, ranked


async def receive(desk: Desk, tx: Transaction, messages: Sequence[ApplicationReceived]) -> None:
    """Take applications in and tell each one's place. What is known already is told its status again."""
    received = {message.application_id: message for message in messages}
    await ensure_offices(desk, tx, sorted({message.office for message in received.values()}))
    new = await applications.take_in(tx, [_row(message) for message in received.values()])
    now = await tx.fetchval("SELECT backbone.now()")
    tx.owe(*(applications.status({**row, "at": now}, "received") for row in new))
    failpoints.hit("scheduler.received")
    by_office: dict[str, list[Row]] = defaultdict(list)
    for row in new:
        by_office[row["office"]].append(row)
    for office, rows in by_office.items():
        await _tell_places(tx, office, rows, now)
    await _tell_again(tx, received.keys() - {row["id"] for row in new})
    for buried in await tx.fetch(applications.DIG, [row["id"] for row in new]):
        await apply_tombstone(desk, tx, buried)
    tx.ring(desk.release_bell)


async def ensure_offices(desk: Desk, tx: Transaction, codes: Sequence[str]) -> None:
    """Make unknown offices, with the default policy and an empty store of blanks."""
    for office in await knowledge.add_offices(
        tx, codes, desk.terms.tz, desk.terms.account, to_json(parse_rules(DEFAULT_RULES))
    ):
        await stock.open_accounts(tx, office, "")
        await tx.execute(knowledge.SET_OFFICE, office, desk.terms.print_after_close)


def _row(message: ApplicationReceived) -> tuple[object, ...]:
    return (
        message.application_id,
        message.office,
        message.reason,
        bucket(message.office, message.district_code),
        message.district_code,
        message.receipt_number,
        message.source,
        message.received_at,
        message.sealed,
    )


async def _tell_again(tx: Transaction, known: set[UUID]) -> None:
    if known:
        rows = await tx.fetch(applications.BY_IDS, list(known))
        tx.owe(*(applications.status(row, "known") for row in rows))


async def _tell_places(tx: Transaction, office: str, rows: Sequence[Row], now: datetime) -> None:
    policy = await policy_of(tx, office)
    asked = [(row, place_cuts(policy, row["kind"], row["ranked_from"])) for row in rows]
    places = await applications.places(tx, office, asked)
    tx.owe(*(ranked(row, policy, *places[row["id"]], now) for row in rows))

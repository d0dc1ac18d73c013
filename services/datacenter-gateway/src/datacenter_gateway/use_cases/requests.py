"""Requests come in: queued, or given back at once where no call may start, or answered again."""

from collections.abc import Sequence

from backbone import failpoints
from backbone.contracts.gateway import VerificationAnswered, VerificationReturned
from backbone.contracts.scheduler import ApprovalSpent, VerificationRequested
from backbone.database import Row, Transaction
from datacenter_gateway.store import accounts, requests
from datacenter_gateway.use_cases.desk import Desk, open_person
from datacenter_gateway.use_cases.window import announcement


async def requested(desk: Desk, tx: Transaction, messages: Sequence[VerificationRequested]) -> None:
    """Queue each application's latest round. What we cannot open is refused here: it becomes a dead letter."""
    latest: dict[object, VerificationRequested] = {}
    for message in messages:
        open_person(desk, message.application_id, message.sealed)
        known = latest.get(message.application_id)
        if known is None or known.round < message.round:
            latest[message.application_id] = message
    answers = {row["application_id"]: row for row in await tx.fetch(requests.ANSWERS, list(latest))}
    fresh = []
    for message in latest.values():
        answer = answers.get(message.application_id)
        if answer is None or answer["round"] < message.round:
            fresh.append(message)
        elif answer["round"] == message.round:
            tx.owe(answered(answer))
    await _queue(desk, tx, fresh)


async def spent(desk: Desk, tx: Transaction, messages: Sequence[ApprovalSpent]) -> None:
    """Erase the records of approvals that serve no more; twice is once."""
    by_id = {message.approval_id: message.cause for message in messages}
    await tx.execute(requests.SPEND, list(by_id), list(by_id.values()))
    failpoints.hit("gateway.erased")


async def _queue(desk: Desk, tx: Transaction, messages: Sequence[VerificationRequested]) -> None:
    if not messages:
        return
    states = await requests.states(tx, (message.account for message in messages))
    taken = [message for message in messages if states.get(message.account) == "open"]
    late = [message for message in messages if states.get(message.account) != "open"]
    if taken:
        await requests.queue(tx, taken)
        failpoints.hit("gateway.queued")
        tx.ring(desk.calls_bell)
    if late:
        # Whoever asked did not know the window: tell it again, ahead of what it gets back.
        now = desk.clock.now()
        account = await accounts.read(tx, desk.terms.account)
        tx.owe(announcement(account, now))
        for message in late:
            cause = states.get(message.account, "no_account")
            tx.owe(
                VerificationReturned(
                    application_id=message.application_id, round=message.round, cause=cause, at=now
                )
            )


def answered(row: Row) -> VerificationAnswered:
    """A stored answer as a message."""
    return VerificationAnswered(
        application_id=row["application_id"],
        round=row["round"],
        outcome=row["outcome"],
        code=row["code"],
        elements=tuple(row["elements"]),
        approval_id=row["approval_id"],
        approved_until=row["approved_until"],
        at=row["at"],
    )

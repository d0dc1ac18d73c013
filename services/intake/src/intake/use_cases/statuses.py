"""What the scheduler tells: a copy of each case's state, ordered by (epoch, seq); its rank and place."""

from collections.abc import Sequence

import structlog

from backbone import failpoints
from backbone.contracts.scheduler import ApplicationRanked, ApplicationStatus
from backbone.database import Transaction
from intake.domain.case import CLOSED_STATES
from intake.store import applications
from intake.use_cases.desk import Desk

log = structlog.get_logger()


async def status(desk: Desk, tx: Transaction, messages: Sequence[ApplicationStatus]) -> None:
    """Keep the newest of each application; older ones only enter its history. A closing one lets the person apply again."""
    rows = [
        (m.application_id, m.epoch, m.seq, m.state, m.cause, m.at, m.due_at, ",".join(m.elements))
        for m in messages
    ]
    for row in await applications.tell(
        tx, applications.STATUS, rows, desk.terms.ask_in_flight, desk.terms.ask_at_rest
    ):
        if not row["known"]:
            log.warning("status_of_unknown_application", application_id=row["id"])
        elif row["state"] not in (None, *CLOSED_STATES) and not row["open"]:
            await applications.note(tx, row["id"], "reopened_beside_another", "intake")
            log.warning("reopened_beside_another", application_id=row["id"], state=row["state"])
    failpoints.hit("intake.status")


async def ranked(desk: Desk, tx: Transaction, messages: Sequence[ApplicationRanked]) -> None:
    """Keep the newest rank of each application."""
    rows = [(m.application_id, m.rank_at, m.place, m.lane_place, m.policy_version, m.at) for m in messages]
    await applications.tell(tx, applications.RANKED, rows)

"""What the journal still owes: attempts that a crash left open, outcomes to report, the whole journal after a restore."""

from datetime import timedelta

import structlog

from backbone import failpoints
from backbone.contracts.journal import PAGE, JournalEntry, JournalPage
from backbone.contracts.station import Job, Report
from printer_agent.domain import after_restart
from printer_agent.journal import Entry
from printer_agent.office import Refused
from printer_agent.use_cases.desk import Desk

log = structlog.get_logger()


async def settle(desk: Desk) -> None:
    """The crash table: an attempt without an outcome is printed only by the device's word, else uncertain."""
    for entry in desk.journal.open_attempts():
        reference = entry.reference or str(entry.attempt_id)
        resolved = "unknown" if entry.intent_at is None else await desk.session.resolve(reference)
        if entry.reference is not None and resolved != "printed":
            # A job that is still open there would print when nobody expects it.
            await desk.session.cancel(reference)
        decision = after_restart(
            intended=entry.intent_at is not None,
            reference=reference,
            resolved=resolved,
            evidence=desk.session.capabilities.evidence,
        )
        desk.journal.record_outcome(
            entry.attempt_id, outcome=decision.outcome, evidence=decision.evidence, at=desk.clock.now()
        )


async def report(desk: Desk) -> tuple[tuple[Job, ...] | None, bool]:
    """Tell every outcome the scheduler does not have yet; its word is final for the journal.

    The station's jobs as last answered (None: ask), and whether something was sent that the office says it never armed.
    """
    told: tuple[Job, ...] | None = None
    knows_more = False
    for entry in desk.journal.unreported():
        assert entry.outcome is not None
        said = Report(
            station=desk.settings.station,
            fence=entry.fence,
            run=entry.run,
            nonce=entry.nonce,
            state=entry.outcome,
            evidence=entry.evidence,
        )
        try:
            told = (await desk.office.report(entry.attempt_id, said)).jobs
        except Refused as refused:
            # Not armed after all (the answer to arm was lost and the attempt freed), or unknown there.
            log.warning("outcome_refused", attempt_id=entry.attempt_id, cause=refused.slug)
            if refused.slug == "not-armed" and entry.intent_at is None:
                # Still reserved for us: the question never reached the database, it is asked anew.
                desk.journal.forget_arming(entry.attempt_id)
                continue
            knows_more = knows_more or entry.intent_at is not None
        failpoints.hit("station.reported")
        desk.journal.record_reported(entry.attempt_id, at=desk.clock.now())
    return told, knows_more


async def tell_journal(desk: Desk, epoch: int) -> None:
    """Tell the journal whole, page by page, between two cards: what it says is then all that this station did."""
    since = desk.clock.now() - timedelta(days=desk.settings.journal_days)
    pages = list(desk.journal.pages(since, PAGE))
    for n, page in enumerate(pages, start=1):
        told = tuple(map(_told, page))
        await desk.office.journal(JournalPage(epoch=epoch, run=desk.run, entries=told, last=n == len(pages)))
    log.info("journal_told", epoch=epoch)


def _told(entry: Entry) -> JournalEntry:
    return JournalEntry(
        attempt_id=entry.attempt_id,
        application_id=entry.application_id,
        approval_id=entry.approval_id,
        receipt_number=entry.receipt_number,
        fence=entry.fence,
        nonce=entry.nonce,
        run=entry.run,
        intended_at=entry.intent_at,
        reference=entry.reference,
        outcome=entry.outcome,
        evidence=entry.evidence,
        outcome_at=entry.outcome_at,
    )

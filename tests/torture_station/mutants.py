"""Planted faults that concern printing: each a few words of the source replaced, in the mutant's own process only."""

from tests.torture.mutants import Patch

CARD, PAST, STATION = (f"printer_agent.use_cases.{name}" for name in ("card", "past", "station"))
DOMAIN = "printer_agent.domain"
ATTEMPTS, STATIONS = "scheduler.store.attempts", "scheduler.store.stations"

SUBMIT = "            reference = await desk.session.submit(prepared, job.attempt_id, created)\n"
WRITE = """        decision = await self._send(job, arm, prepared, asked)
        self._unwritten = (job.attempt_id, decision, self._desk.clock.now())
        self.write_down()
"""
INTENT = "            journal.record_intent(job.attempt_id, at=self._desk.clock.now())\n"

MUTANTS: dict[str, tuple[Patch, ...]] = {
    "retry_after_intent": (
        Patch(
            CARD,
            SUBMIT,
            f"            try:\n    {SUBMIT}            except SessionError:\n    {SUBMIT}",
        ),
    ),
    "armed_is_resumed_after_restart": (
        Patch(PAST, "for entry in desk.journal.open_attempts():", "for entry in ():"),
        Patch(
            STATION,
            'held if held.state == "armed" and self._card.asked(held) is not None else None',
            'held if held.state == "armed" else None',
        ),
        Patch(
            CARD,
            "        nonce = self.asked(job) or desk.ids.new()\n",
            """        known = desk.journal.entry(job.attempt_id)
        if known is not None:
            return Arm(station=desk.settings.station, fence=job.fence, run=known.run, nonce=known.nonce)
        nonce = desk.ids.new()
""",
        ),
        Patch(CARD, INTENT, f"            if journal.entry(job.attempt_id).intent_at is None:\n    {INTENT}"),
    ),
    "a_timer_releases_armed": (
        Patch(
            ATTEMPTS,
            "WHERE x.state = 'reserved' AND NOT o.recovering",
            "WHERE x.state IN ('reserved', 'armed')",
        ),
        Patch(
            ATTEMPTS,
            "FROM p WHERE p.id = a.application_id AND a.state = 'reserved'",
            "FROM p WHERE p.id = a.application_id AND a.state IN ('reserved', 'armed')",
        ),
        Patch(STATIONS, "AND a.state = 'reserved')", "AND a.state IN ('reserved', 'armed'))"),
    ),
    "uncertain_is_tried_again": (
        Patch(ATTEMPTS, "ELSE $5 END AS said", "WHEN $5 = 'uncertain' THEN 'released' ELSE $5 END AS said"),
    ),
    "outcome_before_effect": (
        Patch(
            CARD,
            WRITE,
            """        self._unwritten = (job.attempt_id, Decision(outcome="printed", evidence={}), self._desk.clock.now())
        self.write_down()
        await self._send(job, arm, prepared, asked)
""",
        ),
    ),
    "absent_is_not_printed": (
        Patch(
            DOMAIN,
            'return Decision(outcome="uncertain", evidence={"cause": cause, "resolved": resolved})',
            'return Decision(outcome="released", evidence={"cause": cause, "resolved": resolved})',
        ),
    ),
    "a_spooler_is_evidence": (
        Patch(
            DOMAIN,
            'if intended and resolved == "printed" and evidence == "device":',
            'if resolved == "printed":',
        ),
        Patch(
            DOMAIN,
            '"printed" if resolved == "printed" and evidence == "device" else',
            '"printed" if resolved == "printed" else',
        ),
        Patch(ATTEMPTS, "AND held.evidence = 'spooler' THEN", "AND held.evidence = 'nobody' THEN"),
    ),
    "arm_asks_for_no_fence": (
        Patch(
            ATTEMPTS,
            "WHERE a.id = $1 AND a.fence = $2 AND a.station = $5 AND a.state = 'reserved'",
            "WHERE a.id = $1 AND $2::bigint > 0 AND a.station = $5 AND a.state = 'reserved'",
        ),
    ),
    "arm_asks_for_no_run": (
        Patch(ATTEMPTS, "AND s.state = 'running' AND s.run = $3", "AND s.state = 'running'"),
    ),
    "arm_asks_for_no_nonce": (
        Patch(
            "scheduler.use_cases.printing",
            'if row["state"] == "armed" and row["nonce"] == asked.nonce:',
            'if row["state"] == "armed":',
        ),
    ),
    "a_blank_is_given_back_twice": (
        Patch(
            "scheduler.use_cases.verdicts",
            '    await stock.post(tx, row["office"], [entry], actor=by.name,',
            """    if change == ("uncertain", "released"):
        await stock.post(tx, row["office"], [entry], actor=by.name)
    await stock.post(tx, row["office"], [entry], actor=by.name,""",
        ),
    ),
    "journal_without_intent": (Patch(CARD, INTENT, "            pass\n"),),
    "no_last_look_before_the_send": (
        Patch(
            CARD,
            "        if Moment.now(clock).seconds_since(asked) > settings.freeze:\n            raise NotSent(LATE)\n",
            "        return asked\n",
        ),
    ),
}
"""By name. Each must be caught within 50 schedules."""

"""Planted faults that concern messaging: each a few words of the source replaced, in the mutant's own processes only.

Nothing is imported here: `planted/sitecustomize.py` reads this file at the start of a process.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patch:
    """In `module`, `old` (which stands there once) gives way to `new`."""

    module: str
    old: str
    new: str


MUTANTS: dict[str, tuple[Patch, ...]] = {
    "ack_before_commit": (
        Patch(
            "backbone.rabbit.reader",
            """        failpoints.hit("broker.before_ack")
        async with answered():
            await batch[-1].ack(multiple=True)
""",
            """        failpoints.hit("broker.before_ack")
""",
        ),
        Patch(
            "backbone.rabbit.reader",
            "        for work in self._work(batch):\n",
            """        async with answered():
            await batch[-1].ack(multiple=True)
        for work in self._work(batch):
""",
        ),
    ),
    "unroutable_is_success": (Patch("backbone.rabbit.publisher", "mandatory=True", "mandatory=False"),),
    "doubt_is_success": (
        Patch(
            "backbone.rabbit.publisher",
            """error=type(error).__name__)
            return Fate.LOST""",
            """error=type(error).__name__)
            return Fate.TAKEN""",
        ),
    ),
    "relay_deletes_first": (
        Patch(
            "backbone.outbox",
            """            if letters:
                await self._keep(transaction, await self._broker.publish([_letter(row) for row in letters]))
""",
            """        if letters:
            left = await self._broker.publish([_letter(row) for row in letters])
            async with self._database.transaction() as transaction:
                await self._keep(transaction, left)
""",
        ),
    ),
    "sweep_off": (
        Patch(
            "scheduler.use_cases.sweep",
            "    await desk.database.retrying(lambda tx: late_commands(desk, tx))\n",
            "    return None\n",
        ),
        Patch(
            "intake.use_cases.sweep",
            "await _tell_all(desk)",
            "pass",
        ),
    ),
    "status_in_any_order": (
        Patch("intake.store.applications", " AND (n.epoch, n.seq) > (a.state_epoch, a.state_seq)", ""),
    ),
    "answer_not_repeated": (
        Patch("datacenter_gateway.use_cases.requests", "tx.owe(answered(answer))", "pass"),
    ),
    "duplicate_starts_again": (
        Patch(
            "scheduler.store.applications",
            "sealed FROM given ORDER BY id ON CONFLICT (id) DO NOTHING RETURNING *",
            "sealed FROM given ORDER BY id ON CONFLICT (id) DO UPDATE SET state = 'waiting' RETURNING *",
        ),
        Patch(
            "scheduler.store.applications",
            """  FROM new JOIN office o ON o.code = new.office)
SELECT new.*, o.epoch FROM new""",
            """  FROM new JOIN office o ON o.code = new.office ON CONFLICT DO NOTHING)
SELECT new.*, o.epoch FROM new""",
        ),
    ),
    "infrastructure_drops_the_batch": (
        Patch(
            "backbone.rabbit.reader",
            "            seconds = min(30.0, 2 * seconds)\n",
            "            return True\n",
        ),
    ),
}
"""By name. Each must be caught within 50 schedules."""

"""Why a call may not start now, and when to look again. Pure; the permit itself is one SQL statement, with these terms."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from datacenter_gateway.domain.account import Block, State

Reason = Literal["nothing_waits", "shut", "held", "quota", "closing", "probe", "rate", "raced"]

SMALL = 0.5
"""Seconds on top of the expected time of calls."""
SPREAD = 1.5
"""How much longer than the measured mean a call may be expected to take."""
RACED = timedelta(seconds=1)
"""Another caller's permit came between our two looks."""
HELD = timedelta(seconds=5)
"""What is left of the quota is kept for the second calls of started requests; their end rings the bell."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a refused permit sees, by the database's clock. `gap_left` <= 0: the rate allows a start.

    `in_flight`: started requests that may each need one call more of the quota (0 for a second call).
    """

    waiting: bool
    state: State
    block: Block | None
    quota_left: int | None
    in_flight: int
    seconds_to_close: float | None
    gap: float
    gap_left: timedelta
    call_seconds: float
    probe_left: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Denial:
    """`again`: how long to wait; None where a bell, or the window, tells."""

    reason: Reason
    again: timedelta | None = None


def drain(calls: int, call_seconds: float, gap: float) -> float:
    """Seconds that so many calls, one after the other, may be expected to take from now."""
    return calls * call_seconds * SPREAD + (calls - 1) * gap + SMALL


def explain(look: Look, calls: int) -> Denial:
    """Why the permit for the first of `calls` calls was refused: the first term that fails."""
    open_enough = look.state == "open" or (calls == 1 and look.block == "closing")
    needed = drain(calls, look.call_seconds, look.gap)
    short = look.quota_left is not None and look.quota_left < calls + look.in_flight
    probe_left = look.probe_left or timedelta()
    terms = (
        (not look.waiting, Denial(reason="nothing_waits")),
        (not open_enough, Denial(reason="shut")),
        (short and look.in_flight > 0, Denial(reason="held", again=HELD)),
        (short, Denial(reason="quota")),
        (look.seconds_to_close is not None and look.seconds_to_close < needed, Denial(reason="closing")),
        (probe_left > timedelta(), Denial(reason="probe", again=probe_left)),
        (look.gap_left > timedelta(), Denial(reason="rate", again=look.gap_left)),
    )
    return next((denial for failed, denial in terms if failed), Denial(reason="raced", again=RACED))

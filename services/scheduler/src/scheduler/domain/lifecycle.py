"""The two machines: an application on its way to a card, and one attempt at one physical card.

The tables say which change of state is ever right; who may cause it, and when, is the use cases' business.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from backbone.contracts.gateway import Outcome
from backbone.contracts.scheduler import State
from backbone.contracts.station import AttemptState

Actor = Literal["nobody", "applicant", "officer", "office"]

APPLICATION_STATES: Final[tuple[State, ...]] = get_args(State)
ATTEMPT_STATES: Final[tuple[AttemptState, ...]] = get_args(AttemptState)

APPLICATION_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "waiting": frozenset({"verifying", "in_review", "withdrawn"}),
    "deferred": frozenset({"waiting", "in_review", "withdrawn"}),
    "verifying": frozenset(
        {"approved", "needs_correction", "in_review", "refused", "deferred", "waiting", "withdrawn"}
    ),
    "approved": frozenset({"printing", "waiting", "in_review", "withdrawn"}),
    "printing": frozenset({"printed", "approved", "waiting", "in_review", "withdrawn"}),
    "printed": frozenset({"waiting", "lapsed"}),
    "needs_correction": frozenset({"waiting", "in_review", "withdrawn", "lapsed"}),
    "in_review": frozenset({"waiting", "needs_correction", "refused", "withdrawn"}),
    "refused": frozenset({"waiting"}),
    "withdrawn": frozenset(),
    "lapsed": frozenset({"waiting", "printed"}),
}
"""No way leads past the gateway: `approved` comes from `verifying`, or back from `printing` while still valid.
`printed -> waiting` is a card spoiled after printing; `refused -> waiting` a supervisor's reopening;
`lapsed -> printed` one where the card is still there to be handed over."""

ATTEMPT_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "reserved": frozenset({"armed", "released"}),
    "armed": frozenset({"printed", "uncertain", "released"}),
    "uncertain": frozenset({"printed", "spoiled", "released"}),
    "printed": frozenset({"spoiled"}),
    "spoiled": frozenset(),
    "released": frozenset(),
}

INITIAL_STATES: Final = frozenset({"waiting", "withdrawn"})
"""A row begins waiting, or as the tombstone of a withdrawal that overtook its application."""

TERMINAL_STATES: Final = frozenset({"refused", "withdrawn", "lapsed"})
"""Closed: the person may apply anew. (`collected`, which closes a printed case, is intake's.)"""

OPEN_STATES: Final = frozenset(APPLICATION_STATES) - TERMINAL_STATES

RESTING_STATES: Final = TERMINAL_STATES | {"printed"}
"""Where rows pile up for ever: counted under one day, or the counts would grow without end."""

STATES_WITH_DUE: Final = frozenset({"deferred", "verifying", "needs_correction", "in_review", "printed"})
"""Left by a message or a person that may never come, so a date is kept; `in_review` may do without one, and a card that
was handed over does."""

LIVE_ATTEMPTS: Final = frozenset({"reserved", "armed", "uncertain"})
"""Hold a slot of their station and a blank."""

AT_THE_PRINTER: Final = frozenset({"armed", "uncertain"})
"""May be in the world; no timer touches them, and a station has at most one."""

CARD_STATES: Final = LIVE_ATTEMPTS | {"printed"}
"""An application has at most one attempt among these."""

FIRST_DEFERRAL: Final = timedelta(hours=1)
LONGEST_DEFERRAL: Final = timedelta(days=1)

_VERDICTS: Final[Mapping[str, State]] = {
    "approved": "approved",
    "needs_correction": "needs_correction",
    "in_review": "in_review",
    "refused": "refused",
    "deferred": "deferred",
    "returned": "waiting",
}

_ACTORS: Final[Mapping[str, Actor]] = {
    "waiting": "office",
    "deferred": "nobody",
    "verifying": "office",
    "approved": "office",
    "printing": "office",
    "printed": "applicant",
    "needs_correction": "applicant",
    "in_review": "officer",
    "refused": "nobody",
    "withdrawn": "nobody",
    "lapsed": "nobody",
}


def may_move(old: str, new: str, moves: Mapping[str, frozenset[str]] = APPLICATION_MOVES) -> bool:
    """Whether the table allows this change of state; staying is no change, an unknown state moves nowhere."""
    return new in moves.get(old, frozenset())


def verdict_state(outcome: Outcome | Literal["returned"]) -> State:
    """The state a verifying application takes on the gateway's word; `returned` was not asked: back to its place."""
    return _VERDICTS[outcome]


def after_unprinted(approved_until: datetime | None, now: datetime) -> Literal["approved", "waiting"]:
    """Where an application goes whose attempt made no card: its approval serves again only if it still holds."""
    return "approved" if approved_until is not None and approved_until > now else "waiting"


def reopened(state: str, *, card_there: bool) -> Literal["waiting", "printed"] | None:
    """What a closed case becomes when a supervisor reopens it; None where it never is. `card_there`: a good one lies ready."""
    if state not in ("refused", "lapsed"):
        return None
    return "printed" if card_there else "waiting"


def who_acts(state: State) -> Actor:
    """Whose move it is: the applicant corrects or collects, an officer decides, the office works, nobody can hurry."""
    return _ACTORS[state]


def defer_until(now: datetime, times: int) -> datetime:
    """When to ask again about a record that is not ready; `times`: how often it was deferred before (0 at first).

    One hour, doubling, at most a day.
    """
    hours = 1 << min(times, 5)
    return now + min(LONGEST_DEFERRAL, hours * FIRST_DEFERRAL)

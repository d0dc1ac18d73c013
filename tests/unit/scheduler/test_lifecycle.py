"""The two machines, walked at random together with the ledger they move blanks in."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backbone.contracts.gateway import Outcome
from backbone.contracts.scheduler import State
from scheduler.domain import ledger
from scheduler.domain.lifecycle import (
    APPLICATION_MOVES,
    APPLICATION_STATES,
    AT_THE_PRINTER,
    ATTEMPT_MOVES,
    ATTEMPT_STATES,
    CARD_STATES,
    INITIAL_STATES,
    LIVE_ATTEMPTS,
    OPEN_STATES,
    RESTING_STATES,
    STATES_WITH_DUE,
    TERMINAL_STATES,
    after_unprinted,
    defer_until,
    may_move,
    reopened,
    verdict_state,
    who_acts,
)

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reachable(start: str) -> set[str]:
    found, edge = {start}, [start]
    while edge:
        news = APPLICATION_MOVES[edge.pop()] - found
        found |= news
        edge += news
    return found


def test_the_tables_know_every_state_of_the_contracts() -> None:
    assert (set(APPLICATION_MOVES), set(ATTEMPT_MOVES)) == (set(APPLICATION_STATES), set(ATTEMPT_STATES))


@pytest.mark.parametrize("moves", [APPLICATION_MOVES, ATTEMPT_MOVES])
def test_no_move_leads_out_of_the_table_or_nowhere(moves: dict[str, frozenset[str]]) -> None:
    assert all(targets <= set(moves) - {state} for state, targets in moves.items())


def test_every_state_can_be_reached() -> None:
    assert set.union(*map(reachable, INITIAL_STATES)) == set(APPLICATION_STATES)


@pytest.mark.parametrize("state", sorted(OPEN_STATES | {"refused"}))
def test_no_open_case_is_a_dead_end(state: str) -> None:
    assert reachable(state) >= {"printed", "lapsed", "withdrawn"}


def test_what_is_withdrawn_stays_withdrawn() -> None:
    assert APPLICATION_MOVES["withdrawn"] == frozenset()


def test_a_lapsed_case_may_be_taken_up_again_or_its_card_be_handed_over() -> None:
    assert APPLICATION_MOVES["lapsed"] == {"waiting", "printed"}


@pytest.mark.parametrize("state", APPLICATION_STATES)
@pytest.mark.parametrize("card_there", [True, False])
def test_what_is_reopened_takes_a_way_of_the_table(state: str, card_there: bool) -> None:
    new = reopened(state, card_there=card_there)

    assert (new is None) == (state not in ("refused", "lapsed"))
    assert new is None or may_move(state, "waiting" if state == "refused" else new)


def test_a_lapsed_case_whose_card_lies_there_is_ready_again() -> None:
    assert reopened("lapsed", card_there=True) == "printed"
    assert reopened("lapsed", card_there=False) == "waiting"


def test_a_refusal_is_only_ever_reopened() -> None:
    assert APPLICATION_MOVES["refused"] == {"waiting"}


def test_only_the_gateway_approves() -> None:
    assert {old for old in APPLICATION_STATES if may_move(old, "approved")} == {"verifying", "printing"}


def test_only_an_approved_application_is_printed() -> None:
    assert {old for old in APPLICATION_STATES if may_move(old, "printing")} == {"approved"}


def test_staying_is_no_move() -> None:
    assert not may_move("waiting", "waiting")


def test_an_unknown_state_moves_nowhere() -> None:
    assert not may_move("collected", "waiting")


def test_nothing_but_arming_leaves_reserved_except_its_release() -> None:
    assert may_move("reserved", "armed", ATTEMPT_MOVES)
    assert not may_move("reserved", "printed", ATTEMPT_MOVES)


def test_an_uncertain_card_never_goes_back_to_the_printer() -> None:
    assert not may_move("uncertain", "armed", ATTEMPT_MOVES)


def test_a_case_is_either_open_or_closed() -> None:
    assert OPEN_STATES.isdisjoint(TERMINAL_STATES)
    assert set(APPLICATION_STATES) == OPEN_STATES | TERMINAL_STATES


def test_what_is_closed_rests() -> None:
    assert TERMINAL_STATES < RESTING_STATES


def test_only_open_states_carry_a_date() -> None:
    assert STATES_WITH_DUE < OPEN_STATES


def test_what_may_be_in_the_world_holds_a_slot_and_counts_as_a_card() -> None:
    assert AT_THE_PRINTER < LIVE_ATTEMPTS < CARD_STATES


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_word_of_the_gateway_is_a_move_from_verifying(outcome: Outcome) -> None:
    assert may_move("verifying", verdict_state(outcome))


def test_what_was_not_asked_goes_back_to_its_place() -> None:
    assert verdict_state("returned") == "waiting"


@pytest.mark.parametrize(
    ("until", "state"),
    [(NOON + HOUR, "approved"), (NOON, "waiting"), (NOON - HOUR, "waiting"), (None, "waiting")],
)
def test_an_approval_serves_again_only_while_it_holds(until: datetime | None, state: str) -> None:
    assert after_unprinted(until, NOON) == state


@pytest.mark.parametrize(
    ("state", "actor"),
    [
        ("waiting", "office"),
        ("deferred", "nobody"),
        ("verifying", "office"),
        ("approved", "office"),
        ("printing", "office"),
        ("printed", "applicant"),
        ("needs_correction", "applicant"),
        ("in_review", "officer"),
        ("refused", "nobody"),
        ("withdrawn", "nobody"),
        ("lapsed", "nobody"),
    ],
)
def test_it_is_said_whose_move_it_is(state: State, actor: str) -> None:
    assert who_acts(state) == actor


@pytest.mark.parametrize(("times", "hours"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 24), (1000, 24)])
def test_a_deferral_doubles_up_to_a_day(times: int, hours: int) -> None:
    assert defer_until(NOON, times) == NOON + hours * HOUR


class CaseMachine(RuleBasedStateMachine):
    """One application, its attempts and the blanks of one station, moved only as the tables allow."""

    def __init__(self) -> None:
        super().__init__()
        self.state = "waiting"
        self.attempts: list[str] = []
        self.valid = False
        self.approvals_used = 0
        delivery = ledger.Move(source="received", target="on_hand", cause="delivery", n=3)
        self.stock = ledger.post({}, delivery)

    def move(self, new: str) -> None:
        assert may_move(self.state, new)
        self.state = new

    def attempt(self, old: str | None, new: str) -> None:
        if old is None:
            self.attempts.append(new)
        else:
            assert may_move(old, new, ATTEMPT_MOVES)
            self.attempts[-1] = new
        if (entry := ledger.attempt_move(old, new)) is not None:
            self.stock = ledger.post(self.stock, entry)

    def at(self, *states: str) -> bool:
        return self.state == "printing" and self.attempts[-1] in states

    @precondition(lambda self: self.state == "waiting")
    @rule()
    def ask(self) -> None:
        self.move("verifying")

    @precondition(lambda self: self.state == "verifying")
    @rule(outcome=st.sampled_from([*get_args(Outcome), "approved", "returned"]))
    def answer(self, outcome: Outcome) -> None:
        self.move(verdict_state(outcome))
        self.valid = self.state == "approved"

    @precondition(lambda self: self.state in {"deferred", "needs_correction", "in_review", "refused"})
    @rule()
    def come_back(self) -> None:
        self.move("waiting")

    @precondition(lambda self: self.state == "approved" and self.stock["on_hand"] > 0)
    @rule()
    def reserve(self) -> None:
        self.move("printing")
        self.attempt(None, "reserved")

    @rule()
    def expire(self) -> None:
        self.valid = False
        if self.state == "approved":
            self.move("waiting")

    @precondition(lambda self: self.at("reserved"))
    @rule()
    def arm(self) -> None:
        self.attempt("reserved", "armed")

    @precondition(lambda self: self.at("armed"))
    @rule(new=st.sampled_from(["printed", "uncertain"]))
    def report(self, new: str) -> None:
        self.attempt("armed", new)
        if new == "printed":
            self.move("printed")

    @precondition(lambda self: self.at("reserved", "armed", "uncertain"))
    @rule()
    def release(self) -> None:
        self.attempt(self.attempts[-1], "released")
        self.unprinted()

    @precondition(lambda self: self.at("uncertain"))
    @rule(new=st.sampled_from(["printed", "spoiled"]))
    def reconcile(self, new: str) -> None:
        self.attempt("uncertain", new)
        if new == "printed":
            self.move("printed")
        else:
            self.unprinted()

    @precondition(lambda self: self.state == "printed")
    @rule()
    def spoil(self) -> None:
        self.attempt("printed", "spoiled")
        self.move("waiting")

    @precondition(lambda self: may_move(self.state, "withdrawn") and not self.at("armed", "uncertain"))
    @rule()
    def withdraw(self) -> None:
        if self.at("reserved"):
            self.attempt("reserved", "released")
        self.move("withdrawn")

    def unprinted(self) -> None:
        self.move(after_unprinted(NOON + HOUR if self.valid else None, NOON))

    @invariant()
    def one_card(self) -> None:
        assert sum(attempt in CARD_STATES for attempt in self.attempts) <= 1

    @invariant()
    def a_live_attempt_exactly_while_printing(self) -> None:
        live = [attempt for attempt in self.attempts if attempt in LIVE_ATTEMPTS]
        assert len(live) == (self.state == "printing")

    @invariant()
    def a_good_card_exactly_when_printed(self) -> None:
        assert ("printed" in self.attempts) == (self.state == "printed")

    @invariant()
    def no_blank_is_lost(self) -> None:
        assert ledger.is_balanced(self.stock)

    @invariant()
    def every_attempt_is_in_the_ledger(self) -> None:
        held = self.stock["booked"] + self.stock["uncertain"] + self.stock["printed"]
        assert held == sum(attempt in CARD_STATES for attempt in self.attempts)


TestCase = CaseMachine.TestCase
TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

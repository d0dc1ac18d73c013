"""Blanks by double entry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ledger import (
    ACCOUNTS,
    ATTEMPT_ENTRIES,
    HOLDINGS,
    MOVES,
    Move,
    Overdrawn,
    attempt_move,
    count_moves,
    destruction_moves,
    is_balanced,
    post,
    reckon,
    transfer_moves,
)
from scheduler.domain.lifecycle import ATTEMPT_MOVES

EVERY_MOVE = sorted((source, target, cause) for (source, target), causes in MOVES.items() for cause in causes)

moves = st.builds(
    lambda move, n: Move(source=move[0], target=move[1], cause=move[2], n=n),
    st.sampled_from(EVERY_MOVE),
    st.integers(1, 5),
)


def after(balances: dict[str, int], *given: Move) -> dict[str, int]:
    for move in given:
        balances = post(balances, move)
    return balances


def delivery(n: int) -> Move:
    return Move(source="received", target="on_hand", cause="delivery", n=n)


@settings(max_examples=100, deadline=None)
@given(st.lists(moves, max_size=40))
def test_whatever_happens_all_that_was_received_is_accounted_for(given: list[Move]) -> None:
    balances = post({}, delivery(50))

    for move in given:
        try:
            balances = post(balances, move)
        except Overdrawn:
            continue
        assert is_balanced(balances)
        assert min(balances.values()) >= 0


def test_moves_stand_between_known_accounts() -> None:
    assert {account for pair in MOVES for account in pair} == set(ACCOUNTS)


def test_a_cause_names_one_move_only() -> None:
    causes = [cause for _, _, cause in EVERY_MOVE]

    assert len(causes) == len(set(causes))


def test_a_move_takes_from_one_account_what_it_gives_to_another() -> None:
    balances = after({}, delivery(5), Move(source="on_hand", target="returned", cause="return", n=2))

    assert {account: n for account, n in balances.items() if n} == {
        "received": 5,
        "on_hand": 3,
        "returned": 2,
    }


def test_blanks_that_go_to_another_station_leave_what_was_received() -> None:
    balances = after({}, delivery(5), Move(source="on_hand", target="received", cause="transfer_out", n=2))

    assert (balances["received"], balances["on_hand"]) == (3, 3)


def test_nothing_is_taken_from_an_empty_account() -> None:
    with pytest.raises(Overdrawn, match="on_hand holds 1, 2 asked"):
        after({}, delivery(1), Move(source="on_hand", target="returned", cause="return", n=2))


def test_a_move_that_is_not_in_the_table_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no move from printed to on_hand by release"):
        Move(source="printed", target="on_hand", cause="release")


def test_a_cause_of_another_move_does_not_do() -> None:
    with pytest.raises(ValueError, match="by delivery"):
        Move(source="on_hand", target="booked", cause="delivery")


def test_a_move_of_nothing_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one"):
        delivery(0)


def test_every_change_of_an_attempt_but_arming_moves_a_blank() -> None:
    changes = {(old, new) for old, targets in ATTEMPT_MOVES.items() for new in targets}

    assert set(ATTEMPT_ENTRIES) == (changes - {("reserved", "armed")}) | {(None, "reserved")}


def test_every_entry_of_an_attempt_is_a_move_with_one_cause() -> None:
    assert all(len(MOVES[pair]) == 1 for pair in ATTEMPT_ENTRIES.values())


def test_an_attempt_begins_by_booking_a_blank() -> None:
    assert attempt_move(None, "reserved") == Move(source="on_hand", target="booked", cause="reserve")


def test_arming_moves_no_blank() -> None:
    assert attempt_move("reserved", "armed") is None


def walks(state: str) -> list[list[str]]:
    return [[state]] + [[state, *walk] for target in sorted(ATTEMPT_MOVES[state]) for walk in walks(target)]


@pytest.mark.parametrize("walk", walks("reserved"), ids="-".join)
def test_an_attempt_holds_its_one_blank_until_it_is_closed(walk: list[str]) -> None:
    changes = zip([None, *walk], walk, strict=False)
    balances = after({}, delivery(1), *(move for old, new in changes if (move := attempt_move(old, new))))

    account = {"reserved": "booked", "armed": "booked", "released": "on_hand"}.get(walk[-1], walk[-1])
    assert [name for name in HOLDINGS if balances[name]] == [account]


@pytest.mark.parametrize(
    ("on_hand", "missing", "counted", "expected"),
    [
        (10, 0, 10, []),
        (10, 0, 7, [("count_short", 3)]),
        (10, 0, 12, [("count_surplus", 2)]),
        (10, 3, 12, [("found", 2)]),
        (10, 3, 15, [("found", 3), ("count_surplus", 2)]),
    ],
)
def test_a_count_is_made_good_by_moves(
    on_hand: int, missing: int, counted: int, expected: list[tuple[str, int]]
) -> None:
    assert [(move.cause, move.n) for move in count_moves(on_hand, missing, counted)] == expected


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 40))
def test_after_a_count_the_ledger_says_what_was_counted(on_hand: int, missing: int, counted: int) -> None:
    balances = {"received": on_hand + missing, "on_hand": on_hand, "missing": missing}

    balances = after(balances, *count_moves(on_hand, missing, counted))

    assert balances.get("on_hand") == counted
    assert is_balanced(balances)


@pytest.mark.parametrize(
    ("counted", "difference", "moved"),
    [
        (12, 0, []),
        (9, -3, [("count_short", 3)]),
        (15, 3, [("found", 1), ("count_surplus", 2)]),
        (1, -11, [("count_short", 10)]),
    ],
)
def test_a_shift_count_is_reckoned_with_the_blanks_of_reserved_cards(
    counted: int, difference: int, moved: list[tuple[str, int]]
) -> None:
    found = reckon(on_hand=10, reserved=2, missing=1, counted=counted)

    assert (found.expected, found.difference) == (12, difference)
    assert [(move.cause, move.n) for move in found.moves] == moved


def test_a_transfer_leaves_one_place_and_reaches_another() -> None:
    out, into = transfer_moves(4)
    here = post(after({}, delivery(10)), out)
    there = post({}, into)

    assert (here["on_hand"], there["on_hand"]) == (6, 4)
    assert is_balanced(here)
    assert is_balanced(there)


@pytest.mark.parametrize(
    ("cards", "blanks", "expected"),
    [
        (2, 0, [("spoiled", 2)]),
        (0, 3, [("on_hand", 3)]),
        (2, 3, [("spoiled", 2), ("on_hand", 3)]),
        (0, 0, []),
    ],
)
def test_what_is_destroyed_was_spoiled_or_damaged(
    cards: int, blanks: int, expected: list[tuple[str, int]]
) -> None:
    moves = destruction_moves(cards, blanks)

    assert [(move.source, move.n) for move in moves] == expected
    assert {move.target for move in moves} <= {"destroyed"}

"""Blanks by double entry, per station and for the office's store.

`received = on_hand + booked + uncertain + printed + spoiled + destroyed + returned + missing` holds at all times,
because every move takes from one account what it gives to another. `received` is the outside world: what came in
less what went on to another station; it is the sum of the others, never a holding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RECEIVED: Final = "received"
HOLDINGS: Final[tuple[str, ...]] = (
    "on_hand",
    "booked",
    "uncertain",
    "printed",
    "spoiled",
    "destroyed",
    "returned",
    "missing",
)
ACCOUNTS: Final[tuple[str, ...]] = (RECEIVED, *HOLDINGS)

PAPERS: Final = ("count", "transfer", "test_card", "return", "destruction")
"""Acts on stock that take two persons and bear a number, once an office and kind."""

Pair = tuple[str, str]

MOVES: Final[Mapping[Pair, frozenset[str]]] = {
    ("received", "on_hand"): frozenset({"delivery", "transfer_in", "count_surplus"}),
    ("on_hand", "received"): frozenset({"delivery_corrected", "transfer_out"}),
    ("on_hand", "booked"): frozenset({"reserve"}),
    ("booked", "on_hand"): frozenset({"release"}),
    ("booked", "printed"): frozenset({"printed"}),
    ("booked", "uncertain"): frozenset({"uncertain"}),
    ("on_hand", "uncertain"): frozenset({"found_after_restore"}),
    ("uncertain", "printed"): frozenset({"found_printed"}),
    ("uncertain", "spoiled"): frozenset({"found_spoiled"}),
    ("uncertain", "on_hand"): frozenset({"found_intact"}),
    ("printed", "spoiled"): frozenset({"spoiled"}),
    ("spoiled", "destroyed"): frozenset({"destroyed"}),
    ("on_hand", "spoiled"): frozenset({"test_card", "misfeed"}),
    ("on_hand", "destroyed"): frozenset({"damaged_blank"}),
    ("on_hand", "returned"): frozenset({"return"}),
    ("on_hand", "missing"): frozenset({"count_short"}),
    ("missing", "on_hand"): frozenset({"found"}),
}
"""Every (source, target) there is, with what may cause it."""

ATTEMPT_ENTRIES: Final[Mapping[tuple[str | None, str], Pair]] = {
    (None, "reserved"): ("on_hand", "booked"),
    ("reserved", "released"): ("booked", "on_hand"),
    ("armed", "released"): ("booked", "on_hand"),
    ("armed", "printed"): ("booked", "printed"),
    ("armed", "uncertain"): ("booked", "uncertain"),
    ("uncertain", "printed"): ("uncertain", "printed"),
    ("uncertain", "spoiled"): ("uncertain", "spoiled"),
    ("uncertain", "released"): ("uncertain", "on_hand"),
    ("printed", "spoiled"): ("printed", "spoiled"),
}
"""The move that goes with an attempt's change of state; arming moves no blank."""


class Overdrawn(ValueError):
    """A move would take more than its account holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """`n` blanks from one account to another, and what caused it."""

    source: str
    target: str
    cause: str
    n: int = 1

    def __post_init__(self) -> None:
        if self.cause not in MOVES.get((self.source, self.target), frozenset()):
            raise ValueError(f"no move from {self.source} to {self.target} by {self.cause}")
        if self.n < 1:
            raise ValueError("a move takes at least one blank")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoning:
    """A count beside the books: `difference` is signed, counted less expected; the moves make the books agree."""

    expected: int
    difference: int
    moves: tuple[Move, ...]


def attempt_move(old: str | None, new: str) -> Move | None:
    """The move of one blank that goes with an attempt's change of state (`old` None: it begins); None: no blank moves."""
    pair = ATTEMPT_ENTRIES.get((old, new))
    if pair is None:
        return None
    (cause,) = MOVES[pair]
    return Move(source=pair[0], target=pair[1], cause=cause)


def count_moves(on_hand: int, missing: int, counted: int) -> tuple[Move, ...]:
    """The moves that make the ledger agree with a count; what is there again comes out of `missing` first."""
    if counted < on_hand:
        return (Move(source="on_hand", target="missing", cause="count_short", n=on_hand - counted),)
    found = min(missing, counted - on_hand)
    surplus = counted - on_hand - found
    moves = (
        (found, "missing", "found"),
        (surplus, RECEIVED, "count_surplus"),
    )
    return tuple(Move(source=source, target="on_hand", cause=cause, n=n) for n, source, cause in moves if n)


def reckon(*, on_hand: int, reserved: int, missing: int, counted: int) -> Reckoning:
    """What a count at shift end means. Blanks of reserved cards still lie in the hopper; that of an armed one does not."""
    expected = on_hand + reserved
    moves = count_moves(on_hand, missing, max(0, counted - reserved))
    return Reckoning(expected=expected, difference=counted - expected, moves=moves)


def transfer_moves(n: int) -> tuple[Move, Move]:
    """Both sides of a transfer: out of the one place, into the other."""
    out = Move(source="on_hand", target=RECEIVED, cause="transfer_out", n=n)
    return out, Move(source=RECEIVED, target="on_hand", cause="transfer_in", n=n)


def destruction_moves(cards: int, blanks: int) -> tuple[Move, ...]:
    """Spoiled cards and damaged blanks that were destroyed under one record."""
    moves = (("spoiled", "destroyed", cards), ("on_hand", "damaged_blank", blanks))
    return tuple(Move(source=source, target="destroyed", cause=cause, n=n) for source, cause, n in moves if n)


def post(balances: Mapping[str, int], move: Move) -> dict[str, int]:
    """The balances after a move. Raises Overdrawn where a holding would fall below nothing."""
    after = {account: balances.get(account, 0) for account in ACCOUNTS}
    after[move.source] += move.n if move.source == RECEIVED else -move.n
    after[move.target] += -move.n if move.target == RECEIVED else move.n
    for account in (move.source, move.target):
        if after[account] < 0:
            raise Overdrawn(f"{account} holds {balances.get(account, 0)}, {move.n} asked")
    return after


def is_balanced(balances: Mapping[str, int]) -> bool:
    """Whether everything received is accounted for."""
    return balances.get(RECEIVED, 0) == sum(balances.get(account, 0) for account in HOLDINGS)

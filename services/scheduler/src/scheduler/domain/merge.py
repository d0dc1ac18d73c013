"""The merge: which cards go next, out of all that wait at one office, at one stage (verify or print).

Every pick first gives each claim that has a card waiting its share as credit (`permille`; 1000 pay one card, 2000 are
the most it may save). If claims hold a card's worth, the one whose credit would be full first picks its first card by
rank; else the first card of all goes. Whatever the pick's cause, each claim that covers the card pays for it: a share
is a floor, not an extra. A claim with nothing waiting forgets its credit, so nothing bursts when it returns.

Whose credit is full first is the earliest deadline first: it keeps every share, up to 1000 per mille in all, and no
credit is ever lost. Most credit first does not: of shares of 894, 80 and 26 the largest would lose five cards.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import inf
from typing import Final, NamedTuple
from uuid import UUID

from scheduler.domain.policy import BY_RANK, KINDS, Claim, Policy

CARD: Final = 1000
MOST_CREDIT: Final = 2000

LaneKey = tuple[str, str | None]
"""A kind and a district; None: all of the kind's districts, in one order."""


class Head(NamedTuple):
    """A card that may go: waiting (verify) or printable approved (print). A tuple, as a release makes hundreds of them."""

    id: UUID
    kind: str
    district: str
    ranked_from: datetime


Entry = tuple[datetime, UUID, Head]
"""A card by its rank and its id."""


@dataclass(kw_only=True, slots=True)
class Lane:
    """The cards of one kind and district that were fetched, oldest first (`ranked_from`, then id).

    `district` None: a whole kind's. `exhausted`: there are no more behind them.
    """

    kind: str
    district: str | None
    heads: deque[Head]
    exhausted: bool

    @property
    def key(self) -> LaneKey:
        return (self.kind, self.district)

    def top_up(self, heads: Iterable[Head], *, exhausted: bool) -> None:
        """Append what stands behind the cards at hand."""
        self.heads.extend(heads)
        self.exhausted = exhausted

    def drop(self, gone: Container[UUID]) -> None:
        """Take cards that have gone from its front."""
        while self.heads and self.heads[0].id in gone:
            self.heads.popleft()


class Pick(NamedTuple):
    """A card that goes, and why: `rank` or the claim's name. `live`: the claims that had one waiting, in the policy's order."""

    head: Head
    why: str
    live: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """The picks in order and the credit after them. `hungry`: lanes of which more cards are to be known to go on."""

    picks: tuple[Pick, ...]
    credit: dict[str, int]
    hungry: frozenset[LaneKey]


def lanes_needed(policy: Policy) -> tuple[LaneKey, ...]:
    """Lanes that decide every pick: each kind as a whole, and of a claim on districts the lanes it covers."""
    claimed = {
        (kind, district)
        for claim in policy.claims
        for district in claim.districts
        for kind in KINDS
        if policy.claim_covers(claim, kind, district)
    }
    return (*((kind, None) for kind in KINDS), *sorted(claimed))


def release(
    lanes: Sequence[Lane], policy: Policy, credit: Mapping[str, int], want: int, at: datetime
) -> Release:
    """Take up to `want` cards off the lanes, for the moment `at`. Costs O(n log n) for n cards at hand.

    It stops early where a lane's cards ran out while there may be more; a lane of `want` cards never does. Lanes of
    suspended kinds are neither picked, nor hungry, nor do they keep a claim alive.
    """
    return Merge(lanes, policy, credit, at).take(want)


class Merge:
    """A release that may be gone on with: `take`, top the hungry lanes up, `take` the rest.

    Where a kind is there as a whole, its districts' lanes serve the claims on districts alone; a card may then stand in
    two lanes, and goes once. Such lanes must be of one moment: a card in one of them must not be missing in the other.
    One line of cards by rank, one per claim, made anew at each `take` out of the lanes' cards at hand.
    """

    def __init__(
        self, lanes: Sequence[Lane], policy: Policy, credit: Mapping[str, int], at: datetime
    ) -> None:
        names = {claim.name for claim in policy.claims}
        self.credit = {name: saved for name, saved in credit.items() if name in names}
        self._policy = policy
        self._lanes = [lane for lane in lanes if not policy.is_suspended(lane.kind, at)]
        whole = {lane.kind for lane in lanes if lane.district is None}
        self._alone = [lane for lane in self._lanes if lane.district is None or lane.kind not in whole]
        self._fed = [(claim, self._lanes_of(claim)) for claim in policy.claims]
        self._taken: set[UUID] = set()
        self._payers = _Payers(policy)

    def take(self, want: int) -> Release:
        """Up to `want` picks; fewer where lanes are hungry or nothing is left."""
        entries = {lane.key: self._entries(lane) for lane in self._lanes}
        every = _Line(self._alone, entries)
        claimed = [(claim, _Line(lanes, entries)) for claim, lanes in self._fed]
        lines = [every, *(line for _, line in claimed)]
        picks: list[Pick] = []
        hungry: list[LaneKey] = []
        while len(picks) < want and not (hungry := self._dry(lines)) and every.heads:
            picks.append(self._pick(every, claimed))
        for lane in self._lanes:
            lane.drop(self._taken)
        named = frozenset(hungry) if len(picks) < want else frozenset()
        return Release(picks=tuple(picks), credit=dict(self.credit), hungry=named)

    def _dry(self, lines: Iterable["_Line"]) -> list[LaneKey]:
        """The lanes without which it cannot be told who is next, after what went by another line is off each one's front."""
        taken, hungry = self._taken, []
        for line in lines:
            heads = line.heads
            while heads and heads[-1].id in taken:
                heads.pop()
            if not heads:
                hungry += line.hungry
        return hungry

    def _pick(self, every: "_Line", claimed: Sequence[tuple[Claim, "_Line"]]) -> Pick:
        """The next card; its claims pay."""
        credit, live = self.credit, []
        caller, fewest, line = BY_RANK, inf, every
        for claim, of_claim in claimed:
            if not of_claim.heads:
                credit.pop(claim.name, None)
                continue
            live.append(claim.name)
            credit[claim.name] = saved = min(MOST_CREDIT, credit.get(claim.name, 0) + claim.permille)
            # Of the claims that hold a card's worth the one that is full in the fewest picks; the first settles ties.
            if saved >= CARD and (picks_left := (MOST_CREDIT - saved) / claim.permille) < fewest:
                caller, fewest, line = claim.name, picks_left, of_claim
        head = line.heads.pop()
        self._taken.add(head.id)
        for name in self._payers[head.kind, head.district]:
            credit[name] = max(0, credit[name] - CARD)
        return Pick(head, caller, tuple(live))

    def _lanes_of(self, claim: Claim) -> list[Lane]:
        """The lanes that tell a claim's cards: of one on districts each district's own."""
        return [
            lane
            for lane in (self._lanes if claim.districts else self._alone)
            if self._policy.claim_covers(claim, lane.kind, lane.district or "")
        ]

    def _entries(self, lane: Lane) -> list[Entry]:
        start = self._policy.head_start(lane.kind)
        return [(head.ranked_from - start, head.id, head) for head in lane.heads]


class _Line:
    """The cards of some lanes by rank, the first one last, as far as it is known that none is missing in between.

    `hungry`: the lanes that end it too early, of which more cards are to be known to go on; none: that is all there is.
    """

    def __init__(self, lanes: Iterable[Lane], entries: Mapping[LaneKey, list[Entry]]) -> None:
        lanes = list(lanes)
        cards = sorted(chain.from_iterable(entries[lane.key] for lane in lanes))
        ends = {lane.key: entries[lane.key][-1:] for lane in lanes if not lane.exhausted}
        if ends:
            end = min(ends.values())
            del cards[bisect_right(cards, end[0]) if end else 0 :]
            self.hungry = [key for key, last in ends.items() if last == end]
        else:
            self.hungry = []
        self.heads = [head for _, _, head in reversed(cards)]


class _Payers(dict[tuple[str, str], list[str]]):
    """The names of the claims that cover a card of this kind and district, found once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __missing__(self, lane: tuple[str, str]) -> list[str]:
        self[lane] = [claim.name for claim in self._policy.claims if self._policy.claim_covers(claim, *lane)]
        return self[lane]

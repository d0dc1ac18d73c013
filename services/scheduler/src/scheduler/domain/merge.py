"""The merge: which cards go next, out of all that wait at one office, at one stage (verify or print).

Every pick first gives each claim that has a card waiting its share as credit (`permille`; 1000 pay one card, 2000 are
the most it may save). If claims hold a card's worth, the one whose credit would be full first picks its first card by
rank; else the first card of all goes. Whatever the pick's cause, each claim that covers the card pays for it: a share
is a floor, not an extra. A claim with nothing waiting forgets its credit, so nothing bursts when it returns.

Whose credit is full first is the earliest deadline first: it keeps every share, up to 1000 per mille in all, and no
credit is ever lost. Most credit first does not: of shares of 894, 80 and 26 the largest would lose five cards.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Final, NamedTuple
from uuid import UUID

from scheduler.domain.policy import BY_RANK, KINDS, Claim, Policy

CARD: Final = 1000
MOST_CREDIT: Final = 2000

LaneKey = tuple[str, str | None]
"""A kind and a district; None: all of the kind's districts, in one order."""
Entry = tuple[datetime, UUID, int]
"""A card in a heap: its rank, its id, the number of its lane."""


class Head(NamedTuple):
    """A card that may go: waiting (verify) or printable approved (print). A tuple, as a release makes hundreds of them."""

    id: UUID
    kind: str
    district: str
    ranked_from: datetime


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
    """Take up to `want` cards off the lanes, for the moment `at`. Costs O(want x log lanes).

    It stops early where a lane's cards ran out while there may be more; a lane of `want` cards never does. Lanes of
    suspended kinds are neither picked, nor hungry, nor do they keep a claim alive.
    """
    return Merge(lanes, policy, credit, at).take(want)


class Merge:
    """A release that may be gone on with: `take`, top the hungry lanes up, `take` the rest.

    Where a kind is there as a whole, its districts' lanes serve the claims on districts alone; a card may then stand in
    two lanes, and goes once. Such lanes must be of one moment: a card in one of them must not be missing in the other.
    One heap over the first cards by rank, one per claim; what has gone is dropped late.
    """

    def __init__(
        self, lanes: Sequence[Lane], policy: Policy, credit: Mapping[str, int], at: datetime
    ) -> None:
        names = {claim.name for claim in policy.claims}
        self.credit = {name: saved for name, saved in credit.items() if name in names}
        self._policy = policy
        self._starts = {lane.kind: policy.head_start(lane.kind) for lane in lanes}
        self._lanes = [lane for lane in lanes if not policy.is_suspended(lane.kind, at)]
        self._number = {lane.key: n for n, lane in enumerate(self._lanes)}
        self._hungry: set[int] = set()
        self._taken: set[UUID] = set()
        self._kin: dict[LaneKey, tuple[list[Claim], list[int]]] = {}
        self._all: list[Entry] = []
        self._of: dict[str, list[Entry]] = {claim.name: [] for claim in policy.claims}
        self._claims = [(claim, self._of[claim.name]) for claim in policy.claims]
        self._heaps = [self._fed_by(lane) for lane in self._lanes]
        for n in range(len(self._lanes)):
            self._show(n)

    def take(self, want: int) -> Release:
        """Up to `want` picks; fewer where lanes are hungry or nothing is left. Lanes that were hungry are looked at anew."""
        hungry, self._hungry = self._hungry, set()
        for n in hungry:
            self._show(n)
        picks: list[Pick] = []
        while len(picks) < want and not self._hungry and self._has_card(self._all):
            picks.append(self.pick())
        named = frozenset(self._lanes[n].key for n in self._hungry) if len(picks) < want else frozenset()
        return Release(picks=tuple(picks), credit=dict(self.credit), hungry=named)

    def pick(self) -> Pick:
        """The next card; only while there is one and no lane is hungry."""
        live = []
        for claim, heap in self._claims:
            if self._has_card(heap):
                live.append(claim)
                saved = self.credit.get(claim.name, 0) + claim.permille
                self.credit[claim.name] = min(MOST_CREDIT, saved)
            else:
                self.credit.pop(claim.name, None)
        why = self._caller(live)
        head = self._take(self._all if why is None else self._of[why.name])
        return Pick(head, BY_RANK if why is None else why.name, tuple([claim.name for claim in live]))

    def _fed_by(self, lane: Lane) -> list[list[Entry]]:
        """The heaps that a lane's first card goes into."""
        whole = lane.district is None
        alone = whole or (lane.kind, None) not in self._number
        claims = (
            claim
            for claim in self._policy.claims
            if (alone or claim.districts) and self._policy.claim_covers(claim, lane.kind, lane.district or "")
        )
        return [*([self._all] if alone else []), *(self._of[claim.name] for claim in claims)]

    def _show(self, n: int) -> None:
        """Put the lane's first card into its heaps, or note that the lane must be fetched again."""
        lane = self._lanes[n]
        while lane.heads and lane.heads[0].id in self._taken:
            lane.heads.popleft()
        if lane.heads:
            head = lane.heads[0]
            entry = (head.ranked_from - self._starts[head.kind], head.id, n)
            for heap in self._heaps[n]:
                heappush(heap, entry)
        elif not lane.exhausted:
            self._hungry.add(n)

    def _has_card(self, heap: list[Entry]) -> bool:
        """Whether the heap holds a card after those already taken are dropped from its top."""
        while heap and heap[0][1] in self._taken:
            heappop(heap)
        return bool(heap)

    def _caller(self, live: Iterable[Claim]) -> Claim | None:
        """Of the claims that hold a card's worth the one that is full in the fewest picks; the policy's order settles ties."""
        ready = [claim for claim in live if self.credit[claim.name] >= CARD]
        if len(ready) < 2:
            return ready[0] if ready else None
        return min(ready, key=lambda claim: (MOST_CREDIT - self.credit[claim.name]) / claim.permille)

    def _take(self, heap: list[Entry]) -> Head:
        """Take the first card of a heap that has one, let its claims pay, show the next card of each lane it led."""
        head = self._lanes[heap[0][2]].heads[0]
        self._taken.add(head.id)
        payers, numbers = self._kin_of(head.kind, head.district)
        for claim in payers:
            self.credit[claim.name] = max(0, self.credit[claim.name] - CARD)
        for n in numbers:
            heads = self._lanes[n].heads
            if heads and heads[0].id == head.id:
                self._show(n)
        return head

    def _kin_of(self, kind: str, district: str) -> tuple[list[Claim], list[int]]:
        """The claims that cover a card, and the lanes that it stands in."""
        found = self._kin.get((kind, district))
        if found is None:
            lanes = (self._number.get((kind, None)), self._number.get((kind, district)))
            found = (
                [claim for claim in self._policy.claims if self._policy.claim_covers(claim, kind, district)],
                [n for n in lanes if n is not None],
            )
            self._kin[kind, district] = found
        return found

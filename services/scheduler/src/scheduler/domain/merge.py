"""The merge: which cards go next, out of all lanes of one office, at one stage (verify or print).

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

from scheduler.domain.policy import BY_RANK, Claim, Policy

CARD: Final = 1000
MOST_CREDIT: Final = 2000
LOW: Final = 2
"""With so many fetched cards left, a lane is topped up along with one that has none: fewer round trips."""

LaneKey = tuple[str, str]
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

    `exhausted`: the database holds no more behind them. `last` is the card taken last.
    """

    kind: str
    district: str
    heads: deque[Head]
    exhausted: bool
    last: Head | None = None

    @property
    def key(self) -> LaneKey:
        return (self.kind, self.district)

    @property
    def end(self) -> Head | None:
        """The last card that was fetched, taken or not: a further fetch starts after it."""
        return self.heads[-1] if self.heads else self.last

    @property
    def runs_dry(self) -> bool:
        """Whether it was taken from and no more than LOW is left of what was fetched, while there may be more."""
        return self.last is not None and not self.exhausted and len(self.heads) <= LOW

    def take(self) -> Head:
        self.last = self.heads.popleft()
        return self.last

    def top_up(self, heads: Iterable[Head], *, exhausted: bool) -> None:
        """Append what was fetched behind the cards at hand."""
        self.heads.extend(heads)
        self.exhausted = exhausted


class Pick(NamedTuple):
    """A card that goes, and why: `rank` or the claim's name.

    `eligible`: how many lanes had a card; `live`: the claims that had one waiting, in the policy's order.
    """

    head: Head
    why: str
    eligible: int
    live: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """The picks in order and the credit after them. `hungry`: lanes to top up before the merge can go on."""

    picks: tuple[Pick, ...]
    credit: dict[str, int]
    hungry: frozenset[LaneKey]


def release(
    lanes: Sequence[Lane], policy: Policy, credit: Mapping[str, int], want: int, at: datetime
) -> Release:
    """Take up to `want` cards off the lanes (they lose what was picked), for the moment `at`.

    It stops early where a lane's fetched cards ran out while the database may hold more: top the `hungry` lanes up and
    call again with the returned credit and the rest of `want`; the picks are the same as if all had been fetched.
    Lanes of suspended kinds are neither picked, nor hungry, nor do they keep a claim alive. Costs O(want x log lanes).
    """
    return Merge(lanes, policy, credit, at).take(want)


def head_snapshot(lanes: Iterable[Lane]) -> list[list[str]]:
    """The first card of every lane that has one, compact for the release log: [kind, district, id, ranked_from]."""
    return [
        [lane.kind, lane.district, str(lane.heads[0].id), lane.heads[0].ranked_from.isoformat()]
        for lane in lanes
        if lane.heads
    ]


class Merge:
    """A release that may be gone on with: `take`, top the hungry lanes up, `take` the rest.

    One heap over the first cards of all lanes, one per claim; what was picked by another heap is dropped late.
    """

    def __init__(
        self, lanes: Sequence[Lane], policy: Policy, credit: Mapping[str, int], at: datetime
    ) -> None:
        self.credit = dict(credit)
        self.eligible = 0
        self._hungry: set[int] = set()
        self._policy = policy
        self._lanes = [lane for lane in lanes if not policy.is_suspended(lane.kind, at)]
        self._payers = [
            tuple(claim for claim in policy.claims if policy.claim_covers(claim, lane.kind, lane.district))
            for lane in self._lanes
        ]
        self._all: list[Entry] = []
        self._of: dict[str, list[Entry]] = {claim.name: [] for claim in policy.claims}
        for n in range(len(self._lanes)):
            self._show(n)

    def take(self, want: int) -> Release:
        """Up to `want` picks; fewer where lanes are hungry or nothing is left. Lanes that were hungry are looked at anew."""
        hungry, self._hungry = self._hungry, set()
        for n in hungry:
            self._show(n)
        picks: list[Pick] = []
        while len(picks) < want and not self._hungry and self.eligible:
            picks.append(self.pick())
        named = frozenset(self._lanes[n].key for n in self._hungry) if len(picks) < want else frozenset()
        return Release(picks=tuple(picks), credit=self.credit, hungry=named)

    def pick(self) -> Pick:
        """The next card; only while a lane is eligible and none is hungry."""
        eligible = self.eligible
        live = [claim for claim in self._policy.claims if self._has_card(self._of[claim.name])]
        self.credit = {
            claim.name: min(MOST_CREDIT, self.credit.get(claim.name, 0) + claim.permille) for claim in live
        }
        why = self._caller(live)
        head = self._take(self._all if why is None else self._of[why.name])
        return Pick(
            head=head,
            why=BY_RANK if why is None else why.name,
            eligible=eligible,
            live=tuple(claim.name for claim in live),
        )

    def _show(self, n: int) -> None:
        """Put the lane's first card into the heaps, or note that the lane must be fetched again."""
        lane = self._lanes[n]
        if lane.heads:
            head = lane.heads[0]
            entry = (self._policy.rank_at(head.kind, head.ranked_from), head.id, n)
            heappush(self._all, entry)
            for claim in self._payers[n]:
                heappush(self._of[claim.name], entry)
            self.eligible += 1
        elif not lane.exhausted:
            self._hungry.add(n)

    def _has_card(self, heap: list[Entry]) -> bool:
        """Whether the heap holds a card after those already taken are dropped from its top."""
        while heap:
            _, card, n = heap[0]
            heads = self._lanes[n].heads
            if heads and heads[0].id == card:
                return True
            heappop(heap)
        return False

    def _caller(self, live: Iterable[Claim]) -> Claim | None:
        """Of the claims that hold a card's worth the one that is full in the fewest picks; the policy's order settles ties."""
        ready = [claim for claim in live if self.credit[claim.name] >= CARD]
        return min(
            ready,
            key=lambda claim: (MOST_CREDIT - self.credit[claim.name]) / claim.permille,
            default=None,
        )

    def _take(self, heap: list[Entry]) -> Head:
        """Take the first card of a heap that has one, let its claims pay, show the next card of its lane."""
        self._has_card(heap)
        n = heap[0][2]
        head = self._lanes[n].take()
        for claim in self._payers[n]:
            self.credit[claim.name] = max(0, self.credit[claim.name] - CARD)
        self.eligible -= 1
        self._show(n)
        return head

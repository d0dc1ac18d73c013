"""What each claim of a policy would have got of the picks of past days, had the policy held on them.

The merge itself is run again over the past: each day as many picks as there were, out of the cards that were picked
then or wait today, each from the day it applied. What the log cannot say is left out: cards that were withdrawn or set
aside meanwhile, and at what hour a card came. So the answer is about days, not about single cards.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from typing import Final
from uuid import UUID

from scheduler.domain.merge import Head, Lane, LaneKey, Merge
from scheduler.domain.policy import Policy
from scheduler.domain.rehearsal import Bucket
from scheduler.domain.shares import Share, Taken, shares

MORE: Final = 32
"""Cards by which a lane of the past is topped up."""


def hindsight(
    worked: Mapping[date, int], buckets: Iterable[Bucket], policy: Policy, at: datetime
) -> tuple[Share, ...]:
    """Each claim's share. `worked`: picks by day; kinds that are suspended at `at` are so throughout."""
    lanes = _past_lanes(buckets)
    credit: dict[str, int] = {}
    picks: list[Taken] = []
    for day, want in sorted(worked.items()):
        for lane in lanes.values():
            lane.reach(day)
        merge = Merge([past.lane for past in lanes.values()], policy, credit, at)
        picks += _one_day(merge, lanes, want)
        credit = merge.credit
    return shares(picks, policy)


def _one_day(merge: Merge, lanes: Mapping[LaneKey, "_PastLane"], want: int) -> Iterator[Taken]:
    """Up to `want` picks, in order."""
    while want:
        released = merge.take(want)
        for pick in released.picks:
            yield Taken(pick.head.kind, pick.head.district, pick.why, pick.live)
        if not released.hungry:
            return
        want -= len(released.picks)
        for key in released.hungry:
            lanes[key].top_up()


class _PastLane:
    """A lane whose cards come to light day by day; `lane` is what the merge sees of it."""

    def __init__(self, kind: str, district: str, days: Mapping[date, int], numbers: Iterator[int]) -> None:
        self.lane = Lane(kind=kind, district=district, heads=deque(), exhausted=True)
        self._hidden = deque(sorted(days.items()))
        self._cards = _cards(kind, district, sorted(days.items()), numbers)
        self._at_hand = 0

    def reach(self, day: date) -> None:
        """Let in the cards that applied until the end of this day."""
        while self._hidden and self._hidden[0][0] <= day:
            self._at_hand += self._hidden.popleft()[1]
        if len(self.lane.heads) < MORE:
            self.top_up()
        else:
            self.lane.exhausted = not self._at_hand

    def top_up(self) -> None:
        heads = list(islice(self._cards, min(MORE, self._at_hand)))
        self._at_hand -= len(heads)
        self.lane.top_up(heads, exhausted=not self._at_hand)


def _past_lanes(buckets: Iterable[Bucket]) -> dict[LaneKey, _PastLane]:
    days: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for kind, district, day, n in buckets:
        days[kind, district][day] += n
    numbers = count()
    return {key: _PastLane(*key, found, numbers) for key, found in days.items()}


def _cards(
    kind: str, district: str, days: Iterable[tuple[date, int]], numbers: Iterator[int]
) -> Iterator[Head]:
    """A lane's cards, oldest first, each day's spread evenly over it; made when they are asked for."""
    return (
        Head(
            id=UUID(int=next(numbers)),
            kind=kind,
            district=district,
            ranked_from=datetime.combine(day, time(), UTC) + timedelta(days=(i + 0.5) / n),
        )
        for day, n in days
        for i in range(n)
    )

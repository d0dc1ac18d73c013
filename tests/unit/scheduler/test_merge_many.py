"""The laws of the merge over ten thousand small offices, each decoded from a few bytes: cheap to draw, cheap to shrink."""

import random
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import ceil
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.domain.merge import CARD, MOST_CREDIT, Head, Lane, Merge, Pick, lanes_needed, release
from scheduler.domain.policy import Claim, Policy, Suspension
from scheduler.domain.rank import place_cuts
from scheduler.domain.release_log import SLACK, behind_floor, faults, to_log

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 7, 1, tzinfo=UTC)
KINDS = ("urgent", "first_issue", "lost", "data_change")
DISTRICTS = ("21.02.01", "21.02.09", "outside")
NEITHER = frozenset[str]()
PLAIN = Policy(version=1, head_starts={}, claims=(), suspensions=(), urgent_per_day=10)
MANY = settings(max_examples=10_000)
LaneKey = tuple[str, str | None]


def cards_of(code: bytes, *, first: int = 0, later: int = 0) -> list[Head]:
    """A card a byte: its lane, and minutes that are often the same. Ids run against the order of coming."""
    return [
        Head(
            id=UUID(int=10_000 - first - n),
            kind=KINDS[byte % 4],
            district=DISTRICTS[byte // 4 % 3],
            ranked_from=START + timedelta(minutes=byte // 12 + later),
        )
        for n, byte in enumerate(code)
    ]


def policy_of(code: bytes) -> Policy:
    """Up to four claims of every shape, all shares together at most the whole; a head start; a suspension."""
    numbers = iter(code)
    shares = [number + 1 for number in islice(numbers, 4)]
    claims = []
    for n, share in enumerate(shares):
        shape = next(numbers, 0)
        claims.append(
            Claim(
                name=f"c{n}",
                permille=max(1, 1000 * share // max(1000, 1000 * sum(shares) // 1000)),
                kinds=frozenset({KINDS[shape % 4]}) if shape & 64 else NEITHER,
                districts=frozenset({DISTRICTS[shape % 3]}) if shape & 128 else NEITHER,
                without_head_start=bool(shape & 32),
            )
        )
    rest = next(numbers, 0)
    suspension = Suspension(kind=KINDS[rest % 4], until=None, reason="blangko khusus habis")
    return Policy(
        version=1,
        head_starts={KINDS[rest // 4 % 4]: rest // 16},
        claims=tuple(claims),
        suspensions=(suspension,) if rest & 1 else (),
        urgent_per_day=10,
    )


policies = st.binary(max_size=9).map(policy_of)


def lanes_of(cards: Iterable[Head], fetched: int | None = None) -> list[Lane]:
    """With `fetched`: only so many cards of each lane, and not known to be all."""
    by_lane: dict[LaneKey, list[Head]] = {}
    for head in sorted(cards, key=lambda head: (head.ranked_from, head.id)):
        by_lane.setdefault((head.kind, head.district), []).append(head)
    return [
        Lane(kind=kind, district=district, heads=deque(heads[:fetched]), exhausted=fetched is None)
        for (kind, district), heads in by_lane.items()
    ]


def needed_of(policy: Policy, cards: Iterable[Head], fetched: int) -> list[Lane]:
    """Whole kinds and claims' lanes, as the service fetches them: so many cards each."""
    order = sorted(cards, key=lambda head: (head.ranked_from, head.id))
    return [
        Lane(
            kind=kind,
            district=district,
            heads=deque([head for head in order if stands_in(head, (kind, district))][:fetched]),
            exhausted=False,
        )
        for kind, district in lanes_needed(policy)
    ]


def stands_in(head: Head, key: LaneKey) -> bool:
    return head.kind == key[0] and key[1] in (None, head.district)


def by_few(
    lanes: list[Lane], cards: Sequence[Head], policy: Policy, batch: int, fetched: int, *, anew: bool
) -> tuple[list[Pick], dict[str, int]]:
    """Everything in batches, out of lanes that are topped up by a few; `anew`: each time by a new merge."""
    order = sorted(cards, key=lambda head: (head.ranked_from, head.id))
    behind = {
        lane.key: iter([head for head in order if stands_in(head, lane.key)][fetched:]) for lane in lanes
    }
    merge = Merge(lanes, policy, {}, AT)
    picks: list[Pick] = []
    want = batch
    while True:
        step = merge.take(want)
        picks += step.picks
        want -= len(step.picks)
        if not want:
            want = batch
        elif not step.hungry:
            return picks, step.credit
        for lane in (lane for lane in lanes if lane.key in step.hungry):
            more = [*islice(behind[lane.key], fetched)]
            lane.top_up(more, exhausted=len(more) < fetched)
        if anew:
            merge = Merge(lanes, policy, step.credit, AT)


def rows(picks: Iterable[Pick]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(pick.head.kind, pick.head.district, pick.live) for pick in picks]


@MANY
@given(policies, st.binary(max_size=24), st.integers(1, 9), st.integers(1, 5), st.integers(0, 99))
def test_every_law_holds_however_the_lanes_are_fetched_and_ordered(
    policy: Policy, code: bytes, batch: int, fetched: int, seed: int
) -> None:
    cards = cards_of(code)
    lanes = lanes_of(cards)
    whole = release(lanes, policy, {}, len(cards), AT)
    shuffled = lanes_of(cards, fetched)
    random.Random(seed).shuffle(shuffled)

    picks, credit = by_few(shuffled, cards, policy, batch, fetched, anew=seed % 2 == 0)

    heads = [pick.head for pick in whole.picks]
    assert ([pick.head for pick in picks], [pick.why for pick in picks]) == (
        heads,
        [pick.why for pick in whole.picks],
    )
    assert credit == whole.credit
    assert sorted(head.id for head in heads) == sorted(
        head.id for head in cards if not policy.is_suspended(head.kind, AT)
    )
    assert all(0 <= saved < MOST_CREDIT for saved in credit.values())
    assert all(behind_floor(rows(picks), policy, claim) <= SLACK for claim in policy.claims)
    # The replay is written to be read, not to be fast.
    assert seed % 5 or faults(to_log(whole.picks, lanes, policy, {}, AT), policy, AT) == ()


@MANY
@given(policies, st.binary(max_size=24), st.integers(1, 9), st.integers(1, 5), st.integers(0, 99))
def test_whole_kinds_and_claims_lanes_give_the_picks_of_all_lanes(
    policy: Policy, code: bytes, batch: int, fetched: int, seed: int
) -> None:
    cards = cards_of(code)
    whole = release(lanes_of(cards), policy, {}, len(cards), AT)
    lanes = needed_of(policy, cards, fetched)
    random.Random(seed).shuffle(lanes)

    picks, credit = by_few(lanes, cards, policy, batch, fetched, anew=False)

    assert (tuple(picks), credit) == (whole.picks, whole.credit)
    assert seed % 5 or faults(to_log(picks, lanes, policy, {}, AT), policy, AT) == ()


@settings(max_examples=500)
@given(policies, st.binary(min_size=1, max_size=24), st.integers(1, 20), st.integers(0, 1900))
def test_the_log_of_a_release_out_of_whole_kinds_stands_its_replay(
    policy: Policy, code: bytes, want: int, saved: int
) -> None:
    lanes = needed_of(policy, cards_of(code), 24)
    credit = {claim.name: saved for claim in policy.claims}

    picks = release(lanes, policy, credit, want, AT).picks

    assert faults(to_log(picks, lanes, policy, credit, AT), policy, AT) == ()


def stream(policy: Policy, comings: Sequence[bytes], batch: int) -> list[Pick]:
    """Cards come, a batch goes, again and again; every release stands its own replay."""
    waiting: list[Head] = []
    credit: dict[str, int] = {}
    picks: list[Pick] = []
    come = 0
    for n, code in enumerate(comings):
        waiting += cards_of(code, first=come, later=30 * n)
        come += len(code)
        lanes = lanes_of(waiting)
        step = release(lanes, policy, credit, batch, AT)
        assert faults(to_log(step.picks, lanes, policy, credit, AT), policy, AT) == ()
        credit = step.credit
        picks += step.picks
        gone = {pick.head.id for pick in step.picks}
        waiting = [head for head in waiting if head.id not in gone]
    return picks


def longest_wait(picks: Sequence[Pick], policy: Policy, claim: Claim) -> int:
    """The most picks in a row that served none of a claim's cards while it had one."""
    waited = longest = 0
    for kind, district, live in rows(picks):
        served = policy.claim_covers(claim, kind, district)
        waited = 0 if served or claim.name not in live else waited + 1
        longest = max(longest, waited)
    return longest


@settings(max_examples=500)
@given(policies, st.lists(st.binary(max_size=8), max_size=10), st.integers(1, 6))
def test_over_any_stream_of_comers_shares_are_kept_and_nobody_starves(
    policy: Policy, comings: list[bytes], batch: int
) -> None:
    picks = stream(policy, comings, batch)

    for claim in policy.claims:
        assert behind_floor(rows(picks), policy, claim) <= SLACK
        assert longest_wait(picks, policy, claim) <= ceil((SLACK + 1) * CARD / claim.permille)


def shares(weights: Sequence[int]) -> list[int]:
    """These weights as shares of the whole, to the last per mille."""
    found = [max(1, 1000 * weight // sum(weights)) for weight in weights]
    found[found.index(max(found))] += 1000 - sum(found)
    return found


@settings(max_examples=30)
@example(weights=[894, 80, 26], seed=1)
@example(weights=[869, 76, 20, 16, 9, 5, 3, 2], seed=3)
@given(weights=st.lists(st.integers(1, 1000), min_size=2, max_size=12), seed=st.integers(0, 1000))
def test_shares_that_are_the_whole_are_kept_whoever_comes_first_by_rank(
    weights: list[int], seed: int
) -> None:
    dice = random.Random(seed)
    permille = shares(weights)
    claims = tuple(
        Claim(name=f"c{n}", permille=share, districts=frozenset({f"21.02.{n:02}"}))
        for n, share in enumerate(permille)
    )
    picks = 600
    cards = [
        Head(
            id=UUID(int=1 + n * picks + k),
            kind="lost",
            district=f"21.02.{n:02}",
            ranked_from=START + timedelta(minutes=dice.randrange(2000)),
        )
        for n, share in enumerate(permille)
        for k in range(picks * share // 1000 + 60)
    ]

    found = release(lanes_of(cards), replace(PLAIN, claims=claims), {}, picks, AT).picks

    assert all(behind_floor(rows(found), PLAIN, claim) <= 1 for claim in claims)


@settings(max_examples=500)
@given(policies, st.binary(min_size=1, max_size=24), st.integers(0, 23))
def test_the_cuts_of_a_place_count_exactly_the_cards_that_go_before(
    policy: Policy, code: bytes, n: int
) -> None:
    policy = replace(policy, claims=(), suspensions=())
    cards = cards_of(code)
    mine = cards[n % len(cards)]
    order = [pick.head for pick in release(lanes_of(cards), policy, {}, len(cards), AT).picks]

    cuts = dict(place_cuts(policy, mine.kind, mine.ranked_from))
    ahead = sum((head.ranked_from, head.id) < (cuts[head.kind], mine.id) for head in cards)

    assert ahead == order.index(mine)


def test_the_claim_that_is_full_first_calls_before_one_that_has_saved_more() -> None:
    claims = tuple(
        Claim(name=f"c{n}", permille=share, districts=frozenset({DISTRICTS[n]}))
        for n, share in enumerate((894, 80))
    )
    cards = [
        Head(id=UUID(int=n + 1), kind="lost", district=DISTRICTS[n], ranked_from=START) for n in range(2)
    ]

    (pick,) = release(lanes_of(cards), replace(PLAIN, claims=claims), {"c0": CARD, "c1": 1900}, 1, AT).picks

    assert pick.why == "c0"

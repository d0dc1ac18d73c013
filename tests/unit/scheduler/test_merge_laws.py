"""The laws of the merge: work-conserving, lanes in order, floors kept, small fetches change nothing."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.merge import MOST_CREDIT, Head, Lane, Pick, release
from scheduler.domain.policy import Claim, Policy, Suspension
from scheduler.domain.release_log import SLACK, behind_floor, faults, to_log

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 7, 1, tzinfo=UTC)
KINDS = ("urgent", "first_issue", "lost", "data_change")
DISTRICTS = ("21.02.01", "21.02.09", "outside")
PLAIN = Policy(version=1, head_starts={}, claims=(), suspensions=(), urgent_per_day=10)
Cards = list[Head]


def card(n: int, kind: str = "lost", district: str = "21.02.01", *, minute: int = 0) -> Head:
    return Head(id=UUID(int=n), kind=kind, district=district, ranked_from=START + timedelta(minutes=minute))


def lanes_of(cards: Sequence[Head], fetched: int | None = None) -> list[Lane]:
    """The lanes of these cards; with `fetched`, only so many cards each and not known to be all."""
    by_lane: dict[tuple[str, str], Cards] = {}
    for head in sorted(cards, key=lambda head: (head.ranked_from, head.id)):
        by_lane.setdefault((head.kind, head.district), []).append(head)
    return [
        Lane(kind=kind, district=district, heads=deque(heads[:fetched]), exhausted=fetched is None)
        for (kind, district), heads in by_lane.items()
    ]


def run(
    policy: Policy, cards: Sequence[Head], batches: Sequence[int], fetched: int
) -> tuple[list[Pick], dict[str, int]]:
    """Release in batches out of lanes that are fetched a few cards at a time."""
    lanes = lanes_of(cards, fetched)
    behind = {lane.key: iter([*lane.heads][fetched:]) for lane in lanes_of(cards)}
    picks: list[Pick] = []
    credit: dict[str, int] = {}
    for batch in batches:
        want = batch
        while want:
            step = release(lanes, policy, credit, want, AT)
            picks += step.picks
            credit = step.credit
            want -= len(step.picks)
            if not step.hungry:
                break
            for lane in (lane for lane in lanes if lane.key in step.hungry):
                more = [*islice(behind[lane.key], fetched)]
                lane.top_up(more, exhausted=len(more) < fetched)
    return picks, credit


def policies(most_claims: int = 4) -> st.SearchStrategy[Policy]:
    claims = st.lists(
        st.builds(
            Claim,
            name=st.sampled_from("abcdefgh"),
            permille=st.integers(1, 1000 // most_claims),
            kinds=st.frozensets(st.sampled_from(KINDS), max_size=2),
            districts=st.frozensets(st.sampled_from(DISTRICTS), max_size=2),
            without_head_start=st.booleans(),
        ),
        max_size=most_claims,
        unique_by=lambda claim: claim.name,
    )
    suspensions = st.lists(
        st.builds(
            Suspension, kind=st.sampled_from(KINDS), until=st.sampled_from([None, START]), reason=st.just("x")
        ),
        max_size=1,
    )
    return st.builds(
        Policy,
        version=st.just(1),
        head_starts=st.dictionaries(st.sampled_from(KINDS), st.integers(0, 30), max_size=2),
        claims=claims.map(tuple),
        suspensions=suspensions.map(tuple),
        urgent_per_day=st.just(10),
    )


decks: st.SearchStrategy[Cards] = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(DISTRICTS), st.integers(0, 60)), max_size=40
).map(
    lambda rows: [card(n, kind, district, minute=minute) for n, (kind, district, minute) in enumerate(rows)]
)


@settings(max_examples=100, deadline=None)
@given(policies(), decks, st.integers(0, 60))
def test_no_card_is_left_while_there_is_room(policy: Policy, cards: Cards, want: int) -> None:
    movable = [head for head in cards if not policy.is_suspended(head.kind, AT)]

    picks = release(lanes_of(cards), policy, {}, want, AT).picks

    assert len(picks) == len({pick.head.id for pick in picks}) == min(want, len(movable))


@settings(max_examples=100, deadline=None)
@given(policies(), decks)
def test_within_a_lane_the_older_card_goes_first(policy: Policy, cards: Cards) -> None:
    picked: dict[tuple[str, str], list[tuple[datetime, UUID]]] = {}

    for pick in release(lanes_of(cards), policy, {}, len(cards), AT).picks:
        picked.setdefault((pick.head.kind, pick.head.district), []).append(
            (pick.head.ranked_from, pick.head.id)
        )

    assert all(lane == sorted(lane) for lane in picked.values())


@settings(max_examples=100, deadline=None)
@given(decks)
def test_without_claims_the_order_is_rank_then_id(cards: Cards) -> None:
    policy = replace(PLAIN, head_starts={"first_issue": 20})

    picks = release(lanes_of(cards), policy, {}, len(cards), AT).picks

    assert [pick.head for pick in picks] == sorted(
        cards, key=lambda head: (policy.rank_at(head.kind, head.ranked_from), head.id)
    )


@settings(max_examples=100, deadline=None)
@given(policies(), decks, st.sampled_from([1, 7, 16, 64]), st.integers(1, 9))
def test_neither_batches_nor_small_fetches_change_the_order(
    policy: Policy, cards: Cards, batch: int, fetched: int
) -> None:
    whole = release(lanes_of(cards), policy, {}, len(cards), AT)

    picks, credit = run(policy, cards, [batch] * (len(cards) // batch + 1), fetched)

    assert (picks, credit) == (list(whole.picks), whole.credit)


@settings(max_examples=100, deadline=None)
@given(policies(), decks, st.integers(0, 40), st.integers(1, 5))
def test_every_release_stands_the_replay_of_its_log(
    policy: Policy, cards: Cards, want: int, fetched: int
) -> None:
    lanes = lanes_of(cards)
    credit = {claim.name: 700 for claim in policy.claims}

    picks = release(lanes, policy, credit, want, AT).picks

    assert faults(to_log(picks, lanes, policy, credit, AT), policy, AT) == ()


@settings(max_examples=100, deadline=None)
@given(policies(8), st.randoms(use_true_random=False), st.integers(100, 400))
def test_a_claim_with_cards_waiting_is_never_far_behind_its_share(
    policy: Policy, dice: random.Random, n: int
) -> None:
    cards = [
        card(i, dice.choice(KINDS), dice.choice(DISTRICTS), minute=dice.randrange(dice.choice([5, 500])))
        for i in range(n)
    ]

    picks = release(lanes_of(cards), policy, {}, n, AT).picks

    rows = [(pick.head.kind, pick.head.district, pick.live) for pick in picks]
    assert all(behind_floor(rows, policy, claim) <= SLACK for claim in policy.claims)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=2, max_size=8))
def test_shares_of_the_whole_are_all_kept(weights: list[int]) -> None:
    permille = [1000 * weight // sum(weights) for weight in weights]
    districts = [f"21.02.{n:02}" for n in range(len(weights))]
    claims = tuple(
        Claim(name=district, permille=share, districts=frozenset({district}))
        for district, share in zip(districts, permille, strict=True)
        if share
    )
    policy = replace(PLAIN, claims=claims)
    cards = [
        card(200 * d + n, district=district, minute=d)
        for d, district in enumerate(districts)
        for n in range(200)
    ]

    picks = release(lanes_of(cards), policy, {}, 200, AT).picks

    rows = [(pick.head.kind, pick.head.district, pick.live) for pick in picks]
    assert all(behind_floor(rows, policy, claim) <= SLACK for claim in claims)


@settings(max_examples=60, deadline=None)
@given(policies(), decks)
def test_no_claim_saves_more_than_two_cards(policy: Policy, cards: Cards) -> None:
    credit = release(lanes_of(cards), policy, {claim.name: 1900 for claim in policy.claims}, 3, AT).credit

    assert all(0 <= value <= MOST_CREDIT for value in credit.values())

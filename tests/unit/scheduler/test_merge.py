"""The merge: its order, its floors, and that fetching little at a time changes nothing."""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.merge import MOST_CREDIT, Head, Lane, Pick, Release, head_snapshot, release
from scheduler.domain.policy import DEFAULT_RULES, Claim, Policy, Suspension, parse_rules
from scheduler.domain.release_log import SLACK, Fault, behind_floor, faults, to_log

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 7, 1, tzinfo=UTC)
KINDS = ("urgent", "first_issue", "lost", "data_change")
DISTRICTS = ("21.02.01", "21.02.09", "outside")
DEFAULT = parse_rules(DEFAULT_RULES, version=1)
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
    whole = {lane.key: lane.heads for lane in lanes_of(cards)}
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
                top_up(lane, whole[lane.key], fetched)
    return picks, credit


def top_up(lane: Lane, whole: deque[Head], fetched: int) -> None:
    start = 0 if lane.last is None else whole.index(lane.last) + 1
    more = list(whole)[start : start + fetched]
    lane.top_up(more, exhausted=len(more) < fetched)


def ids(picks: Sequence[Pick]) -> list[int]:
    return [pick.head.id.int for pick in picks]


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

    assert faults(to_log(picks, lanes, credit), policy, AT) == ()


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


def test_what_a_claim_cannot_save_is_gone() -> None:
    policy = replace(PLAIN, claims=(Claim(name="all", permille=500),))

    assert release(lanes_of([card(1)]), policy, {"all": 1900}, 1, AT).credit == {"all": 1000}


def test_under_a_flood_of_first_timers_a_fifth_goes_to_the_others() -> None:
    cards = [card(n, "first_issue", minute=n) for n in range(1000)]
    cards += [card(1000 + n, "data_change", minute=n) for n in range(1000)]

    picks = release(lanes_of(cards), DEFAULT, {}, 500, AT).picks

    assert sum(pick.why == "no_head_start" for pick in picks) == 100


def test_a_share_is_a_floor_and_not_an_extra() -> None:
    cards = [card(n, "data_change", minute=n) for n in range(50)]
    cards += [card(100 + n, "first_issue", minute=10**6 + n) for n in range(50)]

    picks = release(lanes_of(cards), DEFAULT, {}, 50, AT).picks

    assert [pick.why for pick in picks if pick.head.kind == "data_change"] == ["rank"] * 50


def test_ties_go_by_id() -> None:
    cards = [card(n, kind) for n, kind in ((3, "lost"), (1, "data_change"), (2, "urgent"), (0, "lost"))]

    assert ids(release(lanes_of(cards), PLAIN, {}, 4, AT).picks) == [0, 1, 2, 3]


def test_of_two_claims_with_equal_credit_the_policys_first_calls() -> None:
    claims = tuple(
        Claim(name=kind, permille=100, kinds=frozenset({kind})) for kind in ("lost", "data_change")
    )
    cards = [card(1, "data_change"), card(2, "lost", minute=5)]

    picks = release(
        lanes_of(cards), replace(PLAIN, claims=claims), {"lost": 950, "data_change": 950}, 1, AT
    ).picks

    assert [(pick.head.id.int, pick.why) for pick in picks] == [(2, "lost")]


def suspended(*kinds: str, claims: tuple[Claim, ...] = ()) -> Policy:
    suspensions = tuple(Suspension(kind=kind, until=None, reason="no forms") for kind in kinds)
    return replace(PLAIN, suspensions=suspensions, claims=claims)


def test_a_suspended_kind_blocks_nobody() -> None:
    cards = [card(1, "lost"), card(2, "data_change", minute=9)]

    assert ids(release(lanes_of(cards), suspended("lost"), {}, 5, AT).picks) == [2]


def test_a_suspended_kind_is_not_hungry() -> None:
    lanes = [Lane(kind="lost", district="outside", heads=deque(), exhausted=False)]

    assert release(lanes, suspended("lost"), {}, 5, AT) == Release(picks=(), credit={}, hungry=frozenset())


def test_a_claim_whose_kinds_are_suspended_forgets_its_credit() -> None:
    policy = suspended("lost", claims=(Claim(name="lost", permille=500, kinds=frozenset({"lost"})),))

    assert release(lanes_of([card(1), card(2, "urgent")]), policy, {"lost": 2000}, 1, AT).credit == {}


def test_an_empty_claim_forgets_its_credit() -> None:
    policy = replace(PLAIN, claims=(Claim(name="far", permille=500, districts=frozenset({"outside"})),))

    assert release(lanes_of([card(1)]), policy, {"far": 2000}, 1, AT).credit == {}


def test_a_pick_by_rank_pays_too() -> None:
    policy = replace(PLAIN, claims=(Claim(name="all", permille=300),))

    assert release(lanes_of([card(1), card(2)]), policy, {"all": 600}, 1, AT).credit == {"all": 0}


def test_a_lane_that_ran_empty_is_named_and_stops_the_merge() -> None:
    lanes = lanes_of([card(n, kind, minute=n) for n, kind in enumerate(KINDS * 2)], fetched=1)

    step = release(lanes, PLAIN, {}, 5, AT)

    assert (ids(step.picks), step.hungry) == ([0], frozenset({("urgent", "21.02.01")}))


def test_no_lane_is_hungry_once_all_wanted_cards_are_found() -> None:
    lanes = lanes_of([card(1)], fetched=1)

    assert release(lanes, PLAIN, {}, 1, AT).hungry == frozenset()


def test_a_lane_fetched_again_starts_behind_the_card_taken_last() -> None:
    lanes = lanes_of([card(1), card(2, minute=1)], fetched=2)

    release(lanes, PLAIN, {}, 2, AT)

    assert lanes[0].last == card(2, minute=1)


def test_a_pick_tells_how_many_lanes_and_which_claims_were_waiting() -> None:
    cards = [card(1, "first_issue"), card(2, "data_change", minute=1)]

    picks = release(lanes_of(cards), DEFAULT, {}, 2, AT).picks

    assert [(pick.eligible, pick.live) for pick in picks] == [
        (2, ("no_head_start",)),
        (1, ("no_head_start",)),
    ]


def test_the_snapshot_has_the_first_card_of_each_lane_that_has_one() -> None:
    lanes = [
        *lanes_of([card(1), card(2)]),
        Lane(kind="urgent", district="outside", heads=deque(), exhausted=True),
    ]

    assert head_snapshot(lanes) == [["lost", "21.02.01", str(UUID(int=1)), "2026-01-01T00:00:00+00:00"]]


def released() -> tuple[list[Pick], list[Lane]]:
    lanes = lanes_of(
        [card(n, kind, minute=n) for n, kind in enumerate(("first_issue", "lost", "lost", "urgent"))]
    )
    return list(release(lanes, DEFAULT, {}, 3, AT).picks), lanes


def swap(picks: list[Pick]) -> list[Pick]:
    return [picks[1], picks[0], picks[2]]


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (swap, "card"),
        (lambda picks: [picks[0], picks[2], picks[1]], "card"),
        (lambda picks: [replace(pick, why="no_head_start") for pick in picks], "why"),
        (lambda picks: [replace(pick, live=()) for pick in picks], "live"),
    ],
)
def test_the_replay_sees_a_log_that_was_tampered_with(
    tamper: Callable[[list[Pick]], list[Pick]], code: str
) -> None:
    picks, lanes = released()

    assert code in {fault.code for fault in faults(to_log(tamper(picks), lanes, {}), DEFAULT, AT)}


def test_the_replay_sees_an_older_card_of_the_lane_that_was_passed() -> None:
    lanes = lanes_of([card(1)])
    younger = Pick(head=card(2, minute=5), why="rank", eligible=1, live=())

    found = faults(to_log([younger], lanes, {}), PLAIN, AT)

    assert Fault(n=0, code="lane_order", expected=str(UUID(int=1)), found=str(UUID(int=2))) in found


def test_the_replay_sees_a_pick_of_a_suspended_kind() -> None:
    pick = Pick(head=card(1), why="rank", eligible=1, live=())

    found = faults(to_log([pick], [], {}), suspended("lost"), AT)

    assert [fault.code for fault in found] == ["suspended", "card"]


def test_a_claim_that_is_never_served_falls_behind() -> None:
    claim = Claim(name="far", permille=500, districts=frozenset({"outside"}))
    rows = [("lost", "21.02.01", ("far",))] * 10

    assert behind_floor(rows, PLAIN, claim) == 5


def test_a_claim_with_nothing_waiting_is_owed_nothing() -> None:
    claim = Claim(name="far", permille=500, districts=frozenset({"outside"}))

    assert behind_floor([("lost", "21.02.01", ())] * 10, PLAIN, claim) == 0

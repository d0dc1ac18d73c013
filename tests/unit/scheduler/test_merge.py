"""The merge, worked by hand."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from scheduler.domain.merge import Head, Lane, LaneKey, Merge, Pick, Release, lanes_needed, release
from scheduler.domain.policy import DEFAULT_RULES, Claim, Policy, Suspension, parse_rules
from scheduler.domain.policy import KINDS as ALL_KINDS

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 7, 1, tzinfo=UTC)
KINDS = ("urgent", "first_issue", "lost", "data_change")
DEFAULT = parse_rules(DEFAULT_RULES, version=1)
PLAIN = Policy(version=1, head_starts={}, claims=(), suspensions=(), urgent_per_day=10)


def card(n: int, kind: str = "lost", district: str = "21.02.01", *, minute: int = 0) -> Head:
    return Head(id=UUID(int=n), kind=kind, district=district, ranked_from=START + timedelta(minutes=minute))


def lanes_of(cards: Sequence[Head], fetched: int | None = None) -> list[Lane]:
    """The lanes of these cards; with `fetched`, only so many cards each and not known to be all."""
    by_lane: dict[tuple[str, str], list[Head]] = {}
    for head in sorted(cards, key=lambda head: (head.ranked_from, head.id)):
        by_lane.setdefault((head.kind, head.district), []).append(head)
    return [
        Lane(kind=kind, district=district, heads=deque(heads[:fetched]), exhausted=fetched is None)
        for (kind, district), heads in by_lane.items()
    ]


def ids(picks: Sequence[Pick]) -> list[int]:
    return [pick.head.id.int for pick in picks]


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


def test_a_pick_tells_which_claims_had_a_card_waiting() -> None:
    cards = [card(1, "first_issue"), card(2, "data_change", minute=1), card(3, "first_issue", minute=9**9)]

    picks = release(lanes_of(cards), DEFAULT, {}, 3, AT).picks

    assert [pick.live for pick in picks] == [("no_head_start",), ("no_head_start",), ()]


FAR = replace(PLAIN, claims=(Claim(name="far", permille=500, districts=frozenset({"outside"})),))


def test_of_a_claim_on_districts_its_lanes_are_needed_beside_the_whole_kinds() -> None:
    policy = replace(
        PLAIN,
        head_starts={"urgent": 9},
        claims=(
            Claim(name="all", permille=1),
            Claim(
                name="far",
                permille=1,
                kinds=frozenset({"lost", "urgent"}),
                districts=frozenset({"outside", "21.02.09"}),
                without_head_start=True,
            ),
        ),
    )

    needed = lanes_needed(policy)

    assert [key for key in needed if key[1] is None] == [(kind, None) for kind in ALL_KINDS]
    assert [key for key in needed if key[1] is not None] == [("lost", "21.02.09"), ("lost", "outside")]


def lane(key: LaneKey, *cards: Head, exhausted: bool = True) -> Lane:
    return Lane(kind=key[0], district=key[1], heads=deque(cards), exhausted=exhausted)


def test_a_card_that_stands_in_two_lanes_goes_once() -> None:
    near, far = card(1), card(2, district="outside", minute=1)
    lanes = [lane(("lost", None), near, far), lane(("lost", "outside"), far)]

    picks = release(lanes, FAR, {"far": 500}, 5, AT).picks

    assert [(pick.head.id.int, pick.why) for pick in picks] == [(2, "far"), (1, "rank")]


def test_a_card_that_is_fetched_again_after_it_went_by_its_other_lane_is_passed_over() -> None:
    near, far = card(1), card(2, district="outside", minute=1)
    whole = lane(("lost", None), near, exhausted=False)
    merge = Merge([whole, lane(("lost", "outside"), far)], FAR, {"far": 500}, AT)
    assert ids(merge.take(5).picks) == [2, 1]

    whole.top_up([far], exhausted=True)

    assert merge.take(5) == Release(picks=(), credit={}, hungry=frozenset())


def test_a_lane_of_as_many_cards_as_are_wanted_is_never_hungry() -> None:
    near, far, other = card(1), card(2, district="outside", minute=1), card(3, district="outside", minute=2)
    lanes = [
        lane(("lost", None), near, far, exhausted=False),
        lane(("lost", "outside"), far, other, exhausted=False),
    ]

    found = release(lanes, FAR, {"far": 500}, 2, AT)

    assert (ids(found.picks), found.hungry) == ([2, 1], frozenset())


def test_a_kind_that_no_longer_exists_has_no_head_start() -> None:
    assert ids(release(lanes_of([card(1, "gone"), card(2, minute=1)]), PLAIN, {}, 2, AT).picks) == [1, 2]

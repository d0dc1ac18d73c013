"""The audit of a release log sees what should not have been."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic_core import to_json

from scheduler.domain.merge import Head, Lane, Pick, release
from scheduler.domain.policy import DEFAULT_RULES, Claim, Policy, Suspension, parse_rules
from scheduler.domain.release_log import Fault, behind_floor, faults, to_log

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 7, 1, tzinfo=UTC)
DEFAULT = parse_rules(DEFAULT_RULES, version=1)
Picks = tuple[Pick, ...]
PLAIN = Policy(version=1, head_starts={}, claims=(), suspensions=(), urgent_per_day=10)


def card(n: int, kind: str = "lost", *, minute: int = 0) -> Head:
    return Head(id=UUID(int=n), kind=kind, district="21.02.01", ranked_from=START + timedelta(minutes=minute))


def lanes_of(cards: Sequence[Head]) -> list[Lane]:
    kinds = dict.fromkeys(head.kind for head in cards)
    return [
        Lane(
            kind=kind,
            district="21.02.01",
            heads=deque(head for head in cards if head.kind == kind),
            exhausted=True,
        )
        for kind in kinds
    ]


def suspended(*kinds: str, claims: tuple[Claim, ...] = ()) -> Policy:
    suspensions = tuple(Suspension(kind=kind, until=None, reason="no forms") for kind in kinds)
    return replace(PLAIN, suspensions=suspensions, claims=claims)


def released() -> tuple[Picks, list[Lane]]:
    lanes = lanes_of(
        [card(n, kind, minute=n) for n, kind in enumerate(("first_issue", "lost", "lost", "urgent"))]
    )
    return release(lanes, DEFAULT, {}, 3, AT).picks, lanes


def swap(picks: Picks) -> Picks:
    return (picks[1], picks[0], picks[2])


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (swap, "card"),
        (lambda picks: (picks[0], picks[2], picks[1]), "card"),
        (lambda picks: tuple(pick._replace(why="no_head_start") for pick in picks), "why"),
        (lambda picks: tuple(pick._replace(live=()) for pick in picks), "live"),
    ],
)
def test_the_replay_sees_a_log_that_was_tampered_with(tamper: Callable[[Picks], Picks], code: str) -> None:
    picks, lanes = released()
    log = to_log(tamper(picks), lanes, DEFAULT, {}, AT)

    assert code in {fault.code for fault in faults(log, DEFAULT, AT)}


def test_the_replay_sees_an_older_card_of_the_lane_that_was_passed() -> None:
    younger = Pick(head=card(2, minute=5), why="rank", live=())

    found = faults(to_log([younger], lanes_of([card(1)]), PLAIN, {}, AT), PLAIN, AT)

    assert Fault(n=0, code="lane_order", expected=str(UUID(int=1)), found=str(UUID(int=2))) in found


def test_the_replay_sees_a_card_that_the_merge_overlooked() -> None:
    lanes = lanes_of([card(1), card(2, "urgent", minute=1), card(3, "urgent", minute=2)])
    picks = release(lanes[1:], PLAIN, {}, 2, AT).picks

    found = faults(to_log(picks, lanes, PLAIN, {}, AT), PLAIN, AT)

    assert Fault(n=0, code="card", expected=str(UUID(int=1)), found=str(UUID(int=2))) in found


def test_the_replay_sees_a_pick_of_a_suspended_kind() -> None:
    pick = Pick(head=card(1), why="rank", live=())

    found = faults(to_log([pick], [], PLAIN, {}, AT), suspended("lost"), AT)

    assert [fault.code for fault in found] == ["suspended", "card"]


def test_what_is_left_is_the_first_of_all_and_of_each_claim_each_once() -> None:
    claims = tuple(
        Claim(name=kind, permille=100, kinds=frozenset({kind})) for kind in ("urgent", "lost", "moved_in")
    )
    policy = replace(suspended("damaged", claims=claims), head_starts={"urgent": 10})
    gone, urgent, lost = card(4, "urgent", minute=-9), card(1, "urgent"), card(2, "lost", minute=-5)
    lanes = lanes_of([card(9, "damaged", minute=-99), gone, urgent, lost, card(3, "lost", minute=3)])
    lanes.append(Lane(kind="urgent", district=None, heads=deque([gone, urgent]), exhausted=True))
    lanes.append(Lane(kind="moved_in", district=None, heads=deque(), exhausted=True))

    log = to_log([Pick(head=gone, why="rank", live=())], lanes, policy, {}, AT)

    assert log["terms"]["left"] == [
        (head.kind, head.district, str(head.id), head.ranked_from) for head in (urgent, lost)
    ]


def test_a_log_read_again_says_what_it_said() -> None:
    picks, lanes = released()
    log = to_log(swap(picks), lanes, DEFAULT, {}, AT)

    found = faults({**log, "terms": json.loads(to_json(log["terms"]))}, DEFAULT, AT)

    assert found
    assert found == faults(log, DEFAULT, AT)


def test_a_claim_that_is_never_served_falls_behind() -> None:
    claim = Claim(name="far", permille=500, districts=frozenset({"outside"}))
    rows = [("lost", "21.02.01", ("far",))] * 10

    assert behind_floor(rows, PLAIN, claim) == 5


def test_a_claim_with_nothing_waiting_is_owed_nothing() -> None:
    claim = Claim(name="far", permille=500, districts=frozenset({"outside"}))

    assert behind_floor([("lost", "21.02.01", ())] * 10, PLAIN, claim) == 0

"""Who moves when a policy takes the place of another, from counts by day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.policy import DAY, Policy
from scheduler.domain.rehearsal import MOST_PEAKS, Bucket, Side, shifts

FIRST = date(2026, 1, 1)


class Card(NamedTuple):
    id: UUID
    kind: str
    ranked_from: datetime


def policy(**days: int) -> Policy:
    head_starts = {kind: n * DAY for kind, n in days.items()}
    return Policy(version=1, head_starts=head_starts, claims=(), suspensions=(), urgent_per_day=0)


def bucket(kind: str, day: int, n: int = 1, district: str = "21.02.01") -> Bucket:
    return Bucket(kind, district, FIRST + timedelta(days=day), n)


def cards(buckets: list[Bucket]) -> Iterator[Card]:
    """The cards the buckets stand for, spread evenly."""
    number = 0
    for kind, _, day, n in buckets:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for i in range(n):
            yield Card(UUID(int=number), kind, midnight + timedelta(days=(i + 0.5) / n))
            number += 1


def moved(buckets: list[Bucket], old: Policy, new: Policy) -> list[int]:
    """By how many places each card falls back, counted one by one."""
    everyone = list(cards(buckets))
    places = [
        {
            card.id: n
            for n, card in enumerate(
                sorted(everyone, key=lambda card: (rules.rank_at(card.kind, card.ranked_from), card.id))
            )
        }
        for rules in (old, new)
    ]
    return [places[1][card.id] - places[0][card.id] for card in everyone]


def test_a_head_start_brings_a_kind_past_those_who_applied_before_it() -> None:
    found = shifts([bucket("lost", 10), bucket("data_change", 0, 7)], policy(), policy(lost=30))

    assert found.lanes["lost", "21.02.01"].up == Side(cards=1, mean=7, most=7)
    assert found.lanes["data_change", "21.02.01"].down == Side(cards=7, mean=1, most=1)
    assert (found.overall.cards, found.overall.up.cards, found.overall.down.cards) == (8, 1, 7)


def test_nobody_moves_within_a_kind_or_where_all_get_the_same() -> None:
    buckets = [bucket("lost", n, 3) for n in range(5)] + [bucket("data_change", 2, 4)]

    alike = shifts(buckets, policy(), policy(lost=9, data_change=9))

    assert (alike.overall.up, alike.overall.down) == (Side(), Side())
    assert (alike.furthest_up, alike.furthest_down) == ((), ())


def test_districts_of_a_kind_move_alike_and_are_told_apart() -> None:
    buckets = [bucket("lost", 10, 2), bucket("lost", 10, 3, "21.02.02"), bucket("damaged", 0, 5)]

    found = shifts(buckets, policy(), policy(lost=30))

    assert {lane: shift.up for lane, shift in found.lanes.items()} == {
        ("damaged", "21.02.01"): Side(),
        ("lost", "21.02.01"): Side(cards=2, mean=5, most=5),
        ("lost", "21.02.02"): Side(cards=3, mean=5, most=5),
    }


def test_the_days_that_move_furthest_come_first_and_are_bounded() -> None:
    buckets = [bucket("lost", n, 1) for n in range(40)] + [bucket("damaged", n, 2) for n in range(40)]

    found = shifts(buckets, policy(), policy(lost=10))

    assert len(found.furthest_up) == len(found.furthest_down) == MOST_PEAKS
    assert {kind for kind, _ in found.furthest_up} == {"lost"}
    assert {kind for kind, _ in found.furthest_down} == {"damaged"}
    # Whoever stands at the ends has fewer to pass, or to be passed by.
    assert ("lost", FIRST) not in found.furthest_up
    assert ("damaged", FIRST + timedelta(days=39)) not in found.furthest_down


def test_an_empty_queue_moves_nobody() -> None:
    found = shifts([], policy(), policy(lost=1))

    assert (found.overall.cards, found.lanes) == (0, {})


@given(
    days=st.lists(
        st.tuples(st.sampled_from(["lost", "damaged", "data_change"]), st.integers(0, 30), st.integers(1, 5)),
        max_size=25,
        unique_by=lambda row: row[:2],
    ),
    old=st.integers(0, 20),
    new=st.integers(0, 20),
)
def test_no_card_is_told_wrong_by_more_than_what_the_boundary_days_hold(
    days: list[tuple[str, int, int]], old: int, new: int
) -> None:
    buckets = [bucket(kind, day, n) for kind, day, n in days]
    truth = moved(buckets, policy(lost=old), policy(lost=new))
    found = shifts(buckets, policy(lost=old), policy(lost=new))

    most = max((n for _, _, n in days), default=0) * 2
    assert abs(found.overall.up.most - max((-places for places in truth), default=0)) <= most
    assert abs(found.overall.down.most - max(truth, default=0)) <= most

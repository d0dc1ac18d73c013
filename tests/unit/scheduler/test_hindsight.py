"""What claims would have got of past picks, by the merge run over the past again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.hindsight import hindsight
from scheduler.domain.policy import Claim, Policy, Suspension
from scheduler.domain.rehearsal import Bucket
from scheduler.domain.release_log import SLACK
from scheduler.domain.shares import Share

FIRST = date(2026, 3, 1)
AT = datetime(2026, 7, 1, tzinfo=UTC)
FAR = Claim(name="far", permille=250, districts=frozenset({"21.02.09"}))
PLAIN = Policy(version=1, head_starts={}, claims=(FAR,), suspensions=(), urgent_per_day=0)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def near(n: int, cards: int) -> Bucket:
    return Bucket("data_change", "21.02.01", day(n), cards)


def far(n: int, cards: int) -> Bucket:
    return Bucket("data_change", "21.02.09", day(n), cards)


def test_a_claim_with_cards_all_along_gets_its_share() -> None:
    (share,) = hindsight({day(1): 40, day(2): 60}, [near(-9, 500), far(0, 300)], PLAIN, AT)

    assert share == Share(name="far", permille=250, picks=100, promised=25, got=25, bound=25, behind=0)


def test_a_claim_gets_no_card_twice() -> None:
    (share,) = hindsight({day(1): 100}, [near(-9, 500), far(0, 3)], PLAIN, AT)

    assert (share.got, share.picks) == (3, 12)


def test_a_card_is_not_picked_before_it_applied() -> None:
    (share,) = hindsight({day(1): 10, day(5): 10}, [near(-9, 500), far(3, 50)], PLAIN, AT)

    assert (share.picks, share.got) == (10, 2)


def test_what_goes_first_by_its_rank_is_no_merit_of_the_claim() -> None:
    (share,) = hindsight({day(1): 20}, [far(-30, 20), near(-9, 500)], PLAIN, AT)

    assert share.got == 20
    assert share.bound < share.got


def test_a_suspended_kind_gets_nothing() -> None:
    still = replace(PLAIN, suspensions=(Suspension(kind="data_change", until=None, reason="jeda"),))

    (share,) = hindsight({day(1): 20}, [near(-9, 500), far(0, 300)], still, AT)

    assert (share.picks, share.got) == (0, 0)


def test_days_with_more_picks_than_cards_end_when_nothing_is_left() -> None:
    (share,) = hindsight({day(1): 99, day(2): 99}, [far(0, 30), far(2, 5)], PLAIN, AT)

    assert share.got == 35


@given(
    st.lists(st.integers(0, 40), max_size=8),
    st.lists(st.tuples(st.booleans(), st.integers(-20, 8), st.integers(1, 60)), max_size=20),
)
def test_no_claim_falls_behind_its_floor(work: list[int], rows: list[tuple[bool, int, int]]) -> None:
    buckets = [(far if remote else near)(n, cards) for remote, n, cards in rows]

    (share,) = hindsight({day(n): picks for n, picks in enumerate(work)}, buckets, PLAIN, AT)

    assert share.behind <= SLACK
    assert share.got <= share.picks <= sum(work)

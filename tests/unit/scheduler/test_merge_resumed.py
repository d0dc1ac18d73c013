"""A merge that stops at a lane that ran dry goes on where it stopped, without beginning anew."""

from collections import deque
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.merge import Head, Lane, Merge, release
from scheduler.domain.policy import DEFAULT_RULES, parse_rules

NOW = datetime(2026, 11, 24, tzinfo=UTC)
POLICY = parse_rules(DEFAULT_RULES)
AGES = st.lists(st.integers(0, 800), max_size=12)
BACKLOGS = st.fixed_dictionaries({"first_issue": AGES, "data_change": AGES, "lost": AGES})


def _heads(kind: str, ages: list[int]) -> list[Head]:
    moments = sorted(NOW - timedelta(days=age) for age in ages)
    number = sum(map(ord, kind)) * 1000
    return [
        Head(id=UUID(int=number + n), kind=kind, district="21.02.01", ranked_from=moment)
        for n, moment in enumerate(moments)
    ]


def _lane(kind: str, heads: list[Head], *, exhausted: bool = True) -> Lane:
    return Lane(kind=kind, district="21.02.01", heads=deque(heads), exhausted=exhausted)


@given(BACKLOGS, st.integers(1, 3), st.integers(1, 3))
def test_topped_up_a_few_at_a_time_the_picks_are_those_of_all_at_once(
    backlog: dict[str, list[int]], few: int, more: int
) -> None:
    cards = {kind: _heads(kind, ages) for kind, ages in backlog.items()}
    whole = release([_lane(kind, heads) for kind, heads in cards.items()], POLICY, {}, 20, NOW)
    lanes = [_lane(kind, heads[:few], exhausted=len(heads) < few) for kind, heads in cards.items()]
    behind = {kind: heads[few:] for kind, heads in cards.items()}
    merge = Merge(lanes, POLICY, {}, NOW)

    result = merge.take(20)
    picks = list(result.picks)
    while result.hungry and len(picks) < 20:
        for lane in lanes:
            if lane.key in result.hungry:
                taken, behind[lane.kind] = behind[lane.kind][:more], behind[lane.kind][more:]
                lane.top_up(taken, exhausted=len(taken) < more)
        result = merge.take(20 - len(picks))
        picks.extend(result.picks)

    assert [pick.head for pick in picks] == [pick.head for pick in whole.picks]
    assert result.credit == whole.credit

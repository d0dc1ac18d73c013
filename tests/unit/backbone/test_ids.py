"""Ids: UUID version 7, ever growing, repeatable from a seed."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from backbone.clock import SystemClock, VirtualClock
from backbone.ids import Ids

START = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = Ids(SystemClock()).new()
    assert (made.version, made.variant) == (7, RFC_4122)


def test_an_id_begins_with_the_clocks_milliseconds() -> None:
    assert Ids(VirtualClock(START)).new().int >> 80 == int(START.timestamp() * 1000)


def test_ids_of_one_millisecond_grow_even_past_its_4096_numbers() -> None:
    ids = Ids(VirtualClock(START))
    made = [ids.new() for _ in range(5000)]
    assert made == sorted(set(made))


def test_the_same_seed_and_clock_make_the_same_ids() -> None:
    first, second = (Ids(VirtualClock(START), Random(7)) for _ in range(2))
    assert [first.new() for _ in range(9)] == [second.new() for _ in range(9)]


@given(st.lists(st.integers(-5000, 5000), min_size=1, max_size=30))
def test_ids_grow_even_where_the_clock_is_set_back(steps: list[int]) -> None:
    clock = VirtualClock(START)
    ids = Ids(clock)
    made = []
    for milliseconds in steps:
        clock._now = START + timedelta(milliseconds=milliseconds)
        made.append(ids.new())
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=4))
def test_many_ids_are_as_good_as_single_ones_and_grow_past_each_other(counts: list[int]) -> None:
    ids, made = Ids(VirtualClock(START)), []
    for count in counts:
        many = ids.many(count)
        assert len(many) == count
        made += [*(UUID(bytes=one) for one in many), ids.new()]
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert made[0].int >> 80 == int(START.timestamp() * 1000)

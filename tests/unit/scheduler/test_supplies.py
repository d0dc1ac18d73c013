"""Ribbon and film by measured yield."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.supplies import daily_rate, days_left, expected_yield, is_low

yields = st.lists(st.integers(1, 1000), min_size=1, max_size=6)


def test_a_first_roll_is_believed_to_do_what_it_is_sold_for() -> None:
    assert expected_yield(500, []) == 500


@given(yields)
def test_what_was_measured_counts_for_more_than_the_label(measured: list[int]) -> None:
    assert min(measured[:3]) <= expected_yield(500, measured) <= max(measured[:3])


def test_only_the_last_three_rolls_tell() -> None:
    assert expected_yield(500, [120, 130, 125, 500, 500]) == 125


def test_the_rate_is_the_mean_of_the_days_that_printed() -> None:
    assert daily_rate([100, 0, 140]) == 120


@pytest.mark.parametrize("days", [[], [0, 0]])
def test_no_day_that_printed_is_no_rate(days: list[int]) -> None:
    assert daily_rate(days) == 0


def test_without_a_rate_the_days_are_unknown() -> None:
    assert days_left(100, 0) is None


def test_what_is_left_lasts_as_many_days_as_the_rate_says() -> None:
    assert days_left(300, 120) == 2.5


@pytest.mark.parametrize(
    ("left", "days", "low"),
    [(500, 2.9, True), (10, 3.0, False), (49, None, True), (50, None, False)],
)
def test_days_tell_when_to_order_and_cards_while_no_rate_is_known(
    left: int, days: float | None, low: bool
) -> None:
    assert is_low(left, days, low_days=3, low_cards=50) is low

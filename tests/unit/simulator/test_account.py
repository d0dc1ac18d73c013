"""Credentials, the day's quota and the rate."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.domain.account import Account, Credentials, Rate

RIGHT = Credentials(user_id="cetak", password="rahasia", ip_user="10.0.0.1")
NINE = datetime(2018, 6, 29, 2, tzinfo=UTC)
MIDNIGHT = datetime(2018, 6, 29, 17, tzinfo=UTC)
"""Of the centre's zone, Asia/Jakarta."""
SECOND = timedelta(seconds=1)


def account(quota: int | None = None, per_hour: float | None = None, *, enforced: bool = False) -> Account:
    return Account(RIGHT, daily_quota=quota, rate=Rate(per_hour=per_hour, enforced=enforced))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (RIGHT, None),
        (Credentials(user_id="x", password="rahasia", ip_user="10.0.0.1"), "Login Gagal"),
        (Credentials(user_id="cetak", password="x", ip_user="10.0.0.1"), "User ID atau Password Salah"),
        (Credentials(user_id="cetak", password="rahasia", ip_user="x"), "IP Address Tidak Sesuai"),
    ],
)
def test_wrong_credentials_are_refused_in_the_centres_words(given: Credentials, text: str | None) -> None:
    assert account().refusal_of(given) == text


def test_a_password_is_not_shown() -> None:
    assert "rahasia" not in repr(RIGHT)


def test_every_call_takes_one_from_the_quota() -> None:
    desk = account(quota=3)
    desk.count(NINE)

    assert desk.left(NINE) == 2
    assert not desk.over_quota(NINE)


def test_the_call_after_the_last_is_over_quota_and_none_is_left() -> None:
    desk = account(quota=1)
    desk.count(NINE)
    desk.count(NINE)

    assert desk.over_quota(NINE)
    assert desk.left(NINE) == 0


def test_without_a_quota_nothing_is_left_and_nothing_over() -> None:
    desk = account()
    desk.count(NINE)

    assert desk.left(NINE) is None
    assert not desk.over_quota(NINE)


@pytest.mark.parametrize(("moment", "left"), [(MIDNIGHT - SECOND, 4), (MIDNIGHT, 5), (MIDNIGHT + SECOND, 5)])
def test_the_quota_begins_anew_at_the_centres_midnight(moment: datetime, left: int) -> None:
    desk = account(quota=5)
    desk.count(NINE)

    assert desk.left(moment) == left


def test_the_busiest_hour_is_any_sixty_minutes() -> None:
    desk = account()
    for minutes in (0, 30, 59, 60, 200):
        desk.count(NINE + timedelta(minutes=minutes))

    assert desk.busiest_hour == 3


def test_a_rate_is_recorded_and_not_enforced_by_default() -> None:
    desk = account(per_hour=1)
    desk.count(NINE)
    desk.count(NINE)

    assert not desk.over_rate()


def test_an_enforced_rate_refuses_one_too_many_in_an_hour() -> None:
    desk = account(per_hour=1, enforced=True)
    desk.count(NINE)
    assert not desk.over_rate()

    desk.count(NINE + timedelta(minutes=59))
    assert desk.over_rate()


def test_enforcing_no_rate_refuses_nothing() -> None:
    desk = account(enforced=True)
    desk.count(NINE)

    assert not desk.over_rate()

"""Ranks, claims and suspensions; the rules as JSON."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.policy import (
    DEFAULT_RULES,
    KINDS,
    BadPolicy,
    Claim,
    Policy,
    Suspension,
    parse_rules,
    to_json,
)
from scheduler.domain.rank import place_cuts

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)
DEFAULT = parse_rules(DEFAULT_RULES, version=1)


def rules(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(DEFAULT_RULES)), **changes}


def errors(given: Any) -> set[tuple[str, str]]:
    with pytest.raises(BadPolicy) as caught:
        parse_rules(given)
    return {(error.field, error.code) for error in caught.value.errors}


def test_a_first_timer_counts_as_having_applied_a_year_earlier() -> None:
    assert DEFAULT.rank_at("first_issue", NOON) == NOON - timedelta(days=365)


def test_an_urgent_card_counts_as_having_applied_two_years_earlier() -> None:
    assert DEFAULT.rank_at("urgent", NOON) == NOON - timedelta(days=730)


def test_a_kind_without_head_start_ranks_by_its_own_time() -> None:
    assert DEFAULT.rank_at("lost", NOON) == NOON


def test_only_kinds_with_a_head_start_are_ahead() -> None:
    policy = parse_rules(rules(head_starts={"first_issue": 5, "lost": 0}))

    assert policy.kinds_ahead == {"first_issue"}


def test_a_first_timer_of_today_overtakes_half_a_year_of_reprints() -> None:
    oldest_reprint = DEFAULT.rank_at("data_change", NOON - timedelta(days=180))

    assert DEFAULT.rank_at("first_issue", NOON) < oldest_reprint


def test_the_default_claim_covers_exactly_the_kinds_without_a_head_start() -> None:
    (claim,) = DEFAULT.claims

    covered = {kind for kind in KINDS if DEFAULT.claim_covers(claim, kind, "21.02.01")}

    assert covered == set(KINDS) - {"first_issue", "urgent"}


def test_the_default_claim_is_a_fifth() -> None:
    assert [claim.permille for claim in DEFAULT.claims] == [200]


def test_a_claim_without_lists_covers_everything() -> None:
    assert Claim(name="all", permille=1).covers("urgent", "outside")


def test_a_claim_on_a_district_leaves_the_others_out() -> None:
    claim = Claim(name="islands", permille=1, districts=frozenset({"21.02.09"}))

    assert [claim.covers("lost", district) for district in ("21.02.09", "21.02.01")] == [True, False]


def test_a_claim_on_a_kind_leaves_the_others_out() -> None:
    claim = Claim(name="lost", permille=1, kinds=frozenset({"lost"}))

    assert [claim.covers(kind, "21.02.09") for kind in ("lost", "damaged")] == [True, False]


@pytest.mark.parametrize(("until", "suspended"), [(None, True), (1, True), (0, False), (-1, False)])
def test_a_suspension_ends_at_its_moment(until: int | None, *, suspended: bool) -> None:
    end = None if until is None else NOON + timedelta(seconds=until)
    policy = Policy(
        version=1,
        head_starts={},
        claims=(),
        suspensions=(Suspension(kind="lost", until=end, reason="no police desk"),),
        urgent_per_day=0,
    )

    assert (policy.is_suspended("lost", NOON), policy.is_suspended("damaged", NOON)) == (suspended, False)


def test_the_version_is_the_callers() -> None:
    assert parse_rules(DEFAULT_RULES, version=7).version == 7


def test_a_suspension_keeps_its_zone_and_reason() -> None:
    text = "2026-07-05T00:00:00+07:00"
    policy = parse_rules(rules(suspensions=[{"kind": "lost", "until": text, "reason": " forms missing "}]))

    assert policy.suspensions == (
        Suspension(kind="lost", until=datetime.fromisoformat(text), reason="forms missing"),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], {("rules", "not_an_object")}),
        ({}, {(name, "missing") for name in DEFAULT_RULES}),
        (rules(head_start={}), {("head_start", "unknown_field")}),
        (rules(head_starts=[]), {("head_starts", "not_an_object")}),
        (rules(head_starts={"lost": -1}), {("head_starts.lost", "negative")}),
        (rules(head_starts={"lost": 10**9}), {("head_starts.lost", "out_of_range")}),
        (rules(head_starts={"lost": 1.5}), {("head_starts.lost", "not_an_integer")}),
        (rules(head_starts={"lost": True}), {("head_starts.lost", "not_an_integer")}),
        (rules(head_starts={"stolen": 1}), {("head_starts.stolen", "unknown_kind")}),
        (rules(urgent_per_day=-1), {("urgent_per_day", "negative")}),
        (rules(claims={}), {("claims", "not_a_list")}),
        (rules(claims=[1]), {("claims[0]", "not_an_object")}),
        (rules(claims=[{}]), {("claims[0].name", "missing"), ("claims[0].permille", "missing")}),
        (
            rules(claims=[{"name": " ", "permille": 0}]),
            {
                ("claims[0].name", "not_text"),
                ("claims[0].permille", "out_of_range"),
            },
        ),
        (rules(claims=[{"name": "rank", "permille": 1}]), {("claims[0].name", "reserved_name")}),
        (rules(claims=[{"name": "a", "permille": 1}] * 2), {("claims[1].name", "duplicate_claim")}),
        (
            rules(claims=[{"name": "a", "permille": 500}, {"name": "b", "permille": 501}]),
            {("claims", "over_committed")},
        ),
        (
            rules(claims=[{"name": "a", "permille": 1, "kinds": ["stolen"]}]),
            {("claims[0].kinds", "unknown_kind")},
        ),
        (rules(claims=[{"name": "a", "permille": 1, "kinds": "lost"}]), {("claims[0].kinds", "not_a_list")}),
        (
            rules(claims=[{"name": "a", "permille": 1, "districts": ["21.02"]}]),
            {("claims[0].districts", "unknown_district")},
        ),
        (
            rules(claims=[{"name": "a", "permille": 1, "without_head_start": 1}]),
            {("claims[0].without_head_start", "not_a_boolean")},
        ),
        (rules(suspensions=[{}]), {("suspensions[0].kind", "missing"), ("suspensions[0].reason", "missing")}),
        (
            rules(suspensions=[{"kind": "stolen", "reason": 1}]),
            {
                ("suspensions[0].kind", "unknown_kind"),
                ("suspensions[0].reason", "not_text"),
            },
        ),
        (
            rules(suspensions=[{"kind": "lost", "reason": "x", "until": "soon"}]),
            {("suspensions[0].until", "bad_time")},
        ),
        (
            rules(suspensions=[{"kind": "lost", "reason": "x", "until": "2026-07-05T00:00:00"}]),
            {("suspensions[0].until", "bad_time")},
        ),
    ],
)
def test_every_wrong_field_is_named(given: Any, expected: set[tuple[str, str]]) -> None:
    assert errors(given) == expected


def test_an_error_speaks_both_languages() -> None:
    with pytest.raises(BadPolicy, match="urgent_per_day: must not be negative") as caught:
        parse_rules(rules(urgent_per_day=-1))

    assert caught.value.errors[0].message_id == "tidak boleh kurang dari nol"


def test_shares_may_add_up_to_the_whole() -> None:
    claims = [{"name": "a", "permille": 400}, {"name": "b", "permille": 600}]

    assert len(parse_rules(rules(claims=claims)).claims) == 2


kinds = st.sampled_from(KINDS)
districts = st.sampled_from(["21.02.01", "21.02.09", "outside"])
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 (the strategy adds the zone)
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 (the same)
    timezones=st.just(UTC),
)
policies = st.builds(
    Policy,
    version=st.just(3),
    head_starts=st.dictionaries(kinds, st.integers(0, 2_000_000)),
    claims=st.lists(
        st.builds(
            Claim,
            name=st.sampled_from("abcdef"),
            permille=st.integers(1, 250),
            kinds=st.frozensets(kinds),
            districts=st.frozensets(districts),
            without_head_start=st.booleans(),
        ),
        max_size=4,
        unique_by=lambda claim: claim.name,
    ).map(tuple),
    suspensions=st.lists(
        st.builds(Suspension, kind=kinds, until=st.none() | moments, reason=st.just("because")), max_size=3
    ).map(tuple),
    urgent_per_day=st.integers(0, 50),
)


@settings(max_examples=50, deadline=None)
@given(policies)
def test_rules_survive_json(policy: Policy) -> None:
    assert parse_rules(to_json(policy), version=3) == policy


@settings(max_examples=100, deadline=None)
@given(policies, kinds, moments, kinds, moments)
def test_a_card_is_before_its_cut_exactly_when_it_ranks_before(
    policy: Policy, kind: str, mine: datetime, other: str, theirs: datetime
) -> None:
    cuts = dict(place_cuts(policy, kind, mine))

    assert (theirs < cuts[other]) == (policy.rank_at(other, theirs) < policy.rank_at(kind, mine))


def test_there_is_one_cut_for_every_kind() -> None:
    assert tuple(kind for kind, _ in place_cuts(DEFAULT, "lost", NOON)) == KINDS


def test_the_cut_of_my_own_kind_is_my_own_time() -> None:
    assert dict(place_cuts(DEFAULT, "first_issue", NOON))["first_issue"] == NOON

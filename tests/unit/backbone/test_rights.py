"""Who may do what, where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.problems import Forbidden
from backbone.rights import ACTIONS, SCOPES, Actor, authorize, covers


def actor(*scopes: str, prefix: str = "21.02", station: str | None = None) -> Actor:
    return Actor(subject="tester", scopes=frozenset(scopes), prefix=prefix, station=station)


@pytest.mark.parametrize(
    ("prefix", "office", "covered"),
    [
        ("", "21.02", True),
        ("21", "21.02", True),
        ("21.02", "21.02", True),
        ("21.02", "21.03", False),
        ("21.0", "21.02", False),
        ("2", "21", False),
        ("21.02", "21", False),
        ("21.02", "", False),
        ("21.02", "21.021", False),
    ],
)
def test_a_prefix_covers_itself_and_what_lies_below(prefix: str, office: str, covered: bool) -> None:
    assert covers(prefix, office) is covered


@pytest.mark.parametrize("scope", sorted(SCOPES))
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_action_is_allowed_to_its_scopes_alone(action: str, scope: str) -> None:
    if scope in ACTIONS[action]:
        authorize(actor(scope), action, office="21.02")
    else:
        with pytest.raises(Forbidden):
            authorize(actor(scope), action, office="21.02")


def test_every_scope_of_the_table_is_one_a_token_can_have() -> None:
    assert frozenset().union(*ACTIONS.values()) <= SCOPES


@given(st.sampled_from(sorted(ACTIONS)), st.sampled_from(["21.03", "2", "22", "22.02", ""]))
def test_no_scope_reaches_beyond_its_prefix(action: str, office: str) -> None:
    with pytest.raises(Forbidden):
        authorize(actor(*SCOPES), action, office=office)


def test_a_token_without_scopes_may_do_nothing() -> None:
    with pytest.raises(Forbidden):
        authorize(actor(), "queue.read")


def test_an_object_of_no_office_asks_for_the_scope_alone() -> None:
    authorize(actor("operator"), "queue.read")


def test_a_station_serves_itself() -> None:
    authorize(actor("station", station="s1"), "station.work", office="21.02", station="s1")


@pytest.mark.parametrize("own", ["s1", None])
def test_a_station_does_not_serve_another(own: str | None) -> None:
    with pytest.raises(Forbidden):
        authorize(actor("station", station=own), "station.pause", office="21.02", station="s2")


def test_an_operator_who_is_a_station_too_may_pause_any() -> None:
    authorize(actor("station", "operator", station="s1"), "station.pause", office="21.02", station="s2")

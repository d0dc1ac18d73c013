"""Why a card waits: each situation names its reason, its owner and when it can end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from backbone.contracts.scheduler import State
from scheduler.domain.blockers import Blocker, Situation, blockers

NOW = datetime(2018, 6, 29, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
FREE = Situation(
    now=NOW,
    state="waiting",
    place=1,
    centre_state="open",
    centre_opens_at=None,
    printing_opens_at=None,
    stations_running=1,
    stations_seen=1,
    stations_uncertain=0,
    blanks=5,
    next_delivery=None,
    suspended=False,
    suspended_until=None,
    due_at=None,
    frozen_by=None,
)

CASES: list[tuple[dict[str, Any], str, str, datetime | None]] = [
    ({"frozen_by": 7}, "incident", "supervisor", None),
    ({"recovering": True}, "recovering", "supervisor", None),
    ({"state": "approved", "recovering": True}, "recovering", "supervisor", None),
    ({"state": "needs_correction"}, "applicant_must_correct", "applicant", None),
    ({"state": "in_review"}, "officer_must_decide", "officer", None),
    ({"state": "in_review", "due_at": LATER}, "held_by_officer", "officer", LATER),
    ({"state": "deferred", "due_at": LATER}, "record_not_ready", "centre", LATER),
    ({"suspended": True, "suspended_until": LATER}, "suspended", "supervisor", LATER),
    ({"state": "approved", "suspended": True}, "suspended", "supervisor", None),
    ({"centre_state": "closed", "centre_opens_at": LATER}, "centre_closed", "centre", LATER),
    ({"centre_state": "outage"}, "centre_outage", "centre", None),
    ({"centre_state": "quota", "centre_opens_at": LATER}, "centre_quota", "centre", LATER),
    ({"centre_state": "credentials"}, "centre_credentials", "supervisor", None),
    ({"centre_state": "unknown"}, "centre_unknown", "centre", None),
    (
        {"state": "approved", "centre_state": "closed", "print_needs_centre": True},
        "centre_closed",
        "centre",
        None,
    ),
    ({"place": 3}, "others_first", "nobody", None),
    ({"printing_opens_at": LATER}, "printing_closed", "office", LATER),
    ({"printing_opens_at": LATER, "stations_seen": 0}, "printing_closed", "office", LATER),
    ({"stations_seen": 0}, "no_station", "operator", None),
    ({"stations_running": 0, "stations_seen": 0}, "no_station", "operator", None),
    ({"stations_uncertain": 1}, "stations_uncertain", "operator", None),
    ({"stations_stopped": 1}, "printer_stopped", "operator", None),
    (
        {"stations_seen": 2, "stations_uncertain": 1, "stations_stopped": 1},
        "stations_uncertain",
        "operator",
        None,
    ),
    ({"blanks": 0, "next_delivery": LATER}, "no_blanks", "supplier", LATER),
    ({"state": "approved", "blanks": 0}, "no_blanks", "supplier", None),
    ({"state": "printed", "due_at": LATER}, "card_to_collect", "applicant", LATER),
    ({"state": "refused"}, "refused", "supervisor", None),
    ({"state": "lapsed"}, "lapsed", "supervisor", None),
    ({"state": "withdrawn"}, "withdrawn", "applicant", None),
]


@pytest.mark.parametrize(("values", "code", "owner", "clears_at"), CASES)
def test_a_situation_names_its_one_reason(
    values: dict[str, Any], code: str, owner: str, clears_at: datetime | None
) -> None:
    (found,) = blockers(replace(FREE, **values))

    assert (found.code, found.owner, found.clears_at) == (code, owner, clears_at)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"state": "verifying"},
        {"state": "approved", "centre_state": "closed"},
        {"state": "approved", "place": 9},
        {"state": "verifying", "suspended": True},
        {"state": "verifying", "recovering": True},
        {"printing_opens_at": NOW},
        {"state": "printing", "blanks": 0, "stations_seen": 0},
        {"state": "printed", "blanks": 0, "centre_state": "closed"},
        {"state": "printing", "suspended": True},
        {"stations_seen": 3, "stations_uncertain": 1, "stations_stopped": 1},
    ],
)
def test_what_does_not_hold_a_card_is_not_named(values: dict[str, Any]) -> None:
    assert blockers(replace(FREE, **values)) == ()


def test_no_station_is_named_beside_closed_printing_hours_where_none_runs() -> None:
    seen = replace(FREE, printing_opens_at=LATER, stations_running=0, stations_seen=0)

    assert [found.code for found in blockers(seen)] == ["printing_closed", "no_station"]


def test_all_reasons_are_named_at_once_what_is_the_card_s_own_first() -> None:
    seen = replace(
        FREE, frozen_by=1, suspended=True, centre_state="outage", place=2, printing_opens_at=LATER, blanks=0
    )

    codes = [found.code for found in blockers(seen)]

    assert codes == ["incident", "suspended", "centre_outage", "others_first", "printing_closed", "no_blanks"]


def test_the_number_of_cards_ahead_is_told() -> None:
    (found,) = blockers(replace(FREE, place=12))

    assert "11 " in found.message_id
    assert found.message_en.startswith("11 ")


@pytest.mark.parametrize("state", get_args(State))
def test_every_state_is_explained_in_both_languages(state: str) -> None:
    worst = replace(
        FREE, state=state, frozen_by=1, centre_state="closed", blanks=0, stations_seen=0, recovering=True
    )

    assert all(
        isinstance(found, Blocker) and found.message_id and found.message_en for found in blockers(worst)
    )

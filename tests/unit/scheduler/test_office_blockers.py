"""Why nothing moves in an office or at a station: reasons exactly where release would pick nothing, and each of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.office_blockers import Crowd, OfficeView, Stage, aside, printing_stops, stages
from scheduler.domain.room import StationRoom, VerifyView, print_room, verify_room, verify_stops
from scheduler.domain.station_blockers import StationView, station_stops, stops_of_all

NOW = datetime(2018, 6, 29, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
ROOM = StationRoom(id="2102-1", slots=2, live=0, blanks=10, running=True, seen=True)
STATION = StationView(room=ROOM, state="running", seen_at=NOW)
VERIFY = VerifyView(
    printable_approved=0,
    verifying=0,
    blanks_in_sight=100,
    quota_left=None,
    calls_per_hour=None,
    cards_per_hour=40,
    now=NOW,
    closes_at=LATER,
    next_opening=LATER + timedelta(hours=16),
    printing_hours_until=15,
    approval_validity=timedelta(hours=24),
    shallow_hours=2,
    print_after_close=True,
)
FREE = OfficeView(
    now=NOW,
    recovering=False,
    waiting=Crowd(cards=50),
    approved=Crowd(cards=5),
    centre_state="open",
    centre_open=True,
    centre_opens_at=None,
    print_needs_centre=False,
    printing_shut=False,
    printing_opens_at=None,
    blanks=100,
    verify=VERIFY,
    stations=(STATION,),
)


def station(**values: Any) -> StationView:
    room = {name: values.pop(name) for name in list(values) if name in StationRoom.__slots__}
    return replace(STATION, room=replace(ROOM, **room), **values)


def codes(stage: Stage) -> list[str]:
    return [hold.code for hold in stage.blockers]


def test_where_nothing_stops_them_both_stages_say_how_many_may_go() -> None:
    verification, printing = stages(FREE)

    assert (verification.cards, verification.room, verification.limited_by) == (50, 50, "depth")
    assert (printing.cards, printing.room) == (5, 2)
    assert codes(verification) == codes(printing) == []


VERIFICATION: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({"recovering": True}, {}, ["recovering"]),
    ({"waiting": Crowd(cards=4, suspended=4)}, {}, ["suspended"]),
    ({"waiting": Crowd(cards=4, suspended=1, frozen=3)}, {}, ["suspended", "incident"]),
    ({"centre_state": "closed", "centre_open": False}, {"window_open": False}, ["centre_closed"]),
    ({"centre_open": False}, {"closes_at": NOW}, ["centre_closed"]),
    ({"centre_state": "unknown", "centre_open": False}, {"window_open": False}, ["centre_unknown"]),
    ({}, {"quota_left": 1}, ["quota_spoken_for"]),
    ({}, {"calls_per_hour": 120.0, "verifying": 1, "cards_per_hour": 900}, ["rate_reached"]),
    ({}, {"printable_approved": 80}, ["enough_ahead"]),
    ({}, {"print_after_close": False, "closes_at": NOW + timedelta(minutes=1)}, ["closes_too_soon"]),
    ({"blanks": 0}, {"blanks_in_sight": 0}, ["no_blanks"]),
    ({}, {"blanks_in_sight": 3, "verifying": 3}, ["blanks_promised"]),
    ({}, {"printing_hours_until": 0}, ["no_printing_hours"]),
    ({"stations": ()}, {"cards_per_hour": 0}, ["no_station"]),
    ({"stations": (station(seen=False),)}, {"cards_per_hour": 0}, ["station_silent"]),
    # A station that came a moment ago has no pace for the one who looked before.
    ({}, {"cards_per_hour": 0}, ["no_station"]),
]


@pytest.mark.parametrize(("office", "verify", "expected"), VERIFICATION)
def test_what_stops_verification_is_named(
    office: dict[str, Any], verify: dict[str, Any], expected: list[str]
) -> None:
    stage, _ = stages(replace(FREE, **office, verify=replace(VERIFY, **verify)))

    assert codes(stage) == expected
    assert {hold.cards for hold in stage.blockers} <= {1, 3, 4, 50}
    assert stage.room == 0


PRINTING: list[tuple[dict[str, Any], list[str]]] = [
    ({"recovering": True}, ["recovering"]),
    ({"printing_shut": True, "printing_opens_at": LATER}, ["printing_closed"]),
    ({"print_needs_centre": True, "centre_open": False, "centre_state": "outage"}, ["centre_outage"]),
    (
        {"approved": Crowd(cards=3, suspended=1, frozen=1, ending=1)},
        ["suspended", "incident", "approval_ending"],
    ),
    ({"stations": ()}, ["no_station"]),
    ({"stations": (station(state="paused", running=False),)}, ["station_paused"]),
    ({"stations": (station(state="lost", running=False),)}, ["station_lost"]),
    ({"stations": (station(seen=False),)}, ["station_silent"]),
    ({"stations": (station(seen=False),), "printing_shut": True}, ["printing_closed"]),
    ({"stations": (station(running=False),)}, ["printer_stopped"]),
    ({"stations": (station(running=False, printer_reasons=("marker-supply-empty",)),)}, ["ribbon_out"]),
    ({"stations": (station(uncertain=True),)}, ["uncertain_card"]),
    ({"stations": (station(blanks=0),)}, ["no_blanks"]),
    ({"stations": (station(live=2),)}, ["slots_full"]),
    ({"stations": (station(live=2, blanks=0), station(id="2102-2", blanks=0))}, ["no_blanks", "slots_full"]),
]


@pytest.mark.parametrize(("values", "expected"), PRINTING)
def test_what_stops_printing_is_named(values: dict[str, Any], expected: list[str]) -> None:
    _, stage = stages(replace(FREE, **values))

    assert (codes(stage), stage.room) == (expected, 0)


def test_a_station_with_room_lets_printing_go_on_beside_one_that_stands() -> None:
    assert stops_of_all([station(blanks=0), station(id="2102-2")]) == []


def test_a_reason_names_the_stations_it_stops() -> None:
    both = (station(blanks=0, next_delivery=LATER), station(id="2102-2", blanks=0))

    (hold,) = printing_stops(replace(FREE, stations=both))

    assert (hold.stations, hold.clears_at, hold.owner) == (("2102-1", "2102-2"), LATER, "supplier")


def test_a_stage_without_cards_has_no_reasons() -> None:
    nothing = replace(FREE, recovering=True, waiting=Crowd(cards=0), approved=Crowd(cards=0))

    assert [codes(stage) for stage in stages(nothing)] == [[], []]


def test_who_paused_a_station_and_since_when_one_is_silent_is_told() -> None:
    paused = station(state="paused", running=False, why="pita macet", by="budi")
    (first,) = station_stops(paused)
    (second,) = station_stops(station(seen=False, seen_at=None))

    assert "budi: pita macet" in first.message_id
    assert "last at -" in second.message_en


def test_what_stands_aside_is_counted_with_its_next_date() -> None:
    seen = replace(
        FREE,
        waiting=Crowd(cards=9, suspended=2, frozen=1),
        approved=Crowd(cards=3, frozen=1),
        suspended_until=LATER,
    )

    found = aside(seen, {"in_review": (4, LATER), "deferred": (0, None)})

    assert [(hold.code, hold.cards, hold.clears_at) for hold in found] == [
        ("officer_must_decide", 4, LATER),
        ("suspended", 2, LATER),
        ("incident", 2, None),
    ]
    assert aside(FREE, {}) == ()


rooms = st.builds(
    StationRoom,
    id=st.sampled_from(["a", "b"]),
    slots=st.integers(1, 3),
    live=st.integers(0, 4),
    blanks=st.integers(0, 2),
    running=st.booleans(),
    seen=st.booleans(),
    uncertain=st.booleans(),
)
stations = rooms.map(lambda room: StationView(room=room, state="running" if room.running else "paused"))
crowds = st.tuples(*(st.integers(0, 3),) * 4).map(
    lambda n: Crowd(cards=sum(n), suspended=n[0], frozen=n[1], ending=n[2])
)
views = st.builds(
    VerifyView,
    printable_approved=st.integers(0, 200),
    verifying=st.integers(0, 20),
    blanks_in_sight=st.integers(0, 200),
    quota_left=st.none() | st.integers(0, 50),
    calls_per_hour=st.none() | st.floats(1, 5000),
    cards_per_hour=st.floats(0, 200),
    now=st.just(NOW),
    closes_at=st.none() | st.integers(-60, 900).map(lambda n: NOW + timedelta(minutes=n)),
    next_opening=st.none() | st.integers(-60, 3000).map(lambda n: NOW + timedelta(minutes=n)),
    printing_hours_until=st.floats(0, 30),
    approval_validity=st.just(timedelta(hours=24)),
    shallow_hours=st.floats(0, 4),
    print_after_close=st.booleans(),
    window_open=st.booleans(),
    halved=st.booleans(),
)


@given(views)
def test_verification_has_a_reason_exactly_where_it_has_no_room(view: VerifyView) -> None:
    depth, stops = verify_room(view), verify_stops(view)

    assert (depth.room == 0) == bool(stops)
    assert depth.room > 0 or depth.binding in stops


@given(st.lists(stations, max_size=2, unique_by=lambda one: one.room.id))
def test_stations_have_reasons_exactly_where_none_has_room(found: list[StationView]) -> None:
    room = sum(print_room([one.room for one in found]).values())
    stops = stops_of_all(found)

    assert (room == 0) == bool(stops)
    assert {name for _, names in stops for name in names} == (
        {one.room.id for one in found} if stops else set()
    )


@given(
    crowds,
    crowds,
    views,
    st.lists(stations, max_size=2, unique_by=lambda one: one.room.id),
    *(st.booleans(),) * 3,
)
def test_an_office_has_reasons_exactly_where_its_cards_may_not_go(
    waiting: Crowd,
    approved: Crowd,
    view: VerifyView,
    found: list[StationView],
    recovering: bool,
    shut: bool,
    needs: bool,
) -> None:
    is_open = view.window_open and (view.closes_at is None or view.closes_at > view.now)
    seen = replace(
        FREE,
        waiting=waiting,
        approved=approved,
        verify=view,
        stations=tuple(found),
        recovering=recovering,
        printing_shut=shut,
        print_needs_centre=needs,
        centre_open=is_open,
    )

    for stage in stages(seen):
        assert bool(stage.blockers) == (stage.cards > 0 and stage.room == 0)
        assert all(hold.message_id and hold.message_en and hold.owner for hold in stage.blockers)

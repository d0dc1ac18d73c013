"""How many cards a station may be given."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.room import (
    StationRoom,
    print_room,
)

STATION = StationRoom(id="2102-1", slots=2, live=0, blanks=100, running=True, seen=True)


@pytest.mark.parametrize(
    ("changes", "room"),
    [
        ({}, 2),
        ({"live": 1}, 1),
        ({"live": 2}, 0),
        ({"live": 3}, 0),
        ({"blanks": 1}, 1),
        ({"blanks": 0}, 0),
        ({"running": False}, 0),
        ({"seen": False}, 0),
        ({"uncertain": True, "live": 1}, 0),
    ],
)
def test_a_station_has_room_for_its_free_slots_with_blanks(changes: dict[str, Any], room: int) -> None:
    assert print_room([replace(STATION, **changes)]) == {"2102-1": room}


def test_stations_do_not_share_their_room() -> None:
    other = replace(STATION, id="2102-2", blanks=1)

    assert print_room([STATION, other]) == {"2102-1": 2, "2102-2": 1}


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        StationRoom,
        id=st.just("2102-1"),
        slots=st.integers(0, 4),
        live=st.integers(0, 5),
        blanks=st.integers(0, 5),
        running=st.booleans(),
        seen=st.booleans(),
        uncertain=st.booleans(),
    )
)
def test_a_station_is_never_given_more_than_its_slots_and_blanks(station: StationRoom) -> None:
    room = print_room([station])["2102-1"]

    assert 0 <= room <= max(0, min(station.slots - station.live, station.blanks))

"""The station torture's own tables: the same seed, the same plan; every planted fault still has its place in the source."""

import importlib.util
from pathlib import Path

import pytest
from tests.torture.mutants import Patch
from tests.torture_station.mutants import MUTANTS
from tests.torture_station.plan import FEWEST, LASTING, LOAD, MOST, STATIONS, WEIGHTS, draw

POINTS = ("station.armed", "ipp.sent")
SEEDS = range(1, 300)
PATCHES = [
    pytest.param(patch, id=f"{name}-{n}") for name, found in MUTANTS.items() for n, patch in enumerate(found)
]


def test_the_same_seed_gives_the_same_plan() -> None:
    assert draw(17, POINTS, people=7) == draw(17, POINTS, people=7)


def test_every_kind_of_fault_is_drawn_sooner_or_later() -> None:
    assert {fault.kind for seed in SEEDS for fault in draw(seed, POINTS, people=1).faults} == set(WEIGHTS)


def test_faults_are_within_bounds_and_in_order() -> None:
    for seed in SEEDS:
        faults = draw(seed, POINTS, people=1).faults
        assert FEWEST <= len(faults) <= MOST
        assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)
        for fault in faults:
            least, most = LASTING.get(fault.kind, (0, 0))
            assert 0 <= fault.at <= LOAD
            assert least <= fault.seconds <= most
            assert fault.station in STATIONS


@pytest.mark.parametrize("patch", PATCHES)
def test_a_planted_fault_has_its_place_in_the_source(patch: Patch) -> None:
    spec = importlib.util.find_spec(patch.module)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).read_text().count(patch.old) == 1

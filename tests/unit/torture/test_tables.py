"""What the harness believes of the source: its failpoints, the places of the planted faults, people whom nobody knows."""

import importlib.util
from itertools import islice
from pathlib import Path

import pytest
from tests.torture.every_failpoint import SPECIAL
from tests.torture.failpoint_names import names, owner
from tests.torture.mutants import MUTANTS, Patch
from tests.torture.people import FIRST_SERIAL, body, people, registry

PATCHES = [
    pytest.param(patch, id=f"{name}-{n}") for name, found in MUTANTS.items() for n, patch in enumerate(found)
]


def test_names_are_found_in_all_services_and_stand_for_each_where_the_backbone_says_them() -> None:
    found = names()

    assert {"scheduler.arm", "station.intent", "broker.before_ack", "folder.laid_down"} <= set(found)
    assert {"intake.handled", "scheduler.before_commit", "gateway.published"} <= set(found)
    assert not [name for name in found if "{" in name]


@pytest.mark.parametrize(
    ("name", "process"),
    [
        ("station.intent", "s"),
        ("folder.laid_down", "s"),
        ("broker.before_ack", "scheduler"),
        ("gateway.call", "gateway"),
    ],
)
def test_a_failpoint_belongs_to_the_process_that_passes_it(name: str, process: str) -> None:
    assert owner(name, station="s") == process


def test_special_acts_are_for_failpoints_that_exist() -> None:
    assert set(SPECIAL) <= set(names())


@pytest.mark.parametrize("patch", PATCHES)
def test_a_planted_fault_fits_the_source_in_one_place(patch: Patch) -> None:
    spec = importlib.util.find_spec(patch.module)
    assert spec is not None
    assert spec.origin is not None

    assert Path(spec.origin).read_text().count(patch.old) == 1


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_fault_compiles(name: str) -> None:
    for module in {patch.module for patch in MUTANTS[name]}:
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        source = Path(spec.origin).read_text()
        for patch in MUTANTS[name]:
            if patch.module == module:
                source = source.replace(patch.old, patch.new)
        compile(source, spec.origin, "exec")


def test_nobody_comes_twice_and_nobody_is_real() -> None:
    found = list(people(1, 12_000))

    assert len({person["nik"] for person in found}) == len(found)
    assert all(len(person["nik"]) == 16 and int(person["nik"][12:]) >= FIRST_SERIAL for person in found)


def test_the_same_people_come_every_time() -> None:
    assert list(people(1, 100)) == list(people(1, 100))


def test_the_centre_is_told_of_them_and_the_kiosk_of_what_they_say() -> None:
    (person,) = islice(people(1, 1), 1)

    assert registry([person]).splitlines()[1].split(",")[1] == person["nik"]
    assert "reference" not in body(person)

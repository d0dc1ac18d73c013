"""One person or two: who signs, and that two are two."""

import pytest

from backbone.problems import Invalid
from backbone.rights import Actor
from scheduler.use_cases.persons import Persons

OFFICER = Actor(subject="ani", scopes=frozenset({"operator"}), prefix="21.02")
STATION = Actor(subject="2102-1", scopes=frozenset({"station"}), prefix="21.02", station="2102-1")


def fault(persons: Persons, *, two: bool = True) -> str | None:
    """The field at fault."""
    try:
        persons.check(two=two)
    except Invalid as invalid:
        return invalid.errors[0].field
    return None


@pytest.mark.parametrize("second", [None, "", "  ", "ani", " ANI "])
def test_an_account_s_owner_is_not_the_second_person(second: str | None) -> None:
    assert fault(Persons(actor=OFFICER, second=second)) == "second_person"


@pytest.mark.parametrize("second", ["budi", "  Budi  Utomo ", "ani"])
def test_naming_somebody_else_as_the_first_does_not_make_oneself_the_second(second: str) -> None:
    assert fault(Persons(actor=OFFICER, person="Budi Utomo", second=second)) == (
        None if second == "budi" else "second_person"
    )


@pytest.mark.parametrize("person", [None, "", " "])
def test_a_station_s_token_is_no_person(person: str | None) -> None:
    assert fault(Persons(actor=STATION, person=person, second="Siti")) == "person"


def test_one_person_does_where_two_are_not_needed() -> None:
    assert fault(Persons(actor=STATION, person="Budi"), two=False) is None


def test_a_witness_named_though_not_needed_is_another_one_still() -> None:
    assert fault(Persons(actor=STATION, person="Budi", second="budi"), two=False) == "second_person"


def test_the_record_names_the_person_with_the_token_they_acted_by() -> None:
    assert Persons(actor=STATION, person=" Budi ", second=" Siti ").name == "Budi (2102-1)"
    assert Persons(actor=OFFICER).name == "ani"
    assert Persons(actor=STATION, person="Budi", second=" Siti ").second_name == "Siti"

"""The people whom the centre knows, by NIK."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, Self

from simulator.domain.draw import draw
from simulator.domain.inventing import invent, seeded
from simulator.domain.person import Person, Sex

_SEXES: Final[dict[str, Sex]] = {"M": "M", "L": "M", "F": "F", "P": "F"}
_LOOSE: Final = 0.25
_WITHOUT_PHOTO: Final = 0.01


class Population:
    """A mutable registry; a person put in again replaces the earlier one."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._people = {person.nik: person for person in people}

    @classmethod
    def seeded(cls, seed: int, count: int) -> Self:
        """Specimen people of Karimun, the same for the same seed."""
        return cls(_varied(person) for person in seeded(seed, count))

    @classmethod
    def from_backlog(cls, path: Path) -> Self:
        """A person for every row of a backlog file; of two rows with one NIK the first counts.

        Rows without a 16-digit NIK or a readable birth date are nobody: they never get as far as the centre.
        """
        population = cls()
        for person in _rows(path):
            population._people.setdefault(person.nik, _varied(person))
        return population

    def add(self, *people: Person) -> None:
        self._people.update((person.nik, person) for person in people)

    def find(self, nik: str) -> Person | None:
        return self._people.get(nik)

    def other_than(self, nik: str) -> Person | None:
        """Anybody else."""
        return next((person for person in self._people.values() if person.nik != nik), None)

    def __len__(self) -> int:
        return len(self._people)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people.values())


def _varied(person: Person) -> Person:
    """Some records come in the other form, and a few without a photo, as in the world."""
    return replace(
        person,
        loose=draw(person.nik, "loose") < _LOOSE,
        photo=draw(person.nik, "has photo") >= _WITHOUT_PHOTO,
    )


def _rows(path: Path) -> Iterator[Person]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        delimiter = ";" if ";" in file.readline() else ","
        file.seek(0)
        for row in csv.DictReader(file, delimiter=delimiter):
            person = _person(
                {name: (text or "").strip() for name, text in row.items() if isinstance(text, str)}
            )
            if person is not None:
                yield person


def _person(row: dict[str, str]) -> Person | None:
    nik, born, code = row.get("nik", ""), _date(row.get("birth_date", "")), row.get("district_code", "")
    if len(nik) != 16 or not (nik.isascii() and nik.isdigit()) or born is None:
        return None
    return invent(
        nik,
        full_name=" ".join(row.get("full_name", "").upper().split()),
        birth_date=born,
        sex=_SEXES.get(row.get("sex", "").upper()),
        district_code=code if _is_code(code) else None,
        first_issue=row.get("reason", "").lower() == "first_issue",
    )


def _date(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a birth date has no zone
        except ValueError:
            continue
    return None


def _is_code(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 3 and all(len(part) == 2 and part.isascii() and part.isdigit() for part in parts)

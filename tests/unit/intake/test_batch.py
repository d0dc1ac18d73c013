"""Rows of a file against what is on record and against each other."""

from datetime import UTC, datetime

from intake.domain.batch import Candidate, Known, place_rows

THEN = datetime(2018, 3, 1, tzinfo=UTC)
LATER = datetime(2018, 4, 1, tzinfo=UTC)


def row(reference: str, person: bytes, row_hash: bytes = b"same", at: datetime = LATER) -> Candidate:
    return Candidate(reference=reference, row_hash=row_hash, person_hash=person, submitted_at=at)


def known(rows: dict[str, bytes | None] | None = None, people: dict[bytes, datetime] | None = None) -> Known:
    return Known(rows=rows or {}, open_since=people or {})


def verdicts(rows: list[Candidate], record: Known) -> list[str]:
    return [placed.verdict for placed in place_rows(rows, record)]


def test_a_new_row_of_a_new_person_is_accepted() -> None:
    assert verdicts([row("A", b"1"), row("B", b"2")], known()) == ["accepted", "accepted"]


def test_the_same_row_again_is_a_duplicate_though_its_person_has_an_open_case() -> None:
    assert verdicts([row("A", b"1"), row("A", b"1")], known()) == ["accepted", "duplicate"]


def test_another_row_under_the_same_reference_is_refused() -> None:
    assert verdicts([row("A", b"1"), row("A", b"2", b"other")], known()) == ["accepted", "reference_taken"]


def test_a_second_row_of_a_person_tells_since_when_the_first_is_open() -> None:
    first, second = place_rows([row("A", b"1", at=THEN), row("B", b"1")], known())

    assert (first.verdict, second.verdict, second.open_since) == ("accepted", "duplicate_person", THEN)


def test_what_is_on_record_counts_like_what_is_in_the_file() -> None:
    record = known({"A": b"same", "B": None}, {b"3": THEN})

    assert verdicts([row("A", b"1"), row("B", b"2"), row("C", b"3")], record) == [
        "duplicate",
        "reference_taken",
        "duplicate_person",
    ]


def test_a_row_that_was_not_accepted_holds_neither_its_reference_nor_its_person() -> None:
    record = known(people={b"1": THEN})

    assert verdicts([row("A", b"1"), row("A", b"2", b"other")], record) == ["duplicate_person", "accepted"]

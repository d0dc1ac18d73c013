"""What an import owes each row that is clean in itself: new, the same again, or in the way of another. Pure."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

from intake.domain.finding import Finding

Place = Literal["accepted", "duplicate", "duplicate_person", "reference_taken"]

REFERENCE_TAKEN: Final = Finding(
    field="reference",
    code="taken",
    message_id="Nomor permohonan ini sudah dipakai oleh baris lain yang isinya berbeda.",
    message_en="This reference belongs to another row whose content differs.",
)
OPEN_CASE: Final = Finding(
    field="nik",
    code="open_case",
    message_id="Orang ini masih punya permohonan yang belum selesai; baris ini tidak mengubah apa pun.",
    message_en="This person has an application that is still open; this row changes nothing.",
)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Known:
    """What is on record: rows by reference (their keyed hash), and the dates of open cases by person."""

    rows: MutableMapping[str, bytes | None]
    open_since: MutableMapping[bytes, datetime]


class Candidate(NamedTuple):
    """A tuple, as an import has hundreds of thousands of them."""

    reference: str
    row_hash: bytes
    person_hash: bytes
    submitted_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """`open_since` is the date of the open case that stands in the way."""

    verdict: Place
    open_since: datetime | None = None


ACCEPTED: Final = Placed(verdict="accepted")


def place_rows(candidates: Sequence[Candidate], known: Known) -> list[Placed]:
    """One verdict a row, in their order; an accepted row is known to those behind it. The reference comes first:
    a row that is there already is a duplicate, though its person has an open case, its own."""
    return [_place(candidate, known) for candidate in candidates]


def _place(row: Candidate, known: Known) -> Placed:
    if row.reference in known.rows:
        same = known.rows[row.reference] == row.row_hash
        return Placed(verdict="duplicate" if same else "reference_taken")
    since = known.open_since.get(row.person_hash)
    if since is not None:
        return Placed(verdict="duplicate_person", open_since=since)
    known.rows[row.reference] = row.row_hash
    known.open_since[row.person_hash] = row.submitted_at
    return ACCEPTED

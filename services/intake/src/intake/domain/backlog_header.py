"""The first line of a backlog file: which delimiter it has, and where each column stands."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from intake.domain.application import ApplicationDraft
from intake.domain.finding import Finding

COLUMNS: Final = (
    "reference", "nik", "full_name", "birth_date", "sex", "district_code", "reason", "submitted_at", "phone",
)  # fmt: skip
"""All of them must be there, in any order; others are ignored."""


class BadHeader(ValueError):
    """Nothing of the file can be read; `columns` names those at fault, `finding` says it to the sender."""

    def __init__(self, code: str, columns: Sequence[str], message_id: str, message_en: str) -> None:
        super().__init__(message_en)
        self.columns = tuple(columns)
        self.finding = Finding(field="header", code=code, message_id=message_id, message_en=message_en)


class MissingColumns(BadHeader):
    """Columns are missing; a file that is no CSV in UTF-8 misses them all."""

    def __init__(self, columns: Sequence[str]) -> None:
        missing, wanted = ", ".join(columns), ", ".join(COLUMNS)
        super().__init__(
            "missing_columns",
            columns,
            f"Kolom tidak ada: {missing}. Baris pertama berkas CSV UTF-8 harus berisi {wanted}.",
            f"Columns are missing: {missing}. The first line of the CSV file in UTF-8 must hold {wanted}.",
        )


class RepeatedColumns(BadHeader):
    """A column stands there twice, and nothing tells which one is meant."""

    def __init__(self, columns: Sequence[str]) -> None:
        repeated = ", ".join(columns)
        super().__init__(
            "repeated_columns",
            columns,
            f"Kolom tertulis lebih dari sekali: {repeated}. Hapus yang tidak dipakai.",
            f"Columns stand there more than once: {repeated}. Remove the ones not meant.",
        )


@dataclass(frozen=True, kw_only=True)
class Header:
    """`width` counts all columns, ours and others; `pick` takes ours out of a row, in the order of COLUMNS."""

    delimiter: str
    width: int
    pick: Callable[[Sequence[str]], tuple[str, ...]]


def draft_of(picked: tuple[str, ...]) -> ApplicationDraft:
    """A row's draft out of what `Header.pick` took."""
    reference, nik, full_name, birth_date, sex, district_code, reason, submitted_at, phone = picked
    return ApplicationDraft(
        nik=nik,
        full_name=full_name,
        birth_date=birth_date,
        sex=sex,
        district_code=district_code,
        reason=reason,
        phone=phone,
        reference=reference,
        submitted_at=submitted_at,
    )


def read_header(line: str) -> Header:
    """The header out of the file's first line; raises MissingColumns or RepeatedColumns."""
    delimiter = ";" if line.count(";") > line.count(",") else ","
    names = _names(line, delimiter)
    if missing := [column for column in COLUMNS if column not in names]:
        raise MissingColumns(missing)
    if repeated := [column for column in COLUMNS if names.count(column) > 1]:
        raise RepeatedColumns(repeated)
    pick = itemgetter(*(names.index(column) for column in COLUMNS))
    return Header(delimiter=delimiter, width=len(names), pick=pick)


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []

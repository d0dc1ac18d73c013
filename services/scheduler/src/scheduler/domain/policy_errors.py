"""Reads the JSON of a policy and gathers every wrong field, so that one answer names them all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("isian ini wajib ada", "this field is required"),
    "unknown_field": ("isian ini tidak dikenal", "this field is unknown"),
    "not_an_object": ("harus berupa objek", "must be an object"),
    "not_a_list": ("harus berupa daftar", "must be a list"),
    "not_text": ("harus berupa teks yang tidak kosong", "must be text that is not empty"),
    "not_an_integer": ("harus berupa bilangan bulat", "must be a whole number"),
    "not_a_boolean": ("harus true atau false", "must be true or false"),
    "negative": ("tidak boleh kurang dari nol", "must not be negative"),
    "out_of_range": ("harus antara {low} dan {high}", "must lie between {low} and {high}"),
    "bad_time": (
        "harus berupa waktu dengan zona, misalnya 2026-07-01T00:00:00+07:00",
        "must be a time with its zone, such as 2026-07-01T00:00:00+07:00",
    ),
    "unknown_kind": ("jenis {value} tidak dikenal", "the kind {value} is unknown"),
    "unknown_district": (
        "{value} bukan kode kecamatan (contoh: 21.02.01) atau outside",
        "{value} is neither a district's code (such as 21.02.01) nor outside",
    ),
    "duplicate_claim": ("nama jatah {value} dipakai dua kali", "two claims are named {value}"),
    "reserved_name": ("nama {value} tidak boleh dipakai", "the name {value} is reserved"),
    "over_committed": (
        "jumlah semua jatah {value} per mil; paling banyak 1000",
        "all shares together are {value} per mille; 1000 is the most",
    ),
}

_NO_TABLE: Final[Mapping[str, Any]] = {}
"""Stands for an object that was none: its missing fields are not listed on top."""


class FieldError(NamedTuple):
    """One wrong field, as problem details list it."""

    field: str
    code: str
    message_id: str
    message_en: str


class BadPolicy(ValueError):
    """The rules cannot be a policy; `errors` lists every wrong field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message_en}" for error in errors))
        self.errors = list(errors)


class Findings:
    """Typed reads out of JSON; each notes what is wrong under its field and returns a harmless value instead."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, code: str, **values: object) -> None:
        message_id, message_en = MESSAGES[code]
        self.errors.append(FieldError(field, code, message_id.format(**values), message_en.format(**values)))

    def raise_if_any(self) -> None:
        if self.errors:
            raise BadPolicy(self.errors)

    def table(self, value: object, field: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.add(field, "not_an_object")
        return _NO_TABLE

    def fields(
        self, value: object, field: str, *, required: set[str], optional: set[str]
    ) -> Mapping[str, Any]:
        """An object with these keys and no others; `field` is "" at the top. Of a faulty one: what it has."""
        table = self.table(value, field or "rules")
        if table is _NO_TABLE:
            return table
        prefix = f"{field}." if field else ""
        for name in sorted(table.keys() - required - optional):
            self.add(f"{prefix}{name}", "unknown_field")
        for name in sorted(required - table.keys()):
            self.add(f"{prefix}{name}", "missing")
        return table

    def rows(self, value: object, field: str) -> Sequence[Any]:
        if isinstance(value, list | tuple):
            return value
        self.add(field, "not_a_list")
        return ()

    def text(self, value: object, field: str) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.add(field, "not_text")
        return ""

    def boolean(self, value: object, field: str) -> bool:
        if isinstance(value, bool):
            return value
        self.add(field, "not_a_boolean")
        return False

    def integer(self, value: object, field: str, *, low: int, high: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(field, "not_an_integer")
        elif value < 0:
            self.add(field, "negative")
        elif not low <= value <= high:
            self.add(field, "out_of_range", low=low, high=high)
        else:
            return value
        return low

    def moment(self, value: object, field: str) -> datetime | None:
        """An aware datetime; None stays None."""
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.add(field, "bad_time")
            return None
        return moment

    def names(self, value: object, field: str, known: Callable[[str], bool], code: str) -> frozenset[str]:
        """A list of words that are all known; `code` names the fault of one that is not."""
        found = [str(name) for name in self.rows(value, field)]
        for name in found:
            if not known(name):
                self.add(field, code, value=name[:40])
        return frozenset(found)

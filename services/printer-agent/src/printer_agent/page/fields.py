"""A form as data: its fields, and how what a person wrote is read. Pure; one template shows every form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from printer_agent.page.said import Said

NOTHING = Said("", "")
Kind = Literal["text", "number", "choice", "check", "hidden"]
MOST_BYTES = 16_384

MISSING = Said("Wajib diisi.", "This is required.")
TOO_LONG = Said("Terlalu panjang: paling banyak {most} huruf.", "Too long: at most {most} letters.")
TOO_SHORT = Said("Terlalu pendek: paling sedikit {least} huruf.", "Too short: at least {least} letters.")
NO_NUMBER = Said("Tulis bilangan bulat, tanpa titik.", "Write a whole number, without separators.")
OUT_OF_RANGE = Said("Harus antara {least} dan {most}.", "Must be between {least} and {most}.")
UNCHECKED = Said("Lihat dulu, lalu centang.", "Look first, then tick the box.")
SAME_PERSON = Said("Harus orang lain dari nama pertama.", "Must be a person other than the first.")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing to fill in. `least`, `most`: letters of a text, or the range of a number."""

    name: str
    label: Said = NOTHING
    hint: Said | None = None
    kind: Kind = "text"
    required: bool = True
    least: int = 1
    most: int = 100
    choices: tuple[tuple[str, Said], ...] = ()
    differs_from: str = ""
    """The name of a field with another person in it."""
    given: str = ""
    """What an empty form begins with."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a page asks for, and why; `path` takes its answer. `grave`: it cannot be taken back."""

    path: str
    title: Said
    lead: Said
    button: Said
    fields: tuple[Field, ...]
    grave: bool = False


Values = dict[str, str]
Faults = dict[str, Said]


def parse(body: bytes) -> Values:
    """A urlencoded body; spaces folded, control characters out, the last of a name holds. Raises ValueError."""
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=40, errors="strict")
    return {name: _plain(value) for name, value in pairs}


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def faults(form: Form, values: Mapping[str, str]) -> Faults:
    """What is wrong, by field; nothing where the form may be sent."""
    found = {field.name: fault for field in form.fields if (fault := _fault(field, values)) is not None}
    for field in form.fields:
        other = values.get(field.differs_from, "")
        if field.differs_from and other.casefold() == values.get(field.name, "").casefold():
            found.setdefault(field.name, SAME_PERSON)
    return found


def _fault(field: Field, values: Mapping[str, str]) -> Said | None:
    value = values.get(field.name, "")
    if not value:
        return (UNCHECKED if field.kind == "check" else MISSING) if field.required else None
    if field.kind == "number":
        return _number_fault(field, value)
    if field.kind == "choice":
        return None if value in {key for key, _ in field.choices} else MISSING
    if len(value) < field.least:
        return TOO_SHORT.fill(least=field.least)
    return TOO_LONG.fill(most=field.most) if len(value) > field.most else None


def _number_fault(field: Field, value: str) -> Said | None:
    if not (value.isascii() and value.isdecimal()):
        return NO_NUMBER
    if len(value) > 9 or not field.least <= int(value) <= field.most:
        return OUT_OF_RANGE.fill(least=field.least, most=field.most)
    return None

"""Serials of blanks: a prefix and a number of fixed width, in ranges as the lots carry them."""

import re
from dataclasses import dataclass

SERIAL = re.compile(r"([0-9A-Z./-]*?)([0-9]{1,18})")


class NoSerial(ValueError):
    """Not a serial, or two that make no range."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Serial:
    """`B-0042` is prefix `B-`, number 42, width 4."""

    prefix: str
    number: int
    width: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialRange:
    """All serials of one prefix and width from `first` to `last`, both included."""

    prefix: str
    width: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def parse(text: str) -> Serial:
    """Read a serial; case and outer spaces do not matter. Raises NoSerial where it does not end in a number."""
    found = SERIAL.fullmatch(text.strip().upper())
    if found is None:
        raise NoSerial(f"{text!r} does not end in a number")
    prefix, digits = found.groups()
    return Serial(prefix=prefix, number=int(digits), width=len(digits))


def parse_range(first: str, last: str) -> SerialRange:
    """The range from one serial to another. Raises NoSerial where they differ in prefix or width, or run backwards."""
    low, high = parse(first), parse(last)
    if (low.prefix, low.width) != (high.prefix, high.width) or high.number < low.number:
        raise NoSerial(f"{first!r} to {last!r} is no range")
    return SerialRange(prefix=low.prefix, width=low.width, first=low.number, last=high.number)

"""Receipt numbers, `2102-7K3F-9QXM-4`, and the PIN that goes with one.

Symbols are Crockford's base 32 (no I, L, O, U). The check character stays within these 32, unlike Crockford's own
mod 37: it is a weighted sum in GF(32) whose weights are different powers of a generator. So every single wrong
character is caught, and every exchange of two different characters, neighbours or not, the check character included.
"""

import hmac
from typing import Final
from uuid import UUID

RANDOM_BYTES: Final = 5
"""What a receipt number takes: 8 characters of 5 bits."""

_SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_AS_READ: Final = str.maketrans("OIL", "011", "- ")
_LENGTH: Final = 13
_OVERFLOW: Final = 0b100000
_POLYNOMIAL: Final = 0b100101
"""x^5 + x^2 + 1, primitive: x runs through all 31 values other than zero."""


def make_receipt(office: str, random: bytes) -> str:
    """The receipt number of an office (`21.02`) out of RANDOM_BYTES random bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a receipt number takes {RANDOM_BYTES} random bytes")
    bits = int.from_bytes(random)
    drawn = "".join(_SYMBOLS[bits >> shift & 31] for shift in range(35, -1, -5))
    body = office.replace(".", "") + drawn
    return _grouped(body + _check_character(body))


def parse_receipt(text: str) -> str | None:
    """The receipt number as we write it, or None. Case, hyphens and spaces are free; O is 0, I and L are 1."""
    symbols = text.upper().translate(_AS_READ)
    if len(symbols) != _LENGTH or not symbols[:4].isdigit() or not _VALUES.keys() >= set(symbols):
        return None
    return _grouped(symbols) if _check_character(symbols[:-1]) == symbols[-1] else None


def derive_pin(key: bytes, application_id: UUID, pin_version: int) -> str:
    """Six digits out of HMAC-SHA-256; stored nowhere, a new version makes a new PIN.

    64 bits modulo a million: no PIN is likelier than another by more than one part in 10^13.
    """
    message = b"receipt-pin\x00" + application_id.bytes + pin_version.to_bytes(4)
    return f"{int.from_bytes(hmac.digest(key, message, 'sha256')[:8]) % 1_000_000:06}"


def _check_character(body: str) -> str:
    """Horner's rule in GF(32): each step multiplies by x, so the weights are x^1, x^2, ... and 1 for the check."""
    total = 0
    for symbol in body:
        total = (total ^ _VALUES[symbol]) << 1
        if total & _OVERFLOW:
            total ^= _POLYNOMIAL
    return _SYMBOLS[total]


def _grouped(symbols: str) -> str:
    return f"{symbols[:4]}-{symbols[4:8]}-{symbols[8:12]}-{symbols[12:]}"

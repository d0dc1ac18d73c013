"""Receipt numbers, `2102-7K3F-9QXM-4`, and the PIN that goes with one.

Symbols are Crockford's base 32 (no I, L, O, U). The check character stays within these 32, unlike Crockford's own
mod 37: it is a weighted sum in GF(32) whose weights are different powers of a generator. So every single wrong
character is caught, and every exchange of two different characters, neighbours or not, the check character included.
"""

import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

RANDOM_BYTES: Final = 5
"""What a receipt number takes: 8 characters of 5 bits."""

_SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_PAIRS: Final = [first + second for first in _SYMBOLS for second in _SYMBOLS]
_AS_READ: Final = str.maketrans("OIL", "011", "- ")
_LENGTH: Final = 13
_OVERFLOW: Final = 0b100000
_POLYNOMIAL: Final = 0b100101
"""x^5 + x^2 + 1, primitive: x runs through all 31 values other than zero."""
_TIMES_X: Final = [value << 1 ^ (_POLYNOMIAL if value << 1 & _OVERFLOW else 0) for value in range(32)]
_TIMES_X2: Final = [_TIMES_X[_TIMES_X[value]] for value in range(32)]
_PAIR_SUMS: Final = [_TIMES_X2[first] ^ _TIMES_X[second] for first in range(32) for second in range(32)]


def make_receipt(office: str, random: bytes) -> str:
    """The receipt number of an office (`21.02`) out of RANDOM_BYTES random bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a receipt number takes {RANDOM_BYTES} random bytes")
    bits, (digits, total) = int.from_bytes(random), _begin(office)
    a, b, c, d = bits >> 30, bits >> 20 & 1023, bits >> 10 & 1023, bits & 1023
    # Horner's rule, two characters a step.
    for pair in (a, b, c, d):
        total = _TIMES_X2[total] ^ _PAIR_SUMS[pair]
    return f"{digits}-{_PAIRS[a]}{_PAIRS[b]}-{_PAIRS[c]}{_PAIRS[d]}-{_SYMBOLS[total]}"


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
    return _SYMBOLS[_weighed(body)]


def _weighed(body: str) -> int:
    """Horner's rule in GF(32): each step multiplies by x, so the weights are x^1, x^2, ... and 1 for the check."""
    total = 0
    for symbol in body:
        total = _TIMES_X[total ^ _VALUES[symbol]]
    return total


@lru_cache(maxsize=1024)
def _begin(office: str) -> tuple[str, int]:
    """What all of an office's numbers begin with, and its sum."""
    digits = office.replace(".", "")
    return digits, _weighed(digits)


def _grouped(symbols: str) -> str:
    return f"{symbols[:4]}-{symbols[4:8]}-{symbols[8:12]}-{symbols[12:]}"

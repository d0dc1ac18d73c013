"""Telephone numbers, brought to one form (E.164). A bad one costs nobody the application: it warns and is not kept."""

import re
from typing import Final

from intake.domain.finding import Findings

_PUNCTUATION: Final = str.maketrans("", "", " -.()/")
_DOMESTIC: Final = re.compile(r"(?:\+?62|0)([2-9][0-9]{7,11})")
_ZERO_LOST: Final = re.compile(r"8[0-9]{8,11}")
_FOREIGN: Final = re.compile(r"\+(?!62)[1-9][0-9]{7,14}")


def read_phone(raw: str, found: Findings) -> str | None:
    """`+62...` for a number of this country, the number itself for a foreign one written with `+`; else None.

    A mobile number whose leading zero a spreadsheet took is read too.
    """
    text = raw if raw.isdigit() else raw.translate(_PUNCTUATION)
    if not text:
        return None
    if domestic := _DOMESTIC.fullmatch(text):
        return f"+62{domestic[1]}"
    if _ZERO_LOST.fullmatch(text):
        return f"+62{text}"
    if _FOREIGN.fullmatch(text):
        return text
    found.warn(
        "phone",
        "unusable",
        "Nomor telepon tidak dapat dipakai dan tidak disimpan. Contoh yang benar: 081234567890.",
        "The telephone number cannot be used and was not stored. A good one looks like 081234567890.",
    )
    return None

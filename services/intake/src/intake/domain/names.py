"""The full name as it will stand on the card.

Letters are Latin ones, accents included (a card is written in Latin letters, Permendagri 73/2022); what the registry
discourages but old records have, digits and single words, goes on with a warning.
"""

import re
import unicodedata
from typing import Final

from intake.domain.finding import Findings

LONGEST: Final = 60

_FIELD: Final = "full_name"
_GOOD: Final = re.compile(r"[A-Z '.\-]+")
_ALLOWED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '-.")
_DIGIT: Final = re.compile(r"[0-9]")
_SPACES: Final = re.compile(r" {2,}")


def read_name(raw: str, found: Findings) -> str | None:
    """The name in capitals, composed (NFC), its spaces folded; None with every cause under `full_name`."""
    before = len(found.errors)
    name = tidy(raw)
    if not name:
        found.reject(_FIELD, "missing", "Nama lengkap wajib diisi.", "The full name is required.")
        return None
    if len(name) > LONGEST:
        found.reject(
            _FIELD,
            "too_long",
            f"Nama lengkap paling banyak {LONGEST} huruf termasuk spasi; singkatkan sesuai kartu keluarga.",
            f"A full name has at most {LONGEST} characters with its spaces; shorten it as the family card does.",
        )
    if not _GOOD.fullmatch(name):
        _look_closer(name, found)
    if " " not in name:
        found.warn(
            _FIELD,
            "single_word",
            "Nama hanya satu kata. Pastikan tidak ada bagian nama yang tertinggal.",
            "The name is a single word. Make sure that no part of it is missing.",
        )
    return name if len(found.errors) == before else None


def tidy(raw: str) -> str:
    """Capitals, composed letters, single spaces; other white space is left to be found."""
    name = _SPACES.sub(" ", raw.strip(" ")).upper()
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _look_closer(name: str, found: Findings) -> None:
    wrong = sorted({letter for letter in name if not _is_allowed(letter)})
    if wrong:
        shown = " ".join(letter if "!" <= letter <= "~" else f"U+{ord(letter):04X}" for letter in wrong[:5])
        found.reject(
            _FIELD,
            "characters",
            f"Nama berisi tanda yang tidak diperbolehkan: {shown} - gunakan huruf, spasi, ' - dan . saja.",
            f"The name holds characters that no name may hold: {shown} - use letters, space, ' - and . only.",
        )
    if _DIGIT.search(name):
        found.warn(
            _FIELD,
            "digits",
            "Nama berisi angka. Periksa kembali penulisannya.",
            "The name holds digits. Check how it is written.",
        )


def _is_allowed(letter: str) -> bool:
    return letter in _ALLOWED or (letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN "))

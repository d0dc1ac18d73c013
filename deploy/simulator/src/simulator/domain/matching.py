"""Does what is asked match the record? Free text by a score, everything else exactly. Pure."""

from difflib import SequenceMatcher
from typing import Final

from simulator.domain.asking import VerifyAsking, Word
from simulator.domain.person import Person
from simulator.domain.records import record

MATCH: Final = "Sesuai"
NO_MATCH: Final = "Tidak Sesuai"

_FREE_TEXT: Final = frozenset(
    {"NAMA_LGKP", "TMPT_LHR", "ALAMAT", "PROP_NAME", "KAB_NAME", "KEC_NAME", "KEL_NAME", "JENIS_PKRJN"}
)


def match(asking: VerifyAsking, person: Person) -> dict[str, str]:
    """The reply's content row: NIK, then each element asked about."""
    held = record(person)
    threshold = int(asking.TRESHOLD)
    row = {"NIK": MATCH}
    for name, asked in asking.elements().items():
        wrong = name in person.mismatches
        if name in _FREE_TEXT:
            row[name] = _scored(score(str(asked), str(held[name] or "")), threshold, wrong=wrong)
        else:
            row[name] = NO_MATCH if wrong or not _same(asked, held[name]) else MATCH
    return row


def score(asked: str, held: str) -> int:
    """0 to 100; 100 only for texts that are equal in upper case with spaces folded."""
    asked, held = _folded(asked), _folded(held)
    if asked == held:
        return 100
    return min(99, round(100 * SequenceMatcher(None, asked, held, autojunk=False).ratio()))


def _scored(points: int, threshold: int, *, wrong: bool) -> str:
    if wrong:
        points = min(points, max(0, threshold - 1))
    return f"{MATCH if points >= threshold and not wrong else NO_MATCH} ({points})"


def _same(asked: Word, held: object) -> bool:
    return _folded(str(asked)).lstrip("0") == _folded(str(held)).lstrip("0")


def _folded(text: str) -> str:
    return " ".join(text.upper().split())

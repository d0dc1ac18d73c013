"""Indonesia's three time zones by province: WIB, WITA and WIT. Pure.

From Presidential Decree 41 of 1987, and for the provinces made since then from those they were part of. None of the
three changes its clocks.
"""

from collections.abc import Mapping
from typing import Final

WIB: Final = "Asia/Jakarta"
WITA: Final = "Asia/Makassar"
WIT: Final = "Asia/Jayapura"

PROVINCES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19", "21"), WIB),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "61", "62"), WIB),
    **dict.fromkeys(("51", "52", "53", "63", "64", "65"), WITA),
    **dict.fromkeys(("71", "72", "73", "74", "75", "76"), WITA),
    **dict.fromkeys(("81", "82", "91", "92", "93", "94", "95", "96"), WIT),
}
"""The zone of each province, by the first two digits of its region codes."""


def zone_of(region: str, otherwise: str) -> str:
    """The IANA zone of a region code of any length; `otherwise` where its province is not listed, or there is none."""
    return PROVINCES.get(region[:2], otherwise)

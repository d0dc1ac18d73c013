"""Where the specimen people live: Karimun and Batam by code, other districts under a plain name. Pure."""

from dataclasses import dataclass
from typing import Final

BUSY: Final = ("21.02.03", "21.02.04", "21.02.05", "21.02.10")
"""The districts of Karimun whose people the seeded population has."""

_KARIMUN: Final = (
    "MORO", "KUNDUR", "KARIMUN", "MERAL", "TEBING", "BURU", "KUNDUR UTARA", "KUNDUR BARAT", "DURAI", "MERAL BARAT",
    "UNGAR", "BELAT", "SELAT GELAM", "SUGIE BESAR",
)  # fmt: skip
_BATAM: Final = (
    "BELAKANG PADANG", "BATU AMPAR", "SEKUPANG", "NONGSA", "BULANG", "LUBUK BAJA", "SEI BEDUK", "GALANG", "BENGKONG",
    "BATAM KOTA", "SAGULUNG", "BATU AJI",
)  # fmt: skip
_REGENCIES: Final = {"21.02": ("KARIMUN", _KARIMUN), "21.71": ("KOTA BATAM", _BATAM)}
_VILLAGES: Final = {
    "21.02.03": ("TANJUNG BALAI", "TANJUNG BALAI KOTA", "TELUK AIR", "SUNGAI LAKAM TIMUR", "LUBUK SEMUT"),
    "21.02.04": ("MERAL KOTA", "BARAN BARAT", "BARAN TIMUR", "SUNGAI RAYA", "SUNGAI PASIR"),
    "21.02.05": ("TEBING", "TELUK UMA", "KAPLING", "HARJOSARI", "PAMAK"),
    "21.02.10": ("DARUSSALAM", "PASIR PANJANG", "PANGKE", "PANGKE BARAT"),
}
_PLAIN: Final = ("KAMPUNG BARU", "KAMPUNG TENGAH", "KAMPUNG HILIR")


@dataclass(frozen=True, kw_only=True)
class District:
    name: str
    regency: str
    province: str
    villages: tuple[str, ...]


def district(code: str) -> District:
    """The district of a code such as `21.02.03`; one outside the table is called by its number."""
    regency, names = _REGENCIES.get(code[:5], (f"KABUPATEN {code[:5]}", ()))
    by_number = dict(enumerate(names, start=1))
    return District(
        name=by_number.get(int(code[6:8]), f"KECAMATAN {code}"),
        regency=regency,
        province="KEPULAUAN RIAU" if code[:2] == "21" else f"PROVINSI {code[:2]}",
        villages=_VILLAGES.get(code, _PLAIN),
    )

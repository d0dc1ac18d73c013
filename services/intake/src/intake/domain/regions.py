"""The country's districts by code: which exist, how they are called, which NIK prefixes are theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

PrefixStatus = Literal["current", "retired", "unknown"]

_SPLIT_PROVINCES: Final = ("91", "92")
"""Papua and Papua Barat: most of their districts got new codes (93 to 96) with the split of 2022."""


@dataclass(frozen=True, kw_only=True, slots=True)
class District:
    """A kecamatan. `code` is written `21.02.03`; a NIK begins with the same digits without dots."""

    code: str
    name: str
    regency: str
    province: str

    @property
    def office(self) -> str:
        """The code of its regency or city, `21.02`."""
        return self.code[:5]


class Regions:
    """The districts in force; codes of Kemendagri, not of BPS."""

    def __init__(self, districts: Iterable[District]) -> None:
        self._districts = {district.code: district for district in districts}
        self._prefixes = {code.replace(".", "") for code in self._districts}

    def __len__(self) -> int:
        return len(self._districts)

    def knows(self, code: str) -> bool:
        """Whether `21.02.03` is a district today."""
        return code in self._districts

    def district(self, code: str) -> District | None:
        return self._districts.get(code)

    def of_office(self, office: str) -> tuple[District, ...]:
        """The districts of a regency or city such as `21.02`, in the order of their codes."""
        return tuple(self._districts[code] for code in sorted(self._districts) if code[:5] == office)

    def prefix_status(self, prefix: str) -> PrefixStatus:
        """What the first six digits of a NIK are today.

        `retired` covers the codes that the split of Papua in 2022 ended; they live on in the NIKs of their people.
        Older splits are in no list, so `unknown` is no proof of anything either.
        """
        if prefix in self._prefixes:
            return "current"
        return "retired" if prefix[:2] in _SPLIT_PROVINCES else "unknown"

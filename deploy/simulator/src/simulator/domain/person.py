"""A person in the centre's registry, and how the centre behaves when asked about them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Sex = Literal["M", "F"]

REFUSALS: Final[Mapping[str, str]] = {
    "08": "Data sedang dalam proses",
    "11": "Data Ditemukan, Meninggal Dunia",
    "12": "Data Ditemukan, Data Ganda",
    "13": "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan",
    "14": "Data Ditemukan, Status Non Aktif silahkan hubungi Dinas Dukcapil",
    "15": "Data Tidak Ditemukan, NIK tidak sesuai format Dukcapil",
}
"""The protocol's texts by code; that of 08 varies in the world."""

PRINT_READY: Final = "PRINT_READY_RECORD"
CARD_ISSUED: Final = "CARD_ISSUED"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A code with its text (the protocol's, unless another is given), or a text alone; `key` is the text's field."""

    code: str | None = None
    text: str = ""
    key: Literal["RESPON", "RESPONSE"] = "RESPON"

    def row(self) -> dict[str, str]:
        """The reply's one content row."""
        coded = {} if self.code is None else {"RESPONSE_CODE": self.code}
        return {**coded, self.key: self.text or REFUSALS.get(self.code or "", "")}

    @property
    def name(self) -> str:
        """How the call log calls it."""
        return f"refused:{self.code or 'text'}"


@dataclass(frozen=True, kw_only=True)
class Person:
    """The record, then the behaviour.

    `mismatches`: elements (the protocol's names) that never match. `refusal`: answered to both methods. `loose`: the
    record has dates with dots, NIK and NO_KK as numbers, the other numbers as strings; both forms occur in the world.
    """

    nik: str
    family_number: str
    full_name: str
    birth_place: str
    birth_date: date
    sex: Sex
    blood_group: str | None
    address: str
    rt: int
    rw: int
    village_number: int
    village: str
    district_code: str
    district: str
    regency: str
    province: str
    religion: str
    marital_status: str
    occupation: str
    ektp_status: str | None
    refusal: Refusal | None = None
    mismatches: frozenset[str] = frozenset()
    photo: bool = True
    loose: bool = False

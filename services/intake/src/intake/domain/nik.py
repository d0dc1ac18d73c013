"""The NIK's structure: region (6 digits), birth date DDMMYY (day +40 for women), serial (4 digits from 0001).

It has no check digit: its structure can refute a number, never confirm one. The region is where the number was made,
not where its holder lives; a number is not reissued when a birth date is corrected. So only what cannot exist is an
error, and what differs from the declaration is a warning for an officer.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from intake.domain.finding import Findings
from intake.domain.regions import Regions

Sex = Literal["M", "F"]

_SCIENTIFIC: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+?[0-9]{1,2}")
_WOMEN: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Nik:
    """A number that may exist. `year` has two digits: the number does not tell 1925 from 2025."""

    number: str
    day: int
    month: int
    year: int
    sex: Sex

    @property
    def prefix(self) -> str:
        """Where it was made: a district's code without dots."""
        return self.number[:6]

    @property
    def serial(self) -> str:
        return self.number[12:]

    def born_on(self, declared: date) -> bool:
        """Whether the declared date, which has its century, is the number's date."""
        return (declared.day, declared.month, declared.year % 100) == (self.day, self.month, self.year)


def read_nik(raw: str, found: Findings) -> Nik | None:
    """The number, or None with every cause under `nik`."""
    text = raw.strip()
    if not _is_sixteen_digits(text, found):
        return None
    day, month, year, serial = int(text[6:8]), int(text[8:10]), int(text[10:12]), text[12:]
    sex: Sex = "F" if day > _WOMEN else "M"
    day -= _WOMEN if sex == "F" else 0
    if _may_exist(day, month, year, serial, found):
        return Nik(number=text, day=day, month=month, year=year, sex=sex)
    return None


def compare(nik: Nik, *, birth_date: date | None, sex: Sex | None, regions: Regions, found: Findings) -> None:
    """Warn where the number differs from what was declared (None: not declared) or from today's regions."""
    if birth_date is not None and not nik.born_on(birth_date):
        found.warn(
            "birth_date",
            "differs_from_nik",
            "Tanggal lahir berbeda dengan yang tertera pada NIK. Periksa keduanya pada kartu keluarga.",
            "The birth date differs from the one within the NIK. Check both against the family card.",
        )
    if sex is not None and sex != nik.sex:
        found.warn(
            "sex",
            "differs_from_nik",
            "Jenis kelamin berbeda dengan yang tertera pada NIK. Periksa keduanya pada kartu keluarga.",
            "The sex differs from the one within the NIK. Check both against the family card.",
        )
    _compare_region(nik, regions, found)


def _is_sixteen_digits(text: str, found: Findings) -> bool:
    digits = text.isascii() and text.isdigit()
    if digits and len(text) == 16:
        return True
    if not text:
        found.reject("nik", "missing", "NIK wajib diisi.", "The NIK is required.")
    elif digits:
        found.reject(
            "nik",
            "length",
            f"NIK harus 16 angka; yang dikirim {len(text)} angka.",
            f"A NIK has 16 digits; {len(text)} were sent.",
        )
    elif _SCIENTIFIC.fullmatch(text):
        found.reject(
            "nik",
            "scientific_notation",
            "NIK diubah oleh program lembar kerja menjadi notasi ilmiah. Atur kolomnya sebagai Teks, isi kembali NIK.",
            "A spreadsheet turned the NIK into scientific notation. Format the column as Text, enter the NIK again.",
        )
    else:
        found.reject(
            "nik",
            "digits",
            "NIK hanya boleh berisi angka 0-9. Periksa huruf yang mirip angka, seperti O dan 0.",
            "A NIK has only the digits 0-9. Look for letters that resemble digits, such as O and 0.",
        )
    return False


def _may_exist(day: int, month: int, year: int, serial: str, found: Findings) -> bool:
    before = len(found.errors)
    if not 1 <= day <= 31:
        found.reject(
            "nik",
            "day",
            "Angka ke-7 dan ke-8 NIK harus 01-31 (laki-laki) atau 41-71 (perempuan).",
            "Digits 7 and 8 of a NIK lie within 01-31 (men) or 41-71 (women).",
        )
    if not 1 <= month <= 12:
        found.reject(
            "nik",
            "month",
            "Angka ke-9 dan ke-10 NIK harus bulan 01-12.",
            "Digits 9 and 10 of a NIK are a month, 01-12.",
        )
    if len(found.errors) == before and not _is_date(day, month, year):
        found.reject(
            "nik",
            "impossible_date",
            "Angka ke-7 sampai ke-12 NIK bukan tanggal yang ada.",
            "Digits 7 to 12 of the NIK are a date that does not exist.",
        )
    if serial == "0000":
        found.reject(
            "nik",
            "serial",
            "Empat angka terakhir NIK tidak mungkin 0000; lembar kerja membulatkan angka ke-16. Isi NIK sebagai Teks.",
            "The last four digits are never 0000; spreadsheets round the 16th digit. Enter the NIK as Text.",
        )
    return len(found.errors) == before


def _is_date(day: int, month: int, year: int) -> bool:
    """In 19YY or 20YY: every leap year of 1900-1999 has one in 2000-2099 with the same two digits."""
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _compare_region(nik: Nik, regions: Regions, found: Findings) -> None:
    status = regions.prefix_status(nik.prefix)
    if status == "retired":
        found.warn(
            "region",
            "retired",
            "Enam angka pertama NIK adalah kode wilayah Papua sebelum pemekaran 2022. Cocokkan dengan kartu keluarga.",
            "The NIK begins with a Papuan region code from before the split of 2022. Compare it with the family card.",
        )
    elif status == "unknown":
        found.warn(
            "region",
            "unknown",
            "Enam angka pertama NIK bukan kode kecamatan yang dikenal. Cocokkan NIK dengan kartu keluarga.",
            "The NIK begins with no known district code. Compare the NIK with the family card.",
        )

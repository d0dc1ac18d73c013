"""Specimen people: whatever is not given is drawn from the NIK, so the same NIK is always the same person. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from simulator.domain.draw import draw, pick
from simulator.domain.person import CARD_ISSUED, PRINT_READY, Person, Sex
from simulator.domain.places import BUSY, district

_MEN: Final = ("AGUS", "BUDI", "DEDI", "HASAN", "JOKO", "JUNAIDI", "MUHAMMAD", "RIZKI", "YUSUF", "ZAINAL")
_WOMEN: Final = (
    "ANGGUN",
    "DEWI",
    "FITRI",
    "HARTATI",
    "MAIMUNAH",
    "NURHALIZA",
    "RINA",
    "ROHANI",
    "SITI",
    "YULIA",
)
_FAMILIES: Final = (
    "HALIM",
    "LIM",
    "LUBIS",
    "PRATAMA",
    "SALIM",
    "SANTOSO",
    "SIREGAR",
    "TANJUNG",
    "USMAN",
    "WIJAYA",
)
_BIRTH_PLACES: Final = (
    "KARIMUN",
    "KARIMUN",
    "KARIMUN",
    "BATAM",
    "MEDAN",
    "MORO",
    "PADANG",
    "PEKANBARU",
    "SURABAYA",
)
_STREETS: Final = (
    "AHMAD YANI",
    "NUSANTARA",
    "PELABUHAN",
    "POROS",
    "PRAMUKA",
    "TELUK AIR",
    "TRIKORA",
    "YOS SUDARSO",
)
_RELIGIONS: Final = ("ISLAM",) * 6 + ("KRISTEN", "KATOLIK", "BUDDHA", "KONGHUCU", "HINDU")
_MARITAL: Final = ("KAWIN",) * 5 + ("BELUM KAWIN", "CERAI HIDUP", "CERAI MATI")
_WORK: Final = (
    "BURUH HARIAN LEPAS", "GURU", "KARYAWAN SWASTA", "MENGURUS RUMAH TANGGA", "NELAYAN/PERIKANAN", "PEDAGANG",
    "PEGAWAI NEGERI SIPIL", "WIRASWASTA",
)  # fmt: skip
_BLOOD: Final = ("A", "AB", "B", "O", "O", None)
_YOUNG_FROM: Final = date(1999, 1, 1)
_SPECIMEN: Final = 9001
"""Serials from here on are nobody's."""


def invent(
    nik: str,
    *,
    full_name: str | None = None,
    birth_date: date | None = None,
    sex: Sex | None = None,
    district_code: str | None = None,
    first_issue: bool = False,
) -> Person:
    """A whole person of a 16-digit NIK; raises ValueError where a birth date is neither given nor in the NIK."""
    sex = sex or ("F" if int(nik[6:8]) > 40 else "M")
    code = district_code or f"{nik[:2]}.{nik[2:4]}.{nik[4:6]}"
    born = birth_date or born_by(nik)
    place = district(code)
    village_number = int(draw(nik, "village") * len(place.villages))
    young = born >= _YOUNG_FROM
    return Person(
        nik=nik,
        family_number=f"{nik[:6]}{1 + int(draw(nik, 'day') * 28):02}{nik[8:12]}{_serial(draw(nik, 'family') * 999)}",
        full_name=full_name or _name(nik, sex),
        birth_place=pick(_BIRTH_PLACES, nik, "birth place"),
        birth_date=born,
        sex=sex,
        blood_group=pick(_BLOOD, nik, "blood"),
        address=f"JL {pick(_STREETS, nik, 'street')} NO {1 + int(draw(nik, 'house') * 150)}",
        rt=1 + int(draw(nik, "rt") * 6),
        rw=1 + int(draw(nik, "rw") * 9),
        village_number=1001 + village_number,
        village=place.villages[village_number],
        district_code=code,
        district=place.name,
        regency=place.regency,
        province=place.province,
        religion=pick(_RELIGIONS, nik, "religion"),
        marital_status="BELUM KAWIN" if young else pick(_MARITAL, nik, "marital"),
        occupation="PELAJAR/MAHASISWA" if young else pick(_WORK, nik, "work"),
        ektp_status=PRINT_READY if first_issue else CARD_ISSUED,
    )


def born_by(nik: str) -> date:
    """The NIK's own date, two digits of year read as 1926 to 2025; raises ValueError for one that cannot exist."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    return date(year + (1900 if year > 25 else 2000), month, day - 40 if day > 40 else day)


def seeded(seed: int, count: int) -> Iterator[Person]:
    """So many people of Karimun, a tenth of them first-time holders; a longer list begins with the shorter one."""
    taken: Counter[str] = Counter()
    for number in range(count):
        about = (seed, number)
        first_issue = draw(*about, "first") < 0.1
        since, days = (date(2000, 7, 1), 360) if first_issue else (date(1945, 1, 1), 19_700)
        born = since + timedelta(days=int(draw(*about, "born") * days))
        sex: Sex = "F" if draw(*about, "sex") < 0.5 else "M"
        code = pick(BUSY, *about, "district")
        prefix = f"{code.replace('.', '')}{born.day + (40 if sex == 'F' else 0):02}{born:%m%y}"
        nik = f"{prefix}{_serial(taken[prefix])}"
        taken[prefix] += 1
        yield invent(nik, birth_date=born, sex=sex, district_code=code, first_issue=first_issue)


def _serial(offset: float) -> int:
    return _SPECIMEN + int(offset) % 999


def _name(nik: str, sex: Sex) -> str:
    given = _WOMEN if sex == "F" else _MEN
    return f"{pick(given, nik, 'given')} {pick(given, nik, 'second')} {pick(_FAMILIES, nik, 'family name')}"

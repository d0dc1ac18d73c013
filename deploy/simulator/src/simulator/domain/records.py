"""A person as CALL_NIK's content row. Pure."""

from typing import Any

from simulator.domain.person import Person

_NUMBERS = ("NO_RT", "NO_RW", "NO_KEL", "NO_KEC", "NO_KAB", "NO_PROP")


def record(person: Person) -> dict[str, Any]:
    """The record's fields in the protocol's order, without pictures: dates `DD-MM-YYYY`, small numbers as numbers."""
    province, regency, district = (int(part) for part in person.district_code.split("."))
    return {
        "NIK": person.nik,
        "NO_KK": person.family_number,
        "NAMA_LGKP": person.full_name,
        "TMPT_LHR": person.birth_place,
        "TGL_LHR": f"{person.birth_date:%d-%m-%Y}",
        "JENIS_KLMIN": "Perempuan" if person.sex == "F" else "Laki-laki",
        "GOL_DARAH": person.blood_group,
        "ALAMAT": person.address,
        "NO_RT": person.rt,
        "NO_RW": person.rw,
        "NO_KEL": person.village_number,
        "KEL_NAME": person.village,
        "NO_KEC": district,
        "KEC_NAME": person.district,
        "NO_KAB": regency,
        "KAB_NAME": person.regency,
        "NO_PROP": province,
        "PROP_NAME": person.province,
        "AGAMA": person.religion,
        "STATUS_KAWIN": person.marital_status,
        "JENIS_PKRJN": person.occupation,
        "EKTP_STATUS": person.ektp_status,
    }


def as_sent(person: Person) -> dict[str, Any]:
    """The record in the form this person's comes in (`loose` or not)."""
    row = record(person)
    if not person.loose:
        return row
    return {
        **row,
        "NIK": int(person.nik),
        "NO_KK": int(person.family_number),
        "TGL_LHR": f"{person.birth_date:%d.%m.%Y}",
        **{name: str(row[name]) for name in _NUMBERS},
    }

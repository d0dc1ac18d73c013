"""As many specimen people as the schedules need, whom the simulated centre knows: the same ones every time. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"
FIELDS = tuple(HEADER.split(","))
DISTRICTS = ("21.02.01", "21.02.02", "21.02.03", "21.02.04")
REASONS = ("data_change", "data_change", "data_change", "first_issue", "lost", "damaged", "moved_in")
GIVEN = {
    "M": ("SURYADARMA", "WIRAGUNA", "JAYADININGRAT"),
    "F": ("KUSUMAWARDHANI", "RATNANINGSIH", "PUSPITALOKA"),
}
FAMILY = ("MANGUNSARKORO", "TJOKROAMINOTO", "POERBATJARAKA", "SOSROKARTONO")
FIRST_SERIAL = 9001
BORN_FROM = date(1970, 1, 1)

Person = dict[str, str]


def people(seed: int, most: int) -> Iterator[Person]:
    """Each bears the fields of a backlog file's row; nobody comes twice."""
    dice = Random(f"people/{seed}")
    for n in range(most):
        born, serial = BORN_FROM + timedelta(days=n % 9000), FIRST_SERIAL + n // 9000
        sex, district = dice.choice("MF"), dice.choice(DISTRICTS)
        day = born.day + (40 if sex == "F" else 0)
        yield {
            "reference": f"T-{seed}-{n}",
            "nik": f"{district.replace('.', '')}{day:02d}{born:%m%y}{serial:04d}",
            "full_name": f"{dice.choice(GIVEN[sex])} {dice.choice(FAMILY)}",
            "birth_date": born.isoformat(),
            "sex": sex,
            "district_code": district,
            "reason": dice.choice(REASONS),
            "submitted_at": "2018-03-01T09:00:00",
            "phone": "",
        }


def registry(found: list[Person]) -> str:
    """A backlog file, by which the simulated centre knows these people."""
    return "\n".join([HEADER, *(",".join(person[name] for name in FIELDS) for person in found)]) + "\n"


def body(person: Person) -> Person:
    """What a kiosk posts."""
    return {
        name: person[name] for name in ("nik", "full_name", "birth_date", "sex", "district_code", "reason")
    }

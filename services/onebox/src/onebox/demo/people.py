"""Specimen people who walk in: the same ones every time, with serials that no real NIK bears."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from onebox.demo import scenario
from onebox.demo.scenario import DISTRICTS, REASONS, SCHOOL_DAY, SCHOOL_LEAVERS, SEED, WALK_INS_A_DAY, WIB

GIVEN = {
    "M": ("AGUS", "BUDI", "DEDI", "EKO", "FAJAR", "HENDRA", "INDRA", "JOKO", "RIZKI", "YUSUF"),
    "F": ("AYU", "CITRA", "DEWI", "FITRI", "INTAN", "LESTARI", "MAYA", "NURUL", "PUTRI", "RINA"),
}
FAMILY = (
    "HARAHAP",
    "HIDAYAT",
    "KURNIAWAN",
    "LUBIS",
    "NASUTION",
    "PRATAMA",
    "SARI",
    "SIREGAR",
    "SUSANTO",
    "WIBOWO",
)


@dataclass(frozen=True, kw_only=True)
class WalkIn:
    """One person at the kiosk, and when."""

    at: datetime
    nik: str
    full_name: str
    birth_date: date
    sex: str
    district_code: str
    reason: str

    def body(self) -> dict[str, str]:
        """What the kiosk posts."""
        return {
            "nik": self.nik,
            "full_name": self.full_name,
            "birth_date": self.birth_date.isoformat(),
            "sex": self.sex,
            "district_code": self.district_code,
            "reason": self.reason,
        }


def walk_ins(day: date) -> list[WalkIn]:
    """Those who come on a counter day, in order of their coming; nobody at the weekend."""
    if day.weekday() >= 5:
        return []
    dice = Random(f"{SEED}/{day}")  # noqa: S311  # a story's dice, the same every time
    reasons = dice.choices(list(REASONS), list(REASONS.values()), k=WALK_INS_A_DAY)
    if day == SCHOOL_DAY:
        reasons += ["first_issue"] * SCHOOL_LEAVERS
    opening = datetime.combine(day, time(7, 30), WIB)
    moments = sorted(dice.uniform(60, 8.25 * 3600) for _ in reasons)
    return [
        _person(dice, day, n, reason, opening + timedelta(seconds=round(seconds)))
        for n, (reason, seconds) in enumerate(zip(reasons, moments, strict=True))
    ]


def _person(dice: Random, day: date, n: int, reason: str, at: datetime) -> WalkIn:
    sex = dice.choice("MF")
    young = reason == "first_issue"
    years = 17 if young else dice.randint(20, 65)
    born = day - timedelta(days=round(years * 365.25) + dice.randint(3, 330))
    district = dice.choice(DISTRICTS)
    return WalkIn(
        at=at,
        nik=_nik(day, n, born, sex, district),
        full_name=f"{dice.choice(GIVEN[sex])} {dice.choice(FAMILY)}",
        birth_date=born,
        sex=sex,
        district_code=district,
        reason=reason,
    )


def _nik(day: date, n: int, born: date, sex: str, district: str) -> str:
    """Serials from 9100 on, shifted from day to day so that in the story's 90 days no two people share a number."""
    birthday = f"{born.day + (40 if sex == 'F' else 0):02d}{born:%m%y}"
    days = (day - scenario.START.date()).days
    serial = 9100 + (days * 41 + days // 12 + n) % 900
    return f"{district.replace('.', '')}{birthday}{serial:04d}"


def write_people(path: Path, first: date, *, days: int) -> Path:
    """A registry of everybody in the story, backlog and walk-ins, as a backlog file for the simulated centre."""
    lines = scenario.BACKLOG.read_text().splitlines()
    for n in range(days):
        day = first + timedelta(days=n)
        for number, person in enumerate(walk_ins(day)):
            fields = (f"JLN-{day:%m%d}-{number}", *person.body().values(), person.at.isoformat(), "")
            lines.append(",".join(fields))
    path.write_text("\n".join(lines) + "\n")
    return path

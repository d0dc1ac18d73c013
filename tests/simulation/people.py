"""People of a simulation: who asks for which card, where and when. The n-th is the same every time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

DISTRICTS = ("21.02.03", "21.02.04", "21.02.05", "21.02.10")
HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"
GIVEN = ("BUDI", "CITRA", "DEWI", "EKO", "FAJAR", "INTAN", "MAYA", "RINA")
FAMILY = ("HARAHAP", "LUBIS", "NASUTION", "PRATAMA", "SARI", "SIREGAR", "WIBOWO")
FIRST_BIRTHDAY = date(1960, 1, 1)
SERIALS = range(9001, 9901)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """One person and the moment of asking."""

    n: int
    reason: str
    district: str
    at: datetime

    @property
    def born(self) -> date:
        """A day of its own, so that no two of a simulation share a NIK."""
        return FIRST_BIRTHDAY + timedelta(days=self.n)

    @property
    def nik(self) -> str:
        born = f"{self.born.day:02d}{self.born:%m%y}"
        return f"{self.district.replace('.', '')}{born}{SERIALS[self.n % len(SERIALS)]:04d}"

    def body(self) -> dict[str, str]:
        """What the kiosk posts, in the backlog file's order."""
        return {
            "nik": self.nik,
            "full_name": f"{GIVEN[self.n % len(GIVEN)]} {FAMILY[self.n % len(FAMILY)]}",
            "birth_date": self.born.isoformat(),
            "sex": "M",
            "district_code": self.district,
            "reason": self.reason,
        }

    def line(self) -> str:
        """A row of a backlog file."""
        return ",".join((f"S-{self.n}", *self.body().values(), self.at.isoformat(), ""))


class Crowd:
    """Numbers the people of one simulation through; each is made once."""

    def __init__(self) -> None:
        self.all: list[Asker] = []

    def at(self, moments: Iterable[datetime], reasons: Sequence[str]) -> list[Asker]:
        """One person a moment; reasons and districts go round."""
        found = []
        for k, moment in enumerate(moments):
            n = len(self.all)
            who = Asker(n=n, reason=reasons[k % len(reasons)], district=DISTRICTS[n % 4], at=moment)
            self.all.append(who)
            found.append(who)
        return found

    def registry(self, path: Path) -> Path:
        """Everybody made so far, as the file that the simulated centre knows its people from."""
        path.write_text(as_file(self.all))
        return path


def as_file(people: Iterable[Asker]) -> str:
    return "\n".join([HEADER, *(who.line() for who in people)]) + "\n"


def every(first: datetime, n: int, *, minutes: float) -> list[datetime]:
    """n moments, so many minutes apart."""
    return [first + timedelta(minutes=minutes * k) for k in range(n)]

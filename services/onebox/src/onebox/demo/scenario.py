"""The story's numbers, all in one place. Times are the office's (WIB) unless they carry a zone."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

OFFICE: Final = "21.02"
WIB: Final = ZoneInfo("Asia/Jakarta")
START: Final = datetime(2018, 6, 29, 7, 30, tzinfo=WIB)
"""The Friday before the article of 30 June 2018."""
BACKLOG: Final = Path(__file__).parent / "backlog-karimun.csv"
SEED: Final = 20180630

SECONDS_PER_CARD: Final = 275
STATIONS: Final = ("2102-1", "2102-2")
CALLS_PER_HOUR: Final = 80
"""Two calls an approval: 40 approvals an hour."""
HEARTBEAT: Final = 3600
SILENT, GONE = 5400.0, 7200.0
"""Seconds. Nobody falls silent in this story, and virtual time has no jitter: a slow heartbeat saves it thousands of calls."""

WEEKDAYS: Final = ("07:30-16:00",) * 5 + ("closed", "closed")
DAILY: Final = ("07:30-24:00",) * 7
SHORT_HOURS: Final = "07:30-15:00"
SHORT_FROM: Final = datetime(2018, 6, 29, 0, 0, tzinfo=WIB)
SHORT_UNTIL: Final = datetime(2018, 7, 6, 7, 0, tzinfo=WIB)

WALK_INS_A_DAY: Final = 100
REASONS: Final[Mapping[str, int]] = {
    "first_issue": 15,
    "data_change": 38,
    "lost": 16,
    "damaged": 14,
    "moved_in": 9,
    "outside_domicile": 5,
    "foreigner_renewal": 3,
}
"""In percent; one in seven is a first-time holder, as the counter sees them."""
DISTRICTS: Final = ("21.02.03", "21.02.04", "21.02.05", "21.02.10")
SCHOOL_DAY: Final = date(2018, 7, 2)
SCHOOL_LEAVERS: Final = 300

FIRST_BLANKS: Final = 1380
"""Enough until about noon of Tuesday 3 July."""
DELIVERY_AT: Final = datetime(2018, 7, 3, 19, 0, tzinfo=WIB)
DELIVERY_BLANKS: Final = 6000

OUTAGE: Final = (datetime(2018, 7, 4, 10, 0, tzinfo=WIB), datetime(2018, 7, 4, 11, 0, tzinfo=WIB))
FAULT_AT_SEND: Final = 420
"""The printer jams at its so-manieth card: on Saturday 30 June."""
NOTICED_AFTER: Final = 40 * 60
"""Seconds until the operator comes back to the jammed printer."""

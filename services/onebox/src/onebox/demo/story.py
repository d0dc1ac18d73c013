"""What the story tells: a few lines a day, Indonesian first, and the closing summary."""

from datetime import date, datetime
from statistics import median
from typing import Any

from backbone.calendar import Calendar, is_open, open_seconds
from backbone.database import Reader, Row
from onebox.demo.scenario import OFFICE, SCHOOL_DAY, WIB

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("", "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September")

PRINTED = """SELECT a.id, a.application_id, a.closed_at, a.armed_at, p.kind, p.district, p.source, p.received_at
FROM scheduler.attempt a JOIN scheduler.application p ON p.id = a.application_id WHERE a.state = 'printed' ORDER BY a.closed_at"""
BACKLOG_LEFT = "SELECT count(*) FROM scheduler.application WHERE source = 'import' AND state <> 'printed'"
OPEN_LEFT = "SELECT count(*) FROM scheduler.application WHERE state NOT IN ('printed', 'refused', 'withdrawn', 'lapsed')"
TALLY = "SELECT cause, n FROM scheduler.tally WHERE office = $1 AND day = $2"
TALLIES = "SELECT cause, sum(n)::int AS n FROM scheduler.tally GROUP BY 1"
BLANKS = "SELECT coalesce(sum(n), 0) FROM scheduler.stock WHERE account = 'on_hand'"
OLDEST = "SELECT min(ranked_from) FROM scheduler.application WHERE state = 'waiting'"
CALENDARS = "SELECT calendars FROM scheduler.calendars"
CALLS = "SELECT count(*) FROM gateway.call_start"
WASTED = """SELECT coalesce(sum(wasted_no_requests), 0) / 60 AS no_requests, coalesce(sum(wasted_outage), 0) / 60 AS outage,
coalesce(sum(wasted_quota), 0) / 60 AS quota, coalesce(sum(wasted_credentials), 0) / 60 AS credentials FROM gateway.window_day"""
BOUND = "SELECT count(*) FROM scheduler.release_pick WHERE stage = 'print' AND why <> 'rank'"
HEAD_START = frozenset({"first_issue", "urgent"})


def dated(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month]} {day.year}"


async def calendars(reader: Reader) -> dict[str, Calendar]:
    stored = await reader.fetchval(CALENDARS)
    return {name: Calendar.from_json(each).for_office(OFFICE) for name, each in stored.items()}


async def day_lines(reader: Reader, day: date, came: int) -> tuple[str, str]:
    """One day in two lines."""
    tally = {row["cause"]: row["n"] for row in await reader.fetch(TALLY, OFFICE, day)}
    centre = (await calendars(reader))["centre"]
    today = [row for row in await reader.fetch(PRINTED) if row["closed_at"].astimezone(WIB).date() == day]
    after = sum(not is_open(centre, row["closed_at"]) for row in today)
    first = sum(row["kind"] in HEAD_START for row in today)
    left, blanks = await reader.fetchval(BACKLOG_LEFT), await reader.fetchval(BLANKS)
    oldest: datetime | None = await reader.fetchval(OLDEST)
    since = "-" if oldest is None else f"{oldest.astimezone(WIB):%d-%m-%Y}"
    spoiled = f", {tally['spoiled']} rusak" if tally.get("spoiled") else ""
    indonesian = (
        f"{dated(day)}: {came} datang, {tally.get('approved', 0)} disetujui, {len(today)} dicetak "
        f"({first} pemula, {after} setelah pusat tutup){spoiled}. Sisa tunggakan {left}, tertua sejak {since}, blangko {blanks}."
    )
    english = (
        f"  {came} came, {tally.get('approved', 0)} approved, {len(today)} printed ({first} first-time, {after} after the "
        f"centre closed). Backlog left {left}, oldest since {since}, blanks {blanks}."
    )
    return indonesian, english


async def summary(
    reader: Reader, *, accepted: int, first_issues: dict[str, date], audit_findings: int
) -> dict[str, Any]:
    """The figures of the whole run, as they go to summary.json."""
    printed = await reader.fetch(PRINTED)
    known = await calendars(reader)
    tallies = {row["cause"]: row["n"] for row in await reader.fetch(TALLIES)}
    imports = [row for row in printed if row["source"] == "import"]
    wasted = await reader.fetchrow(WASTED)
    assert wasted is not None
    after = [row for row in printed if not is_open(known["centre"], row["closed_at"])]
    return {
        "accepted": accepted,
        "printed": len({row["application_id"] for row in printed}),
        "days": len({row["closed_at"].astimezone(WIB).date() for row in printed}),
        "backlog_gone_at": None if await reader.fetchval(BACKLOG_LEFT) else _local(imports[-1]["closed_at"]),
        "drained_at": _local(printed[-1]["closed_at"]) if printed else None,
        "walkin_first_issue_median_wait_counter_hours": _median_wait(printed, first_issues, known["counter"]),
        "oldest_wait_days": round(max((_days(row) for row in printed), default=0.0), 1),
        "verify_calls": await reader.fetchval(CALLS),
        "approvals": tallies.get("approved", 0),
        "approvals_expired": tallies.get("approval_expired", 0),
        "printed_after_centre_closed": len(after),
        "claim_floor_by_day": _floors(printed),
        "claim_bound_picks": await reader.fetchval(BOUND),
        "window_minutes_wasted": {cause: round(float(minutes), 1) for cause, minutes in dict(wasted).items()},
        "audit_findings": audit_findings,
    }


def _local(moment: datetime) -> str:
    return moment.astimezone(WIB).isoformat(timespec="minutes")


def _days(row: Row) -> float:
    waited: float = (row["closed_at"] - row["received_at"]).total_seconds()
    return waited / 86400


def _median_wait(printed: list[Row], first_issues: dict[str, date], counter: Calendar) -> float | None:
    """Hours of open counter from the kiosk to the card, of first-time walk-ins outside the school-leavers' day."""
    waits = [
        open_seconds(counter, row["received_at"], row["closed_at"]) / 3600
        for row in printed
        if first_issues.get(str(row["application_id"]), SCHOOL_DAY) != SCHOOL_DAY
    ]
    return round(median(waits), 2) if waits else None


def _floors(printed: list[Row]) -> list[dict[str, Any]]:
    """Each day's cards, and what the default claim got of them: a fifth for all without a head start."""
    days: dict[date, list[str]] = {}
    for row in printed:
        days.setdefault(row["closed_at"].astimezone(WIB).date(), []).append(row["kind"])
    return [
        {
            "day": day.isoformat(),
            "printed": len(kinds),
            "claim_got": sum(kind not in HEAD_START for kind in kinds),
            "floor": len(kinds) * 200 // 1000 - 2,
        }
        for day, kinds in days.items()
    ]

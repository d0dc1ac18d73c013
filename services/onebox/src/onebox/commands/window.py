"""window: the centre's hours, shown, changed for a while, tried first, ended; the past days' reports."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer

from onebox import console
from onebox.connection import Line, connect, office_zone
from onebox.console import USAGE, Failed, answer, err, out
from onebox.moments import local, moment
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Name = Literal["counter", "printing", "centre"]
CalendarOption = Annotated[Name, typer.Option("--calendar", help="jam loket, cetak, pusat · whose hours")]
Preview = Annotated[bool, typer.Option("--preview", help="Tunjukkan akibatnya dulu · show its effect first")]
From = Annotated[
    str | None, typer.Option("--from", help="14:00 · 2018-06-29T07:30 (waktu kantor · office time)")
]
Until = Annotated[str | None, typer.Option("--until", help="24:00 · 2018-07-06T24:00 ...")]


@app.callback()
def window(
    context: typer.Context,
    hours: Annotated[
        str | None, typer.Option("--hours", help='Jam baru · new hours, "07:30-15:00" or "closed"')
    ] = None,
    from_: From = None,
    until: Until = None,
    reason: Reason = "",
    calendar: CalendarOption = "centre",
    preview: Preview = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Show the centre's window, or set other hours from one moment until another; they end by themselves.

    Example: cetak window --hours 07:30-15:00 --from 2018-06-29T07:30 --until 2018-07-06T07:00 --reason "surat pusat"
    """
    if context.invoked_subcommand is not None:
        return

    async def work() -> None:
        if hours is None and (from_ or until or reason or preview or dry_run or calendar != "centre"):
            raise Failed("Jadwal khusus perlu --hours · an override needs --hours", code=USAGE)
        environment = Environment()
        async with connect(environment) as line:
            found = await _window(line)
            if hours is not None:
                body = _override(office_zone(environment), _now(found), hours, from_, until, reason)
                if dry_run:
                    console.print_json(body)
                    return
                if preview:
                    await _preview(line, calendar, body, as_json=as_json)
                    return
                await _put(line, calendar, body, office_zone(environment))
                found = await _window(line)
        console.show(
            found, as_json=as_json, human=lambda shown: _show_window(shown, office_zone(environment))
        )

    console.run(work(), as_json=as_json)


@app.command("close")
def close(
    from_: From = None,
    until: Until = None,
    reason: Reason = "",
    calendar: CalendarOption = "centre",
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """Close from now (or --from) until tonight's 24:00 (or --until). It opens again by itself.

    Example: cetak window close --from 14:00 --reason "pusat data tutup sore ini"
    """

    async def work() -> None:
        environment = Environment()
        zone = office_zone(environment)
        async with connect(environment) as line:
            now = _now(await _window(line))
            begin = now.isoformat() if from_ is None else from_
            day = moment(begin, zone, now).astimezone(zone).date()
            end = f"{day.isoformat()}T24:00" if until is None else until
            body = _override(zone, now, "closed", begin, end, reason)
            if preview:
                await _preview(line, calendar, body, as_json=as_json)
                return
            await _put(line, calendar, body, zone)
            found = await _window(line)
        console.show(found, as_json=as_json, human=lambda shown: _show_window(shown, zone))

    console.run(work(), as_json=as_json)


@app.command("end")
def end(
    override: Annotated[str, typer.Argument(help="id jadwal khusus · the override's id")],
    reason: Reason = "",
    calendar: CalendarOption = "centre",
    as_json: AsJson = False,
) -> None:
    """End an override now; what it ruled until now stays on record."""

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            values = {"id": override, "reason": reason}
            response = await line.send("DELETE", f"/gateway/v1/calendars/{calendar}/overrides", params=values)
            if response.status_code >= 400:
                answer(response)
            left = answer(await line.get(f"/gateway/v1/calendars/{calendar}/overrides"))
        console.show(
            left, as_json=as_json, human=lambda shown: _show_overrides(shown, office_zone(environment))
        )

    console.run(work(), as_json=as_json)


@app.command("overrides")
def overrides(calendar: CalendarOption = "centre", as_json: AsJson = False) -> None:
    """The overrides that rule or will."""

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            found = answer(await line.get(f"/gateway/v1/calendars/{calendar}/overrides"))
        console.show(
            found, as_json=as_json, human=lambda shown: _show_overrides(shown, office_zone(environment))
        )

    console.run(work(), as_json=as_json)


@app.command("days")
def days(
    limit: Annotated[int, typer.Option("--limit", min=1, max=400, help="Berapa hari · how many days")] = 14,
    as_json: AsJson = False,
) -> None:
    """What each day's window gave, what was used, what was wasted and why; the latest first."""

    async def work() -> None:
        async with connect(Environment()) as line:
            found = answer(await line.get("/gateway/v1/window/days", params={"limit": limit}))
        console.show(found, as_json=as_json, human=_show_days)

    console.run(work(), as_json=as_json)


async def _window(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = answer(await line.get("/gateway/v1/window"))
    return found


def _now(found: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(found["now"])


async def _put(line: Line, calendar: str, body: dict[str, Any], zone: ZoneInfo) -> None:
    answer(await line.send("PUT", f"/gateway/v1/calendars/{calendar}/overrides", json=body))
    span = f"{local(body['from'], zone)} .. {local(body['until'], zone)}"
    err.print(f"Ditetapkan · set: {calendar} {body['hours']}  {span}", markup=False)


async def _preview(line: Line, calendar: str, body: dict[str, Any], *, as_json: bool) -> None:
    response = await line.send("POST", f"/gateway/v1/calendars/{calendar}/overrides/preview", json=body)
    console.show(answer(response), as_json=as_json, human=_show_effect)


def _override(
    zone: ZoneInfo, now: datetime, hours: str, from_: str | None, until: str | None, reason: str
) -> dict[str, Any]:
    given = {"--from": from_, "--until": until, "--reason": reason.strip()}
    if from_ is None or until is None or not given["--reason"]:
        missing = ", ".join(name for name, value in given.items() if not value)
        raise Failed(f"{missing}: wajib · required", code=USAGE)
    start, end = (moment(text, zone, now) for text in (from_, until))
    return {"hours": hours, "from": start.isoformat(), "until": end.isoformat(), "reason": reason}


def _show_window(found: dict[str, Any], zone: ZoneInfo) -> None:
    why = found["why"]
    by = why["holiday"] or (why["override"] or {}).get("reason") or why["kind"]
    stands = "buka · open" if found["open"] else "tutup · closed"
    out.print(f"Jendela pusat · window: {stands}  ({found['state']} {found['cause']})", markup=False)
    out.print(f"  tutup · closes at   {local(found['closes_at'], zone)}")
    out.print(f"  buka · opens at     {local(found['opens_at'], zone)}")
    out.print(f"  jam · hours         {why['hours']} ({by})", markup=False)
    out.print(
        f"  kuota · quota left  {_or_none(found['quota_left'])}   "
        f"per jam · calls an hour  {_or_none(found['calls_per_hour'])}"
    )
    _show_days([found["today"]])


def _or_none(limit: int | None) -> str:
    return "tanpa batas · no limit" if limit is None else str(limit)


def _show_effect(found: dict[str, Any]) -> None:
    zone = ZoneInfo(found["tz"])
    out.print(
        f"Jika ditetapkan · if set: {found['calendar']} {found['hours']}  "
        f"{local(found['from'], zone)} .. {local(found['until'], zone)}"
    )
    if not found["rules"]:
        out.print("  Tidak mengubah apa pun · it would change nothing")
    if found["calendar"] == "centre" and not found["account_follows"]:
        out.print("  Akun pusat tidak mengikutinya · the centre's account does not follow it")
    before, after = found["before"], found["after"]
    out.print(
        f"  tutup · closes at   {local(before['closes_at'], zone)} -> {local(after['closes_at'], zone)}"
    )
    out.print(f"  buka · opens at     {local(before['opens_at'], zone)} -> {local(after['opens_at'], zone)}")
    out.print(
        f"  menit buka · open minutes {found['minutes']:+.0f}   "
        f"persetujuan paling banyak · approvals at most {found['approvals']}"
    )
    columns = ("hari · day", "sebelum · before", "sesudah · after", "persetujuan · approvals")
    rows = [(day["day"], day["hours_before"], day["hours_after"], day["approvals"]) for day in found["days"]]
    console.table("Hari yang berubah · days that change", columns, rows)


def _show_days(found: list[dict[str, Any]]) -> None:
    columns = ("hari · day", "menit buka · open minutes", "panggilan · calls", "persetujuan · approvals")
    wasted = list(found[0]["wasted_minutes"]) if found else []
    rows = [
        (
            day["day"],
            day["open_minutes"],
            day["starts"],
            day["approvals"],
            *(day["wasted_minutes"][w] for w in wasted),
        )
        for day in found
    ]
    console.table("Terpakai dan terbuang · used and wasted (min)", (*columns, *wasted), rows)


def _show_overrides(found: list[dict[str, Any]], zone: ZoneInfo) -> None:
    for one in found:
        span = f"{local(one['from'], zone)} .. {local(one['until'], zone)}"
        out.print(f"{span}  {one['hours']}  {one['prefix']}  {one['reason']}", markup=False)
        out.print(f"  id {one['id']}", markup=False)
    if not found:
        out.print("Tidak ada jadwal khusus · no overrides")

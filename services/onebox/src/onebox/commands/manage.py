"""window, stock, policy: what an officer sets."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from onebox import console
from onebox.connection import connect, deployment
from onebox.console import USAGE, Failed, answer, out
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

CalendarOption = Annotated[str, typer.Option(help="counter · printing · centre")]


def window(
    hours: Annotated[str | None, typer.Option(help='Jam baru · new hours, "07:30-15:00" or "closed"')] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="2018-06-29T07:30 (waktu kantor · office time)")
    ] = None,
    until: Annotated[str | None, typer.Option(help="2018-07-06T24:00 ...")] = None,
    reason: Reason = "",
    calendar: CalendarOption = "centre",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Show the centre's window, or set other hours from one moment until another; they end by themselves.

    Example: cetak window --hours 07:30-15:00 --from 2018-06-29T07:30 --until 2018-07-06T07:00 --reason "surat pusat"
    """

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            if hours is not None:
                body = _override(deployment(environment).tz, hours, from_, until, reason)
                if dry_run:
                    console.print_json(body)
                    return
                answer(await line.send("PUT", f"/gateway/v1/calendars/{calendar}/overrides", json=body))
            found = answer(await line.get("/gateway/v1/window"))
        console.show(found, as_json=as_json, human=_show_window)

    console.run(work(), as_json=as_json)


def _override(zone: str, hours: str, from_: str | None, until: str | None, reason: str) -> dict[str, Any]:
    if from_ is None or until is None or not reason:
        raise Failed("--from, --until dan · and --reason wajib · are required", code=USAGE)
    try:
        moments = [datetime.fromisoformat(text) for text in (from_, until)]
    except ValueError as error:
        raise Failed(f"Waktu tidak terbaca · not a time: {error}", code=USAGE) from None
    tz = ZoneInfo(zone)
    start, end = (m if m.tzinfo else m.replace(tzinfo=tz) for m in moments)
    return {"hours": hours, "from": start.isoformat(), "until": end.isoformat(), "reason": reason}


def _show_window(found: dict[str, Any]) -> None:
    for key, value in found.items():
        if not isinstance(value, dict | list):
            out.print(f"{key:<18} {value}")
        else:
            out.print(f"{key:<18} {json.dumps(value, ensure_ascii=False, default=str)}")


def stock(
    station: Annotated[str | None, typer.Argument(help="Stasiun · a station; tanpa itu: semua · all")] = None,
    receive: Annotated[
        int | None, typer.Option(help="Terima sekian blangko · receive so many blanks")
    ] = None,
    note: Annotated[str, typer.Option(help="Nomor surat jalan · the delivery note's number")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the blanks of each station, or receive a delivery; the same note twice counts once.

    Example: cetak stock 2102-1 --receive 500 --note SJ-2018-0629
    """

    async def work() -> None:
        async with connect(Environment()) as line:
            if receive is not None:
                if station is None or not note:
                    raise Failed("Stasiun dan --note wajib · a station and --note are required", code=USAGE)
                body = {"note_number": note, "blanks": receive}
                answer(await line.send("POST", f"/scheduler/v1/stations/{station}/stock", json=body))
            names = (
                [station] if station else [s["id"] for s in answer(await line.get("/scheduler/v1/stations"))]
            )
            found = {name: answer(await line.get(f"/scheduler/v1/stations/{name}/stock")) for name in names}
        console.show(found, as_json=as_json, human=_show_stock)

    console.run(work(), as_json=as_json)


def _show_stock(found: dict[str, Any]) -> None:
    rows = [
        (name, account, n) for name, stocked in found.items() for account, n in stocked["blanks"].items() if n
    ]
    console.table("Blangko · blanks", ("stasiun", "akun", "n"), rows)


def policy(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="JSON aturan · rules")
    ] = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Show the policy in force, or set a new version from a file of rules (as shown under "rules").

    Example: cetak policy aturan.json --reason "keputusan kepala dinas 12/2018"
    """

    async def work() -> None:
        environment = Environment()
        office = deployment(environment).office
        async with connect(environment) as line:
            if file is not None:
                body = {"office": office, "rules": json.loads(file.read_text()), "reason": reason}
                if dry_run:
                    console.print_json(body)
                    return
                answer(await line.send("PUT", "/scheduler/v1/policy", json=body))
            found = answer(await line.get("/scheduler/v1/policy"))
        console.show(found, as_json=as_json, human=_show_policy)

    console.run(work(), as_json=as_json)


def _show_policy(found: dict[str, Any]) -> None:
    current = found["current"]
    out.print(f"Kebijakan · policy {current['version']} oleh · by {current['author']}: {current['reason']}")
    out.print(json.dumps(current["rules"], indent=1, ensure_ascii=False), markup=False)

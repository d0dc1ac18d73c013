"""why, at-risk, targets: why nothing moves, and who waits longer than the office means anybody to wait."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from onebox import console
from onebox.connection import connect, deployment, office_zone
from onebox.console import FAILED, USAGE, Failed, answer, out
from onebox.moments import local
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

STAGES = {"verification": "Pemeriksaan · verification", "printing": "Pencetakan · printing"}


def why(
    station: Annotated[
        str | None, typer.Argument(help="Stasiun; tanpa ini seluruh kantor · a station, else the office")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Why nothing moves: all reasons, whose they are, when each ends at the earliest, and what happens next.

    Exit 1 where cards wait and something stops them. Examples: cetak why · cetak why 2102-1
    """

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            path = "explain" if station is None else f"stations/{station}/explain"
            found = answer(await line.get(f"/scheduler/v1/{path}"))
        show, zone = _show_offices if station is None else _show_station, office_zone(environment)
        console.show(found, as_json=as_json, human=lambda shown: show(shown, zone))
        if _stopped(found):
            raise typer.Exit(FAILED)

    console.run(work(), as_json=as_json)


def _stopped(found: dict[str, Any]) -> bool:
    if "offices" in found:
        return any(stage["blockers"] for office in found["offices"] for stage in office["stages"])
    return bool(found["blockers"] or (found["verification"] or {}).get("blockers"))


def _show_offices(found: dict[str, Any], zone: ZoneInfo) -> None:
    for office in found["offices"]:
        out.print(f"[bold]Kantor · office {office['office']}[/]")
        for stage in office["stages"]:
            _show_stage(stage, zone)
        if office["aside"]:
            out.print("Di luar antrean · standing aside")
            _show_reasons(office["aside"], zone)
        _show_next(office["next"], zone)


def _show_station(found: dict[str, Any], zone: ZoneInfo) -> None:
    out.print(
        f"[bold]Stasiun · station {found['station']}[/]: {found['state']}, "
        f"{found['in_hand']}/{found['slots']} kartu di tangan · cards in hand"
    )
    _show_reasons(found["blockers"], zone)
    if found["nothing_approved"]:
        out.print("  Belum ada kartu yang disetujui · no card is approved yet")
        _show_stage(found["verification"], zone)
    elif not found["blockers"]:
        out.print("  Tidak ada yang menahan · nothing holds it")
    _show_next(found["next"], zone)


def _show_stage(stage: dict[str, Any], zone: ZoneInfo) -> None:
    cards = f"{STAGES[stage['name']]}: {stage['cards']} menunggu · waiting"
    if stage["blockers"]:
        out.print(f"{cards}, [bold red]berhenti · stopped[/]")
        _show_reasons(stage["blockers"], zone)
    else:
        out.print(f"{cards}, {stage['room']} dapat maju sekarang · may go on now")


def _show_reasons(reasons: list[dict[str, Any]], zone: ZoneInfo) -> None:
    for reason in reasons:
        where = f" ({', '.join(reason['stations'])})" if reason.get("stations") else ""
        cards = f" [{reason['cards']} kartu · cards]" if "cards" in reason else ""
        until = f", paling cepat · earliest {local(reason['clears_at'], zone)}" if reason["clears_at"] else ""
        out.print(
            f"  • {reason['message_id']} · {reason['message_en']}{where}{cards} <{reason['owner']}>{until}",
            markup=False,
        )


def _show_next(coming: list[dict[str, Any]], zone: ZoneInfo) -> None:
    if coming:
        out.print("Berikutnya · next")
    for one in coming:
        out.print(f"  {local(one['at'], zone)}  {one['message_id']} · {one['message_en']}", markup=False)


def at_risk(
    share: Annotated[
        float, typer.Option("--share", help="Bagian target yang terpakai · the part of a target used up")
    ] = 0.8,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    after: Annotated[str | None, typer.Option("--after", help="Kursor · cursor of the next page")] = None,
    as_json: AsJson = False,
) -> None:
    """Applications that have used up their service target, or nearly, in counter time; the worst first.

    Exit 1 where there are any. Example: cetak at-risk --share 1
    """

    async def work() -> None:
        params = {"share": share, "limit": limit} | ({} if after is None else {"after": after})
        environment = Environment()
        async with connect(environment) as line:
            found = answer(await line.get("/scheduler/v1/at-risk", params=params))
        zone = office_zone(environment)
        console.show(found, as_json=as_json, human=lambda shown: _show_at_risk(shown, zone))
        if found["items"]:
            raise typer.Exit(FAILED)

    console.run(work(), as_json=as_json)


def _show_at_risk(found: dict[str, Any], zone: ZoneInfo) -> None:
    if not found["targets"]:
        out.print(
            "Belum ada target layanan · no service targets yet:  cetak targets first_issue=40 --reason ..."
        )
        return
    columns = (
        "resi · receipt",
        "jenis · kind",
        "keadaan · state",
        "terpakai · used",
        "sisa · left",
        "batas · due",
    )
    console.table(
        "Terancam lewat target · at risk",
        columns,
        [
            (
                one["receipt_number"],
                one["kind"],
                one["state"],
                f"{one['used_hours']:.1f}/{one['target_hours']:g} h",
                f"{one['left_hours']:.1f} h",
                local(one["due_at"], zone),
            )
            for one in found["items"]
        ],
    )
    if found["next"]:
        out.print(f"... --after {found['next']}", markup=False)


def targets(
    settings: Annotated[
        list[str] | None, typer.Argument(help="JENIS=JAM ... · KIND=HOURS ..., all of them")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Hapus semua · no targets any more")] = False,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Show the service targets, or set all of them anew, in hours of counter time.

    Example: cetak targets first_issue=40 lost=80 --reason "standar pelayanan 2018"
    """

    async def work() -> None:
        environment = Environment()
        office = deployment(environment).office
        async with connect(environment) as line:
            if settings or clear:
                body = {"office": office, "hours": _hours(settings or []), "reason": reason}
                if dry_run:
                    console.print_json(body)
                    return
                answer(await line.send("PUT", "/scheduler/v1/targets", json=body))
            found = answer(await line.get("/scheduler/v1/targets", params={"office": office}))
        console.show(found, as_json=as_json, human=_show_targets)

    console.run(work(), as_json=as_json)


def _hours(settings: list[str]) -> dict[str, float]:
    found = {}
    for setting in settings:
        kind, _, hours = setting.partition("=")
        try:
            found[kind] = float(hours)
        except ValueError:
            raise Failed(f"{setting}: tulis JENIS=JAM · write KIND=HOURS", code=USAGE) from None
    return found


def _show_targets(found: dict[str, Any]) -> None:
    current = found["current"]
    if current is None or not current["hours"]:
        out.print("Belum ada target layanan · no service targets")
    if current is not None:
        console.table(
            f"Target layanan · service targets {current['version']}",
            ("jenis · kind", "jam loket · counter hours"),
            [(kind, f"{hours:g}") for kind, hours in sorted(current["hours"].items())],
        )
        out.print(f"oleh · by {current['author']}: {current['reason']}", markup=False)

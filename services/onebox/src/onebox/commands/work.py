"""import, queue, explain: the day's work."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from onebox import console, words
from onebox.commands.bringing import bring
from onebox.connection import connect, office_zone
from onebox.console import FAILED, answer, out
from onebox.moments import local
from onebox.options import AsJson, DryRun
from onebox.settings import Environment

MOST_SHOWN = 20
LAST_EVENTS = 5


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import a backlog file; a row that is there already adds nothing. Exit 1 where rows were rejected.

    Example: cetak import tunggakan.csv --dry-run
    """

    async def work() -> None:
        async with connect(Environment()) as line:
            report = await bring(line, file, dry_run=dry_run)
        console.show(report, as_json=as_json, human=_show_import)
        if report["rejected"]:
            raise typer.Exit(FAILED)

    console.run(work(), as_json=as_json)


def _show_import(report: dict[str, Any]) -> None:
    out.print(
        f"{report['rows']} baris · rows: [bold]{report['accepted']}[/] diterima · accepted, "
        f"{report['accepted_with_warning']} dengan peringatan · with a warning, "
        f"{report['duplicates']} sudah ada · known, {report['duplicate_persons']} orangnya sudah punya permohonan · person "
        f"has an open case, {report['rejected']} ditolak · rejected  ({report['seconds']:.1f} s)"
    )
    shown = 0
    for problem in report["problems"]:
        if problem["verdict"] in ("accepted_with_warning", "duplicate"):
            continue
        for finding in problem["findings"] or [
            {"field": "", "message_id": problem["verdict"], "message_en": ""}
        ]:
            if (shown := shown + 1) > MOST_SHOWN:
                out.print("  ... lihat --json untuk semuanya · see --json for all")
                return
            out.print(
                f"  baris · line {problem['line']}  {problem['reference'] or '-'}  {finding['field']}: "
                f"{finding['message_id']} · {finding['message_en']}",
                markup=False,
            )


def queue(as_json: AsJson = False) -> None:
    """The office at a glance: how many in which state, what moved today, what holds us."""

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            summary = answer(await line.get("/scheduler/v1/summary"))
        zone = office_zone(environment)
        console.show(summary, as_json=as_json, human=lambda shown: _show_summary(shown, zone))

    console.run(work(), as_json=as_json)


def _show_summary(summary: dict[str, Any], zone: ZoneInfo) -> None:
    states = [(words.state(name), n) for name, n in sorted(summary["by_state"].items())]
    kinds = [(words.kind(name), n) for name, n in sorted(summary["waiting_by_reason"].items())]
    console.table("Keadaan · state", ("", "kartu · cards"), states)
    console.table("Menunggu per alasan · waiting by reason", ("", "kartu · cards"), kinds)
    out.print(f"Tertua menunggu sejak · oldest waiting since: {local(summary['oldest_waiting_since'], zone)}")
    out.print(f"Dicetak hari ini · printed today: {summary['printed_today']}")
    out.print(f"Blangko · blanks: {summary['blanks'].get('on_hand', 0)}")
    out.print(f"Yang menahan · held by: {', '.join(summary['held_by']) or 'tidak ada · nothing'}")


def explain(
    key: Annotated[str, typer.Argument(help="Id atau nomor resi · an id or a receipt number")],
    as_json: AsJson = False,
) -> None:
    """Why one card waits: its place, every term of its rank, all that holds it and who owns that.

    Example: cetak explain 2102-7K3F-9QXM-4
    """

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            found = answer(await line.get(f"/scheduler/v1/applications/{key.strip()}/explain"))
            path = f"/scheduler/v1/applications/{found['application_id']}/events"
            found["events"] = answer(await line.get(path))
        zone = office_zone(environment)
        console.show(found, as_json=as_json, human=lambda shown: _show_explain(shown, zone))

    console.run(work(), as_json=as_json)


def _show_explain(found: dict[str, Any], zone: ZoneInfo) -> None:
    rank = found["rank"]
    out.print(
        f"[bold]{found['receipt_number']}[/]  {words.state(found['state'])}  "
        f"(giliran · whose move: {found['who_acts']})"
    )
    if found["place"] is not None:
        out.print(f"Urutan · place {found['place']}, di jalurnya · in its lane {found['lane_place']}")
    out.print(
        f"Peringkat · rank {local(rank['rank_at'], zone)} = diterima · received {local(rank['received_at'], zone)} "
        f"+ di tangan pemohon · held by applicant {rank['applicant_held_seconds']:.0f} s "
        f"- keutamaan · head start {rank['head_start_minutes'] // 1440} hari · days"
    )
    for blocker in found["blockers"]:
        until = (
            f" (paling cepat · earliest {local(blocker['clears_at'], zone)})" if blocker["clears_at"] else ""
        )
        out.print(
            f"  • {blocker['message_id']} · {blocker['message_en']} [{blocker['owner']}]{until}", markup=False
        )
    _show_events(found["events"][-LAST_EVENTS:], zone)


def _show_events(events: list[dict[str, Any]], zone: ZoneInfo) -> None:
    out.print("Riwayat terakhir · last events")
    for one in events:
        reason = f": {one['reason']}" if one["reason"] else ""
        out.print(
            f"  {local(one['at'], zone)}  {words.state(one['state'])}  {one['cause']} ({one['actor']}){reason}",
            markup=False,
        )

"""policy: the rules in force, set, tried first; what every claim was promised and got."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from backbone.clock import SystemClock
from onebox import console
from onebox.connection import Line, connect, deployment, office_zone
from onebox.console import USAGE, Failed, answer, out
from onebox.moments import local, moment
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Rules = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, help="JSON aturan · rules, as `show --rules` prints them"
    ),
]
Begin = Annotated[
    str | None,
    typer.Option(
        "--from", help="2026-07-01T00:00 (waktu kantor · office time); kosong: sekarang · empty: now"
    ),
]
End = Annotated[
    str | None, typer.Option("--until", help="kosong: sampai yang berikut · empty: until the next")
]


@app.callback()
def policy(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the policy in force (as `show`), or what a command below does."""
    if context.invoked_subcommand is None:
        show(as_json=as_json)


@app.command("show")
def show(
    rules: Annotated[
        bool, typer.Option("--rules", help="Hanya aturannya · only the rules, to be changed and tried")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the rules in force and the versions before and after them.

    Example: cetak policy show --rules > aturan.json
    """

    async def work() -> None:
        environment = Environment()
        async with connect(environment) as line:
            found = answer(await line.get("/scheduler/v1/policy"))
        if rules:
            console.print_json(found["current"]["rules"])
            return
        console.show(
            found, as_json=as_json, human=lambda shown: _show_policy(shown, office_zone(environment))
        )

    console.run(work(), as_json=as_json)


@app.command("set")
def set_rules(
    file: Rules,
    reason: Reason = "",
    begin: Begin = None,
    end: End = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set a new version, at once or from a date; it ends by itself where --until says so.

    Example: cetak policy set aturan.json --reason "keputusan kepala dinas 12/2018"
    """

    async def work() -> None:
        environment = Environment()
        body = {**_trial(environment, file, begin, end), "reason": reason}
        if dry_run:
            console.print_json(body)
            return
        async with connect(environment) as line:
            answer(await line.send("PUT", "/scheduler/v1/policy", json=body))
            found = answer(await line.get("/scheduler/v1/policy"))
        console.show(
            found, as_json=as_json, human=lambda shown: _show_policy(shown, office_zone(environment))
        )

    console.run(work(), as_json=as_json)


@app.command("rehearse")
def rehearse(
    file: Rules,
    named: Annotated[
        list[str] | None,
        typer.Option(
            "--application",
            help="Id atau nomor resi yang ditanyakan, boleh berulang · an id or receipt number asked about; again for more",
        ),
    ] = None,
    begin: Begin = None,
    end: End = None,
    as_json: AsJson = False,
) -> None:
    """Try rules on the queue as it stands; nothing is changed.

    Example: cetak policy rehearse aturan.json
    """

    async def work() -> None:
        environment = Environment()
        body = _trial(environment, file, begin, end)
        async with connect(environment) as line:
            body["application_ids"] = [await _id(line, key) for key in named or []]
            found = answer(await line.send("POST", "/scheduler/v1/policy/rehearse", json=body))
        console.show(found, as_json=as_json, human=_show_trial)

    console.run(work(), as_json=as_json)


@app.command("proof")
def proof(
    day: Annotated[
        datetime | None,
        typer.Option("--day", formats=["%Y-%m-%d"], help="kosong: hari ini · empty: today"),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=31, help="sampai sekian hari · so many days")] = 1,
    as_json: AsJson = False,
) -> None:
    """What every claim was promised and got, at verification, at printing, in printed cards; by the office's days.

    Exit 1 where a claim is more than two cards behind its share.

    Example: cetak policy proof --days 7
    """

    async def work() -> None:
        params: dict[str, Any] = {"days": days} | ({} if day is None else {"day": day.date().isoformat()})
        async with connect(Environment()) as line:
            found = answer(await line.get("/scheduler/v1/policy/proof", params=params))
        console.show(found, as_json=as_json, human=_show_proof)
        if any(not claim["kept"] for *_, claim in _proven(found)):
            raise typer.Exit(console.FAILED)

    console.run(work(), as_json=as_json)


def _trial(environment: Environment, file: Path, begin: str | None, end: str | None) -> dict[str, Any]:
    """The body that is tried and set. Raises Failed where the file is no JSON."""
    try:
        rules = json.loads(file.read_text())
    except ValueError as error:
        raise Failed(f"{file} bukan JSON · is no JSON: {error}", code=USAGE) from None
    found = deployment(environment)
    times = {"valid_from": begin, "valid_until": end}
    zone, now = office_zone(environment), SystemClock().now()
    given = {name: moment(text, zone, now).isoformat() for name, text in times.items() if text is not None}
    return {"office": found.office, "rules": rules, **given}


async def _id(line: Line, key: str) -> str:
    """The id behind a receipt number. Raises Failed where there is none."""
    try:
        return str(UUID(key))
    except ValueError:
        found = answer(await line.get(f"/scheduler/v1/applications/{key}/explain"))
        return str(found["application_id"])


def _show_policy(found: dict[str, Any], zone: ZoneInfo) -> None:
    current = found["current"]
    out.print(f"Kebijakan · policy {current['version']} oleh · by {current['author']}: {current['reason']}")
    out.print(json.dumps(current["rules"], indent=1, ensure_ascii=False), markup=False)
    rows = [
        (
            version["version"],
            local(version["valid_from"], zone),
            local(version["valid_until"], zone),
            version["author"],
            version["reason"],
        )
        for version in found["versions"]
    ]
    console.table(
        "Versi · versions", ("", "sejak · from", "sampai · until", "oleh · by", "alasan · reason"), rows
    )


def _show_trial(found: dict[str, Any]) -> None:
    moves = found["moves"]
    out.print(
        f"Menunggu · waiting {moves['cards']}: maju · up {moves['up']['cards']} "
        f"(paling jauh · at most {_far(moves['up'])}), mundur · down {moves['down']['cards']} "
        f"(paling jauh · at most {_far(moves['down'])})"
    )
    lanes = [
        (
            *(lane["kind"], lane["district"], lane["cards"], f"{lane['head_start_days']:+g}"),
            *(lane["up"]["cards"], lane["up"]["mean"], lane["down"]["cards"], lane["down"]["mean"]),
        )
        for lane in found["lanes"]
    ]
    heads = ("", "", "n", "hari · days", "maju · up", "~", "mundur · down", "~")
    console.table("Jalur · lanes", heads, lanes)
    for title, cards in (
        ("Paling maju · furthest up", found["movers"]["up"]),
        ("Paling mundur · furthest down", found["movers"]["down"]),
        ("Ditanyakan · asked", found["applications"]),
    ):
        if cards:
            console.table(title, ("", "", "sebelum · before", "sesudah · after"), [_card(c) for c in cards])
    arriving = [(kind["kind"], kind["ahead"]["before"], kind["ahead"]["after"]) for kind in found["arriving"]]
    console.table(
        "Di depan yang datang sekarang · ahead of one arriving now",
        ("", "sebelum · before", "sesudah · after"),
        arriving,
    )
    for stop in found["suspended"]:
        out.print(
            f"Ditangguhkan · suspended: {stop['kind']} ({stop['cards']}), {stop['before']} -> {stop['after']}"
        )
    _show_claims(found)


def _show_claims(found: dict[str, Any]) -> None:
    rows = [
        (
            claim["name"],
            claim["permille"],
            claim["waiting"],
            claim["promised"],
            claim["would_get"],
            claim["got"],
        )
        for claim in found["claims"]
    ]
    heads = ("", "‰", "menunggu · waiting", "dijanjikan · promised", "akan dapat · would get", "dapat · got")
    replayed = found["replayed"]
    since = "" if replayed["since"] is None else f" (sejak · since {replayed['since']})"
    console.table(
        f"Jatah atas {replayed['picks']} kartu terpilih · claims of the cards picked{since}",
        heads,
        rows,
    )


def _far(side: dict[str, Any]) -> str:
    days = "" if side["most_days"] is None else f", {side['most_days']:g} hari · days"
    return f"{side['most']} tempat · places{days}"


def _card(card: dict[str, Any]) -> tuple[Any, ...]:
    return (card["receipt_number"], card["kind"], card["place"]["before"], card["place"]["after"])


STAGES = {"verify": "verifikasi · verify", "print": "cetak · print", "printed": "jadi · printed"}


def _proven(found: dict[str, Any]) -> list[tuple[str, int, str, dict[str, Any]]]:
    """Day, version, stage and claim of every line of the proof."""
    return [
        (day["day"], ruled["version"], stage, claim)
        for day in found["days"]
        for ruled in day["policies"]
        for stage in STAGES
        for claim in ruled[stage]["claims"]
    ]


def _show_proof(found: dict[str, Any]) -> None:
    rows = [
        (
            *(day, version, STAGES[stage], claim["name"], claim["permille"], claim["picks"]),
            *(claim["promised"], claim["got"], claim["bound"], "✓" if claim["kept"] else "✗"),
        )
        for day, version, stage, claim in _proven(found)
    ]
    heads = ("hari · day", "versi", "", "jatah · claim", "‰", "n")
    told = ("dijanjikan · promised", "dapat · got", "karena jatah · bound", "")
    console.table(f"Bukti · proof {found['office']} ({found['tz']})", (*heads, *told), rows)
    for day in found["days"]:
        if day["urgent"]:
            out.print(f"{day['day']}: {day['urgent']} mendesak · urgent")

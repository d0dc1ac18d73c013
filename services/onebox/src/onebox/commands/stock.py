"""stock: what is left; blanks received, counted and tried; ribbon and film put in; and the papers.

Exit codes are the command's own: 0 done, 1 refused by the office, 2 wrong usage, 3 unreachable, 4 not allowed.
"""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from onebox import console
from onebox.commands import papers
from onebox.commands.paperwork import (
    Blanks,
    OwnNumber,
    Person,
    Place,
    Second,
    Station,
    at,
    send,
    stock_of,
    two,
)
from onebox.connection import Line, connect, deployment
from onebox.console import USAGE, Failed, answer
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment


class ShowByDefault(TyperGroup):
    """`cetak stock 2102-1` is `cetak stock show 2102-1`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else ["show", *args])


def show(
    station: Annotated[
        str | None, typer.Argument(help="Stasiun atau gudang · a station or store; tanpa itu: semua · all")
    ] = None,
    receive: Annotated[
        int | None, typer.Option(min=1, help="Terima sekian blangko · receive so many blanks")
    ] = None,
    note: Annotated[str, typer.Option(help="Nomor surat jalan · the delivery note's number")] = "",
    first: Annotated[str | None, typer.Option(help="Nomor seri pertama · the lot's first serial")] = None,
    last: Annotated[str | None, typer.Option(help="Nomor seri terakhir · the lot's last serial")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is left at each station, or receive a delivery; the same note twice counts once.

    Example: cetak stock 2102-1 --receive 500 --note SJ-2018-0629
    """

    async def work() -> None:
        environment = Environment()
        office = deployment(environment).office
        async with connect(environment) as line:
            if receive is not None:
                if station is None or not note:
                    raise Failed("Stasiun dan --note wajib · a station and --note are required", code=USAGE)
                lot = {"lot": note, "blanks": receive, "serial_first": first, "serial_last": last}
                body = {"note_number": note, "blanks": receive, "lots": [lot] if first or last else []}
                answer(await line.send("POST", stock_of(office, station), json=body))
            found = await _everything(line, office, station)
        console.show(found, as_json=as_json, human=_show)

    console.run(work(), as_json=as_json)


def count(
    station: Place,
    blanks: Blanks,
    second: Second,
    reason: Reason,
    person: Person = None,
    number: OwnNumber = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Count at shift end: hopper and beside it, by two persons. The books follow, the signed difference is kept.

    Example: cetak stock count 2102-1 412 --second "Siti" --reason "akhir giliran"
    """
    body = two(second, reason, person, blanks=blanks, number=number)
    send(lambda office: f"{at(office, station)}/count", body, dry_run=dry_run, as_json=as_json)


def try_printer(
    station: Station,
    second: Second,
    reason: Reason,
    cards: Annotated[int, typer.Option(min=1, help="Berapa kartu · how many cards")] = 1,
    misfeed: Annotated[bool, typer.Option(help="Tersangkut, bukan kartu uji · misfed, not a test")] = False,
    person: Person = None,
    number: OwnNumber = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take blanks that were used to try the printer (or misfed by it) out of the hopper: spoiled, to be destroyed.

    Example: cetak stock test-card 2102-1 --second "Siti" --reason "sesudah ganti pita"
    """
    cause = "misfeed" if misfeed else "test_card"
    body = two(second, reason, person, cards=cards, cause=cause, number=number)
    send(lambda office: f"{at(office, station)}/test-cards", body, dry_run=dry_run, as_json=as_json)


def load(
    station: Station,
    item: Annotated[str, typer.Argument(help="ribbon (pita) · film")],
    nominal: Annotated[
        int | None, typer.Option(min=1, help="Isi menurut label, kartu · cards by its label")
    ] = None,
    roll: Annotated[str | None, typer.Option(help="Nomor gulungan · the roll's own number")] = None,
    removed: Annotated[
        bool, typer.Option(help="Yang lama belum habis · the one before was not used up")
    ] = False,
    person: Person = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Note that a ribbon or film was put in; what the one before it made is its measured yield.

    Example: cetak stock load 2102-1 ribbon --nominal 500 --roll YMCKH-0007
    """
    body = {
        "item": {"pita": "ribbon"}.get(item, item),
        "nominal": nominal,
        "roll": roll,
        "previous": "removed" if removed else "used_up",
        "person": person,
    }
    send(lambda office: f"{at(office, station)}/supplies", body, dry_run=dry_run, as_json=as_json)


async def _everything(line: Line, office: str, station: str | None) -> dict[str, Any]:
    names = [station] if station else [s["id"] for s in answer(await line.get("/scheduler/v1/stations"))]
    return {name: answer(await line.get(stock_of(office, name))) for name in names}


def _show(found: dict[str, Any]) -> None:
    console.table(
        "Blangko · blanks",
        ("stasiun", "akun", "n"),
        [(name, account, n) for name, one in found.items() for account, n in one["blanks"].items() if n],
    )
    console.table(
        "Sisa · left (kartu · cards)",
        ("stasiun", "", "n", "hari · days", ""),
        [
            (name, left["item"], left["left"], left["days_left"], "menipis · low" if left["low"] else "")
            for name, one in found.items()
            for left in one["left"]
            if left["left"] is not None
        ],
    )


app = typer.Typer(
    cls=ShowByDefault,
    no_args_is_help=False,
    rich_markup_mode=None,
    help="Blangko, pita, film: sisa dan mutasi. · Blanks, ribbon, film: what is left, and every move.",
)
app.command("show")(show)
app.command("load")(load)
app.command("count")(count)
app.command("test-card")(try_printer)
app.command("transfer")(papers.transfer)
app.command("return")(papers.give_back)
app.command("destroy")(papers.destroy)
app.command("papers")(papers.list_papers)

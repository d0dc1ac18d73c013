"""What the commands on stock share: the options of a paper of two persons, and sending one."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from onebox import console
from onebox.connection import connect, deployment
from onebox.console import answer, out
from onebox.settings import Environment

STORES = ("gudang", "store")
"""How people name the office's own store where a place is asked for."""

Second = Annotated[str, typer.Option(help="Orang kedua yang menyaksikan · the second person, who witnesses")]
Person = Annotated[
    str | None,
    typer.Option(help="Petugas, bila bukan pemilik akun · who does it, if not the account's owner"),
]
Number = Annotated[
    str, typer.Argument(help="Nomor berita acara · the paper's number; the same twice counts once")
]
OwnNumber = Annotated[
    str | None,
    typer.Option(help="Nomor berita acara; yang sama terhitung sekali · the same twice counts once"),
]
Station = Annotated[str, typer.Argument(help="Stasiun · a station")]
Place = Annotated[str, typer.Argument(help="Stasiun, atau gudang · a station, or store")]
Blanks = Annotated[int, typer.Argument(min=0, help="Jumlah blangko · how many blanks")]


def two(second: str, reason: str, person: str | None, **contents: Any) -> dict[str, Any]:
    return {**contents, "second_person": second, "reason": reason, "person": person}


def send(path: Callable[[str], str], body: Mapping[str, Any], *, dry_run: bool, as_json: bool) -> None:
    """Post one paper, or only show it; the office's answer is shown."""
    told = {key: value for key, value in body.items() if value is not None}

    async def work() -> None:
        environment = Environment()
        office = deployment(environment).office
        if dry_run:
            console.print_json(told)
            return
        async with connect(environment) as line:
            found = answer(await line.send("POST", path(office), json=told))
        console.show(found, as_json=as_json, human=_show_paper)

    console.run(work(), as_json=as_json)


def place_of(name: str) -> str:
    return "" if name in STORES else name


def at_office(office: str) -> str:
    return f"/scheduler/v1/offices/{office}"


def at(office: str, place: str) -> str:
    return at_office(office) if place in STORES else f"/scheduler/v1/stations/{place}"


def stock_of(office: str, place: str) -> str:
    return f"{at(office, place)}/stock"


def _show_paper(found: dict[str, Any]) -> None:
    again = "  (sudah tercatat · on record already)" if found.get("again") else ""
    out.print(f"Tercatat · on record{again}")
    for key, value in found.items():
        if value not in (None, "", {}, []) and key not in ("again", "id", "detail"):
            out.print(f"  {key:<14} {value}", markup=False)

"""stock transfer, return, destroy, papers: blanks that change hands, before two persons, under a number."""

from typing import Annotated, Any

import typer

from onebox import console
from onebox.commands.paperwork import Blanks, Number, Person, Place, Second, at_office, place_of, send, two
from onebox.connection import connect
from onebox.console import answer
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment


def transfer(
    number: Number,
    source: Annotated[str, typer.Argument(help="Dari · from: stasiun atau gudang · a station or store")],
    target: Annotated[str, typer.Argument(help="Ke · to")],
    blanks: Blanks,
    second: Annotated[str, typer.Option(help="Penerima · who receives them")],
    reason: Reason,
    person: Person = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Move blanks between two places of the office, both sides at once.

    Example: cetak stock transfer BA-17 gudang 2102-1 200 --second "Siti" --reason "isi ulang"
    """
    body = two(
        second,
        reason,
        person,
        number=number,
        source=place_of(source),
        target=place_of(target),
        blanks=blanks,
    )
    send(lambda office: f"{at_office(office)}/transfers", body, dry_run=dry_run, as_json=as_json)


def give_back(
    number: Number,
    place: Place,
    blanks: Blanks,
    second: Second,
    reason: Reason,
    lot: Annotated[str | None, typer.Option(help="Dari lot · of this lot")] = None,
    person: Person = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send blanks back whence they came.

    Example: cetak stock return BA-18 gudang 100 --lot SJ-7 --second "Siti" --reason "cacat pabrik"
    """
    body = two(second, reason, person, number=number, place=place_of(place), blanks=blanks, lot=lot)
    send(lambda office: f"{at_office(office)}/returns", body, dry_run=dry_run, as_json=as_json)


def destroy(
    number: Number,
    place: Place,
    second: Second,
    reason: Reason,
    cards: Annotated[int, typer.Option(min=0, help="Kartu rusak · spoiled cards")] = 0,
    blanks: Annotated[int, typer.Option(min=0, help="Blangko rusak · damaged blanks")] = 0,
    attempt: Annotated[
        list[str] | None, typer.Option(help="Id percobaan kartu itu · the card's attempt id")
    ] = None,
    person: Person = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Destroy spoiled cards and damaged blanks under one record number, before two persons.

    Example: cetak stock destroy BA-19/2018 2102-1 --cards 3 --second "Siti" --reason "dipotong"
    """
    named = attempt or []
    body = two(
        second,
        reason,
        person,
        number=number,
        place=place_of(place),
        cards=max(cards, len(named)),
        blanks=blanks,
        attempts=named,
    )
    send(lambda office: f"{at_office(office)}/destructions", body, dry_run=dry_run, as_json=as_json)


def list_papers(
    kind: Annotated[
        str | None, typer.Option(help="count · transfer · test_card · return · destruction")
    ] = None,
    after: Annotated[int, typer.Option(min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """List what two persons signed, oldest first."""

    async def work() -> None:
        params = {"after": after, **({"kind": kind} if kind else {})}
        async with connect(Environment()) as line:
            found = answer(await line.get("/scheduler/v1/papers", params=params))
        console.show(found, as_json=as_json, human=_show_papers)

    console.run(work(), as_json=as_json)


def _show_papers(found: list[dict[str, Any]]) -> None:
    columns = ("id", "kind", "number", "place", "target", "n", "difference", "actor", "second_person", "at")
    console.table("Berita acara · papers", columns, [[row[key] for key in columns] for row in found])

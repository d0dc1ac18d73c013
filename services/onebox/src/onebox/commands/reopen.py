"""reopen: a supervisor takes a refused or lapsed case up again."""

from typing import Annotated, Any

import typer

from onebox import console
from onebox.connection import Line, connect
from onebox.console import Failed, answer, out
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment


def reopen(
    receipt: Annotated[str, typer.Argument(help="Nomor resi · a receipt number")],
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Reopen a refused or lapsed application: it waits again, or its card that still lies there is ready again.

    Example: cetak reopen 2102-7K3F-9QXM-4 --reason "keberatan diterima"
    """

    async def work() -> None:
        async with connect(Environment()) as line:
            found = await _case(line, receipt)
            if not dry_run:
                path = f"/intake/v1/applications/{found['id']}/reopen"
                found |= answer(await line.send("POST", path, json={"reason": reason}))
        console.show(found, as_json=as_json, human=_show)

    console.run(work(), as_json=as_json)


async def _case(line: Line, receipt: str) -> dict[str, Any]:
    """The record of a receipt; raises Failed where the office has none."""
    asked = {"receipt_number": receipt}
    items = answer(await line.send("POST", "/intake/v1/applications/search", json=asked))["items"]
    if not items:
        raise Failed(f"{receipt}: tidak ditemukan · not found")
    found: dict[str, Any] = items[0]
    return found


def _show(found: dict[str, Any]) -> None:
    out.print(f"{found['receipt_number']}  {found['state']}", markup=False)

"""policy: what an officer sets."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from onebox import console
from onebox.connection import connect, deployment
from onebox.console import answer, out
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment


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

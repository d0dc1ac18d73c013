"""reopen, decide, hold, urgent: a person's acts on one case, each with a reason that stays on record."""

from typing import Annotated, Any, Literal

import typer

from backbone.clock import SystemClock
from onebox import console
from onebox.connection import Line, connect, office_zone
from onebox.console import Failed, answer, out
from onebox.moments import moment
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

Receipt = Annotated[str, typer.Argument(help="Nomor resi · a receipt number")]
Decision = Literal["waiting", "needs_correction", "refused"]


def reopen(receipt: Receipt, reason: Reason = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Reopen a refused or lapsed application: it waits again, or its card that still lies there is ready again.

    Example: cetak reopen 2102-7K3F-9QXM-4 --reason "keberatan diterima"
    """
    _act(receipt, "/intake", "reopen", {"reason": reason}, dry_run=dry_run, as_json=as_json)


def decide(
    receipt: Receipt,
    to: Annotated[Decision, typer.Argument(help="Keputusan · the decision")],
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Decide a case in review: back into the queue at its old place, to its applicant, or refused.

    Example: cetak decide 2102-7K3F-9QXM-4 refused --reason "berkas palsu"
    """
    _act(receipt, "/scheduler", "decide", {"to": to, "reason": reason}, dry_run=dry_run, as_json=as_json)


def hold(
    receipt: Receipt,
    until: Annotated[
        str, typer.Option("--until", help="24:00 · 2026-07-01T08:00 (waktu kantor · office time)")
    ],
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Hold a case back until a moment; it then waits again, at its old place.

    Example: cetak hold 2102-7K3F-9QXM-4 --until 2026-07-01T08:00 --reason "berkas diperiksa"
    """
    _act(receipt, "/scheduler", "hold", {"reason": reason}, until=until, dry_run=dry_run, as_json=as_json)


def urgent(receipt: Receipt, reason: Reason = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Move a case into the urgent lane, within the day's number of such cases.

    Example: cetak urgent 2102-7K3F-9QXM-4 --reason "rujukan rumah sakit"
    """
    _act(receipt, "/scheduler", "urgent", {"reason": reason}, dry_run=dry_run, as_json=as_json)


def _act(
    receipt: str,
    service: str,
    act: str,
    body: dict[str, str],
    *,
    until: str | None = None,
    dry_run: bool,
    as_json: bool,
) -> None:
    async def work() -> None:
        environment = Environment()
        if until is not None:
            body["until"] = moment(until, office_zone(environment), SystemClock().now()).isoformat()
        async with connect(environment) as line:
            found = await _case(line, receipt)
            if not dry_run:
                path = f"{service}/v1/applications/{found['id']}/{act}"
                found |= answer(await line.send("POST", path, json=body))
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

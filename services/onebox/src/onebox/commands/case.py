"""find; urgent, hold, decide, reopen: a person's acts on one case, each with a reason that stays on record."""

from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import typer

from backbone.clock import SystemClock
from onebox import console, words
from onebox.connection import Line, connect, office_zone
from onebox.console import USAGE, Failed, answer, out
from onebox.moments import local, moment
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

Receipt = Annotated[str, typer.Argument(help="Nomor resi · a receipt number")]
SEARCH: Final = "/intake/v1/applications/search"
NIK_DIGITS: Final = 16
LEAST: Final = 3
FOUND: Final = 200
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


def find(
    key: Annotated[
        str,
        typer.Argument(help="NIK, nomor resi, atau nomor berkas kantor · NIK, receipt number or reference"),
    ],
    as_json: AsJson = False,
) -> None:
    """Find a person's cases, with the receipt numbers that the other commands ask for.

    Example: cetak find 2102030501909001
    """

    async def work() -> None:
        async with connect(Environment()) as line:
            found = await _found(line, key.strip())
        if not found:
            raise Failed(f"{key}: tidak ditemukan · not found")
        console.show(found, as_json=as_json, human=_show_found)

    console.run(work(), as_json=as_json)


async def _found(line: Line, key: str) -> list[dict[str, Any]]:
    """Whatever the key is: sixteen digits are a NIK; else a receipt number or an office's own number."""
    asked = ("nik",) if key.isdigit() and len(key) == NIK_DIGITS else ("receipt_number", "reference")
    for name in asked:
        items: list[dict[str, Any]] = answer(await line.send("POST", SEARCH, json={name: key}))["items"]
        if items:
            return items
    return []


def _show_found(found: list[dict[str, Any]]) -> None:
    for one in found:
        whose = (one["receipt_number"], one.get("full_name"), one["nik"], one["reference"])
        out.print("  ".join(str(part) for part in whose if part), markup=False)
        place = [] if one["place"] is None else [f"urutan · place {one['place']}"]
        out.print(
            "  " + "; ".join([words.kind(one["reason"]), words.state(one["state"]), *place]), markup=False
        )


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
        zone = office_zone(environment)
        if until is not None:
            body["until"] = moment(until, zone, SystemClock().now()).isoformat()
        if len(body["reason"].strip()) < LEAST and not dry_run:
            raise Failed(
                f"--reason wajib, paling sedikit {LEAST} huruf · is required, at least {LEAST} letters",
                code=USAGE,
            )
        async with connect(environment) as line:
            case = await _case(line, receipt)
            told = {"id": case["id"], "receipt_number": case["receipt_number"], "state": case["state"]}
            if not dry_run:
                path = f"{service}/v1/applications/{case['id']}/{act}"
                told |= answer(await line.send("POST", path, json=body))
            explained = await line.get(f"/scheduler/v1/applications/{case['id']}/explain")
        stands = answer(explained) if explained.status_code == FOUND else {}
        console.show(told, as_json=as_json, human=lambda _: _show(case, told, stands, zone, dry_run=dry_run))

    console.run(work(), as_json=as_json)


async def _case(line: Line, receipt: str) -> dict[str, Any]:
    """The record of a receipt; raises Failed where the office has none."""
    items = answer(await line.send("POST", SEARCH, json={"receipt_number": receipt.strip()}))["items"]
    if not items:
        raise Failed(f"{receipt}: tidak ditemukan · not found")
    found: dict[str, Any] = items[0]
    return found


def _show(
    case: dict[str, Any], told: dict[str, Any], stands: dict[str, Any], zone: ZoneInfo, *, dry_run: bool
) -> None:
    """Whose case it is, so that a wrong number is seen, and how it stands now."""
    if dry_run:
        out.print("Percobaan, tidak ada yang diubah · dry run, nothing is changed")
    parts = [words.state(told["state"])]
    if (kind := told.get("kind")) is not None:
        parts.append(words.kind(kind))
    if stands.get("due_at") is not None:
        parts.append(f"sampai · until {local(stands['due_at'], zone)}")
    if stands.get("place") is not None:
        parts.append(f"urutan · place {stands['place']}")
    out.print(f"{case['receipt_number']}  {case.get('full_name', '')}: {'; '.join(parts)}", markup=False)

"""recover: after the database was restored from a backup."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from backbone.clock import SystemClock
from onebox import console
from onebox.connection import Line, connect, deployment, office_zone
from onebox.console import FAILED, answer, err, out
from onebox.moments import local
from onebox.options import AsJson, DryRun, Reason
from onebox.settings import Environment

LOOK_EVERY = 2.0
"""Seconds between two looks at who has told its journal."""


def recover(
    reason: Reason = "",
    finish: Annotated[bool, typer.Option(help="Gabungkan jurnal dan lanjutkan · merge and go on")] = False,
    wait: Annotated[int, typer.Option(min=0, help="Tunggu jurnal sekian detik · wait for journals")] = 0,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """After the database was restored: stop printing, hear every station's journal, merge them, go on.

    Run it with --reason before the office is started; start the office; then run it with --finish. Without either it
    shows where the recovery stands. Exit 1 while a station's journal is awaited.

    Example: cetak recover --reason "cadangan 14:50 dipulihkan" ; cetak up ; cetak recover --finish --wait 300
    """

    async def work() -> None:
        environment = Environment()
        office = deployment(environment).office
        async with connect(environment) as line:
            if reason and not dry_run:
                await _post(line, "", {"office": office, "reason": reason})
            found = await _heard(line, office, wait if finish else 0)
            if finish and not dry_run and not found["awaited"]:
                found = await _post(line, "/finish", {"office": office})
        console.show(found, as_json=as_json, human=lambda shown: _show(shown, office_zone(environment)))
        if found["recovering"] and found["awaited"]:
            raise typer.Exit(FAILED)

    console.run(work(), as_json=as_json)


async def _heard(line: Line, office: str, seconds: float) -> dict[str, Any]:
    """Where the recovery stands; waits so long for the last journal."""
    clock, told = SystemClock(), ""
    while True:
        states = answer(await line.get("/scheduler/v1/recover"))
        found: dict[str, Any] = next((row for row in states if row["office"] == office), _unknown(office))
        if not (found["recovering"] and found["awaited"]) or seconds <= 0:
            return found
        if told != (told := ", ".join(found["awaited"])):
            err.print(f"Menunggu jurnal · waiting for the journals of: {told} ...")
        await clock.sleep(LOOK_EVERY)
        seconds -= LOOK_EVERY


def _unknown(office: str) -> dict[str, Any]:
    return {"office": office, "recovering": False, "awaited": [], "stations": [], "why": None, "result": None}


async def _post(line: Line, path: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer(await line.send("POST", f"/scheduler/v1/recover{path}", json=body))
    return found


def _show(found: dict[str, Any], zone: ZoneInfo) -> None:
    if found["recovering"]:
        out.print(
            f"[bold]Kantor {found['office']} sedang pulih[/]; tidak ada kartu baru yang dicetak. "
            "· The office is recovering; no new card is printed."
        )
        since = local(found["began_at"], zone)
        out.print(f"  Sebab · why: {found['why']}  (sejak · since {since})", markup=False)
    else:
        out.print(f"Kantor {found['office']} tidak sedang pulih. · The office is not recovering.")
    rows = [(s["station"], s["state"], _word(s), s["entries"]) for s in found["stations"]]
    if found["recovering"] and rows:
        console.table("Jurnal stasiun · stations' journals", ("stasiun", "keadaan", "jurnal", "kartu"), rows)
    if found["recovering"]:
        out.print(_next_step(found["awaited"]), markup=False)
    elif found["result"]:
        _show_result(found["result"])


def _word(station: dict[str, Any]) -> str:
    if station["awaited"]:
        return "ditunggu · awaited"
    return "tidak akan datang · will not come" if station["untold"] else "diterima · told"


def _next_step(awaited: list[str]) -> str:
    if awaited:
        return (
            f"Ditunggu: {', '.join(awaited)}. Stasiun yang menyala melapor sendiri: cetak recover --finish --wait 60\n"
            "Stations that run tell by themselves; start the others, or declare them lost."
        )
    return (
        "Semua jurnal sudah diterima: cetak recover --finish · All journals are told: cetak recover --finish"
    )


WORDS = {
    "printed": "tercetak menurut jurnal · printed by the journal",
    "uncertain": "tidak pasti, harus diperiksa orang · uncertain, a person must look",
    "found": "tidak dikenal basis data, harus diperiksa orang · unknown to the database, a person must look",
    "freed": "tidak pernah dikirim, kembali ke tempatnya · never sent, back to its place",
    "lost": "di stasiun hilang, harus diperiksa orang · at a lost station, a person must look",
    "contradiction": "bertentangan, lihat insiden · contradicts, see the incidents",
    "no_application": "permohonannya tidak dikenal, lihat insiden · its application is unknown, see the incidents",
    "nothing": "tidak berubah · unchanged",
}


def _show_result(result: dict[str, int]) -> None:
    rows = [(result[name], words) for name, words in WORDS.items() if result.get(name)]
    if not rows:
        out.print("Pemulihan terakhir: tidak ada kartu yang berubah · the last recovery changed no card")
        return
    console.table("Hasil pemulihan terakhir · the last recovery's result", ("n", "kartu · cards"), rows)
    if any(result.get(name) for name in ("uncertain", "found", "lost", "contradiction", "no_application")):
        out.print("Hitung blangko di setiap stasiun, lalu putuskan kartu yang tidak pasti.")
        out.print("Count the blanks at each station, then settle the uncertain cards.")

"""Plays the story from nothing: a fresh database, virtual time, the real services, real cards; then the audit."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg

from backbone.clock import VirtualClock
from backbone.database import Reader
from backbone.embedded_postgres import OWNER
from backbone.ids import Ids
from onebox import simulation
from onebox.audit import Witnesses, audit
from onebox.audit.show import show_findings
from onebox.console import Failed, out
from onebox.demo import scenario, story
from onebox.demo.driver import Actors
from onebox.demo.people import write_people
from onebox.demo.tale import Tale
from onebox.homes import make_home, own_as_parent, witnesses
from onebox.host import Host, open_host
from onebox.settings import CentreConfig, Deployment, StationConfig
from onebox.storage import Storage
from onebox.virtual import virtual_clock
from simulator.centre import Centre
from simulator.domain.faults import Outage
from simulator.domain.window import OtherHours, window


async def play(
    home: Path, *, print_after_close: bool = True, most_days: int = 60, chaos: int | None = None
) -> dict[str, Any]:
    """Play, audit, and leave summary and cards in `home`; the summary."""
    began = monotonic()
    storage = Storage(home)
    await storage.erase()
    _empty(home)
    out.print("Menyiapkan basis data baru · preparing a fresh database ...")
    await storage.open(virtual=True)
    try:
        summary = await _played(
            home, storage, print_after_close=print_after_close, most_days=most_days, chaos=chaos
        )
    finally:
        await storage.close()
    summary["seconds"] = round(monotonic() - began, 1)
    (home / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    own_as_parent(home)
    _close(home, summary)
    return summary


def _empty(home: Path) -> None:
    try:
        shutil.rmtree(home, ignore_errors=False) if home.exists() else None
        make_home(home)
    except PermissionError as error:
        raise Failed(
            f"{error.filename} milik pengguna lain · belongs to another user; remove it or set CETAK_HOME"
        ) from None


def deployment(*, print_after_close: bool) -> Deployment:
    """Karimun's office in the story."""
    return Deployment(
        office=scenario.OFFICE,
        stations=tuple(
            StationConfig(id=name, seconds_per_card=scenario.SECONDS_PER_CARD, heartbeat=scenario.HEARTBEAT)
            for name in scenario.STATIONS
        ),
        centre=CentreConfig(calls_per_hour=scenario.CALLS_PER_HOUR),
        print_after_close=print_after_close,
        scheduler={"silent": scenario.SILENT, "gone": scenario.GONE},
        hours={
            "counter_hours": scenario.WEEKDAYS,
            "printing_hours": scenario.DAILY,
            "centre_hours": scenario.DAILY,
        },
    )


class Jam:
    """The printer's one fault: its so-manieth card never comes out whole."""

    def __init__(self, at_send: int) -> None:
        self._left = at_send

    def __call__(self, attempt_id: UUID) -> str | None:
        self._left -= 1
        return "media-jam" if self._left == 0 else None


@asynccontextmanager
async def _world(
    home: Path, storage: Storage, found: Deployment, chaos: int | None
) -> AsyncIterator[tuple[Host, VirtualClock, Centre]]:
    """The office and its centre in virtual time, open and not yet running."""
    people = write_people(home / "people.csv", scenario.START.date(), days=90)
    async with virtual_clock(storage.login(OWNER), scenario.START) as clock:
        app = simulation.centre(home, found, clock, backlog=people, story=True)
        centre: Centre = app.state.centre
        short = OtherHours(from_=scenario.SHORT_FROM, until=scenario.SHORT_UNTIL, hours=scenario.SHORT_HOURS)
        centre.calendar = window(scenario.DAILY, [short])
        centre.outages.append(Outage(from_=scenario.OUTAGE[0], until=scenario.OUTAGE[1]))
        async with open_host(
            home,
            found,
            storage,
            clock=clock,
            ids=Ids(clock, Random(scenario.SEED)),  # noqa: S311  # the same story every time
            centre=app,
            every=None,
            chaos=None if chaos is None else Random(chaos),  # noqa: S311  # chaos by seed
            fault=Jam(scenario.FAULT_AT_SEND),
        ) as host:
            yield host, clock, centre


async def _played(
    home: Path, storage: Storage, *, print_after_close: bool, most_days: int, chaos: int | None
) -> dict[str, Any]:
    connection = await asyncpg.connect(**storage.login("audit").arguments())
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    reader = Reader(connection)
    try:
        async with _world(home, storage, deployment(print_after_close=print_after_close), chaos) as (
            host,
            clock,
            _,
        ):
            tale = Tale(host, reader, most_days)
            await _until_told(clock, host, tale)
        out.print("Memeriksa semua janji · checking every promise ...")
        findings = await audit(storage.login("audit"), _witnesses(home, tale.actors))
        show_findings(findings)
        return await story.summary(
            reader,
            accepted=len(tale.actors.accepted) + tale.imported,
            first_issues=tale.actors.first_issues,
            audit_findings=len(findings),
        )
    finally:
        await connection.close()


async def _until_told(clock: VirtualClock, host: Host, tale: Tale) -> None:
    """Run time, loops and tale until the tale is told; raises what went wrong in any of them."""
    with clock.at_work():
        tasks = [asyncio.create_task(work) for work in (clock.run(), host.run(), tale.tell())]
        await clock.sleep(0)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _witnesses(home: Path, actors: Actors) -> Witnesses:
    known = witnesses(home)
    return Witnesses(
        accepted=actors.accepted,
        prints=known.prints,
        calls=known.calls,
        canaries=actors.secrets,
        texts=(home / "cards" / "prints.jsonl", home / "centre" / "calls.jsonl"),
    )


def _close(home: Path, summary: dict[str, Any]) -> None:
    """The last lines: what came out, where it lies."""
    wasted = round(sum(summary["window_minutes_wasted"].values()))
    out.print(
        f"Selesai: {summary['accepted']} permohonan diterima, {summary['printed']} kartu dicetak dalam {summary['days']} hari; "
        f"tunggakan habis {summary['backlog_gone_at']}; {summary['printed_after_centre_closed']} kartu dicetak setelah pusat "
        f"tutup; {summary['approvals_expired']} persetujuan kedaluwarsa; {wasted} menit jendela terbuang; "
        f"{summary['audit_findings']} temuan."
    )
    out.print(
        f"Done: {summary['accepted']} applications accepted, {summary['printed']} cards printed in {summary['days']} days; "
        f"backlog gone {summary['backlog_gone_at']}; {summary['printed_after_centre_closed']} cards printed after the centre "
        f"closed; {summary['approvals_expired']} approvals expired; {wasted} minutes of the window wasted; "
        f"{summary['audit_findings']} findings."
    )
    out.print(
        f"Kartu · cards: {home / 'cards'}   Ringkasan · summary: {home / 'summary.json'}   ({summary['seconds']} s)"
    )

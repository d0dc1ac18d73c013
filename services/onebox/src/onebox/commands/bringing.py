"""Sends a backlog file to intake and tells meanwhile how far it is."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
from rich.status import Status

from backbone.clock import Clock, SystemClock
from backbone.ids import Ids
from onebox.connection import Line
from onebox.console import answer, err

LOOK = 0.5
"""Seconds between two looks at the batch."""


async def bring(line: Line, file: Path, *, dry_run: bool) -> dict[str, Any]:
    """Import a file; the report. A running count goes to standard error."""
    content, clock = await asyncio.to_thread(file.read_bytes), SystemClock()
    batch_id = str(Ids(clock).new())
    err.print(f"Membaca · reading {file} ({len(content) / 1e6:.1f} MB) ...")
    with err.status("0 baris · rows") as status:
        watching = asyncio.create_task(_watch(line, clock, batch_id, content.count(b"\n"), status))
        try:
            response = await line.send(
                "POST",
                "/intake/v1/imports",
                params={"name": file.name, "dry_run": str(dry_run).lower(), "batch_id": batch_id},
                content=content,
                headers={"Content-Type": "text/csv"},
            )
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    return answer(response)  # type: ignore[no-any-return]


async def _watch(line: Line, clock: Clock, batch_id: str, lines: int, status: Status) -> None:
    """Show each new count; a rehearsal has none, and a look that fails is no failure of the import."""
    shown = 0
    while True:
        await clock.sleep(LOOK)
        with suppress(httpx2.TransportError):
            progress = await line.get(f"/intake/v1/imports/{batch_id}")
            if progress.status_code == httpx2.codes.OK and (rows := progress.json()["rows"]) > shown:
                shown = rows
                _show(f"{rows} dari sekitar · of about {lines} baris · rows", status)


def _show(text: str, status: Status) -> None:
    if err.is_terminal:
        status.update(text)
    else:
        err.print(text)

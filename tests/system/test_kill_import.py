"""`cetak up` is killed in the middle of a big file: what was told as stored is stored, the same file again adds the rest."""

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx2
import psutil
import pytest
from tests.integration.intake.clean_file import file_of
from tests.system.test_kill import ALWAYS, STATION, Box

from backbone.embedded_postgres import OWNER, EmbeddedPostgres
from intake.use_cases.backlog_rows import BIG
from intake.use_cases.importing import CHUNK
from onebox.audit import audit
from onebox.homes import witnesses
from onebox.settings import Deployment, StationConfig, write
from onebox.storage import Storage

ROWS = BIG + CHUNK
STORED = """SELECT count(*) AS rows, count(DISTINCT person_hash) AS persons,
  (SELECT count(*) FROM intake.event WHERE what = 'imported') AS events,
  (SELECT count(*) FROM intake.outbox) AS owed FROM intake.application"""


@pytest.fixture
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Box]:
    """An office without blanks, not running."""
    home = tmp_path_factory.mktemp("killed")
    hours = {f"{name}_hours": ALWAYS for name in ("counter", "printing", "centre")}
    write(home, Deployment(stations=(StationConfig(id=STATION),), hours=hours))
    made = Box(home)
    made.client.timeout = 120
    yield made
    made.client.close()
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()
    await Storage(home).erase()


async def stored(home: Path) -> dict[str, int]:
    connection = await asyncpg.connect(**EmbeddedPostgres(home).login(OWNER).arguments())
    try:
        return dict(await connection.fetchrow(STORED))
    finally:
        await connection.close()


def helpers(home: Path) -> Iterator[psutil.Process]:
    """Processes beside intake that serve this home."""
    for process in psutil.process_iter(["cmdline"]):
        with suppress(psutil.Error):
            if "intake.use_cases.checker" in (process.info["cmdline"] or ()):
                yield from [process] if process.environ().get("CETAK_HOME") == str(home) else []


async def test_a_big_import_that_is_killed_goes_on_where_it_was(box: Box) -> None:
    content = file_of(ROWS)
    process = box.up(f"intake.imported_before_commit:kill:{ROWS // CHUNK}")
    with pytest.raises(httpx2.TransportError):
        box.client.post("/intake/v1/imports", content=content)
    killed = process.wait(10)
    after_the_kill = await stored(box.home)
    box.until(lambda: not list(helpers(box.home)))

    box.up()
    again = box.ask("POST", "/intake/v1/imports", content=content)
    in_the_end = await stored(box.home)
    known = "/scheduler/v1/summary"
    box.until(lambda: box.ask("GET", known)["by_state"].get("waiting") == ROWS, seconds=240)
    findings = await audit(Storage(box.home).login("audit"), replace(witnesses(box.home), accepted=[]))

    assert killed == -signal.SIGKILL
    assert after_the_kill["rows"] == after_the_kill["events"] == after_the_kill["owed"] == BIG
    assert (again["accepted"], again["duplicates"]) == (CHUNK, BIG)
    assert in_the_end["rows"] == in_the_end["persons"] == in_the_end["events"] == ROWS
    assert findings == []

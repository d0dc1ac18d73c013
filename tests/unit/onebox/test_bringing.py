"""What a person sees while a file is imported."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from onebox.commands import bringing
from onebox.connection import Line


async def test_a_running_count_is_told_while_a_file_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tunggakan.csv"
    file.write_text("\n".join(["kepala", *("baris" for _ in range(9))]))
    monkeypatch.setattr(bringing, "LOOK", 0.001)
    counts, asked, told = iter([None, 2, 2, 7]), asyncio.Event(), set()

    async def intake(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            await asked.wait()
            told.add(request.url.params["batch_id"])
            return httpx2.Response(200, json={"rows": 9})
        told.add(request.url.path.rsplit("/", 1)[1])
        count = next(counts, 9)
        if count == 9:
            asked.set()
        return httpx2.Response(404) if count is None else httpx2.Response(200, json={"rows": count})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(intake), base_url="http://office") as client:
        report = await bringing.bring(Line(client, "token"), file, dry_run=False)

    shown = [line for line in capsys.readouterr().err.splitlines() if "of about 9" in line]
    assert report == {"rows": 9}
    assert [line.split()[0] for line in shown][:2] == ["2", "7"]
    assert len(told) == 1


async def test_a_look_that_fails_is_no_failure_of_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tunggakan.csv"
    file.write_text("kepala")
    monkeypatch.setattr(bringing, "LOOK", 0.001)
    failed = asyncio.Event()

    async def intake(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            await failed.wait()
            return httpx2.Response(200, json={"rows": 0})
        failed.set()
        raise httpx2.ConnectError("gone")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(intake), base_url="http://office") as client:
        assert await bringing.bring(Line(client, "token"), file, dry_run=True) == {"rows": 0}

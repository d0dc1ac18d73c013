"""The centre as a process of its own, on a real port."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from simulator.call_log import read_calls
from simulator.population import Population

CREDENTIALS = {"USER_ID": "cetak", "PASSWORD": "rahasia-simulasi", "IP_USER": "127.0.0.1"}
SOMEBODY = next(iter(Population.seeded(1, 1))).nik
RECORD = "/dukcapil/get_json/karimun/CALL_NIK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until_live(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await client.get("/health/live")
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx2.AsyncClient]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", str(port), "--people", "5", "--control",
        "--call-log", str(tmp_path / "calls.jsonl"), stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        await until_live(client)
        yield process, client
    if process.returncode is None:
        process.terminate()
    await process.wait()


async def test_a_killed_centre_leaves_its_calls_behind(
    server: tuple[asyncio.subprocess.Process, httpx2.AsyncClient], tmp_path: Path
) -> None:
    process, client = server
    answer = await client.post(RECORD, json={**CREDENTIALS, "NIK": SOMEBODY})
    process.kill()
    await process.wait()

    assert str(answer.json()["content"][0]["NIK"]) == SOMEBODY
    assert [call.method for call in read_calls(tmp_path / "calls.jsonl")] == ["CALL_NIK"]


async def test_a_connection_that_is_cut_is_an_error_to_the_client(
    server: tuple[asyncio.subprocess.Process, httpx2.AsyncClient],
) -> None:
    _, client = server
    await client.post("/_control/faults", json=[{"fault": {"kind": "reset"}}])

    with pytest.raises(httpx2.TransportError):
        await client.post(RECORD, json={**CREDENTIALS, "NIK": SOMEBODY})
    assert (await client.post(RECORD, json={**CREDENTIALS, "NIK": SOMEBODY})).status_code == 200

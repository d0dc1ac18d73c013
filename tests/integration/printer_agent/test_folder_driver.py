"""The folder and null printers: one send, one card, one line in the printer's own log."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backbone import failpoints
from backbone.clock import VirtualClock
from printer_agent.card_face import CardFace
from printer_agent.drivers.folder import FolderSession
from printer_agent.drivers.null import NullSession
from printer_agent.session import Card, NotSent, PreparedCard, SendUncertain

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ONE = UUID(int=1)
PREPARED = PreparedCard(attempt_id=ONE, document=b"%PDF-1")


def _folder(folder: Path, **options: Any) -> FolderSession:
    return FolderSession(folder, CardFace(), VirtualClock(START), **options)


def _log(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _card() -> Card:
    return Card(
        attempt_id=ONE,
        receipt_number="2102-7K3F-9QXM-4",
        nik="2102015708909001",
        full_name="SITI",
        birth_place="KARIMUN",
        birth_date=date(1990, 8, 17),
        sex="F",
        blood_type="",
        address="-",
        rt="001",
        rw="002",
        village="-",
        district="-",
        regency="KARIMUN",
        province="KEPULAUAN RIAU",
        religion="ISLAM",
        marital_status="KAWIN",
        occupation="GURU",
        issued_at_place="KARIMUN",
        issued_on=date(2026, 11, 24),
        specimen=True,
    )


async def test_a_prepared_card_is_a_pdf_and_nothing_is_printed_yet(tmp_path: Path) -> None:
    session = _folder(tmp_path)
    prepared = await session.prepare(_card())
    assert (prepared.document[:4], _names(tmp_path)) == (b"%PDF", [])


async def test_a_sent_card_lies_in_the_folder_whole(tmp_path: Path) -> None:
    reference = await _folder(tmp_path).submit(PREPARED, ONE)
    assert (tmp_path / f"{reference}.pdf").read_bytes() == b"%PDF-1"


async def test_a_sent_card_has_one_good_line(tmp_path: Path) -> None:
    await _folder(tmp_path).submit(PREPARED, ONE)
    assert _log(tmp_path / "prints.jsonl") == [
        {"attempt_id": str(ONE), "at": START.isoformat(), "outcome": "good"}
    ]


async def test_a_second_send_shows_in_the_log(tmp_path: Path) -> None:
    session = _folder(tmp_path)
    await session.submit(PREPARED, ONE)
    await session.submit(PREPARED, ONE)
    assert len(_log(tmp_path / "prints.jsonl")) == 2


async def test_a_sent_card_resolves_as_printed_in_a_later_run(tmp_path: Path) -> None:
    reference = await _folder(tmp_path).submit(PREPARED, ONE)
    assert await _folder(tmp_path).resolve(reference) == "printed"


async def test_an_absent_card_is_unknown(tmp_path: Path) -> None:
    assert await _folder(tmp_path).resolve(str(ONE)) == "unknown"


async def test_a_card_takes_its_time_on_the_clock(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    session = FolderSession(tmp_path, CardFace(), clock, seconds_per_card=30)
    with clock.at_work():
        sending = session.submit(PREPARED, ONE)
        driver = asyncio.ensure_future(clock.run())
        await sending
        driver.cancel()
    assert (clock.now() - START).total_seconds() == 30


async def test_a_jam_leaves_no_card_and_a_fault_line(tmp_path: Path) -> None:
    session = _folder(tmp_path, fault=lambda attempt: "media-jam")
    with pytest.raises(SendUncertain):
        await session.submit(PREPARED, ONE)
    assert _names(tmp_path) == ["prints.jsonl"]
    assert [line["outcome"] for line in _log(tmp_path / "prints.jsonl")] == ["fault"]


async def test_another_attempts_card_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(NotSent):
        await _folder(tmp_path).submit(PREPARED, UUID(int=2))


async def test_a_folder_that_takes_nothing_sent_nothing(tmp_path: Path) -> None:
    session = _folder(tmp_path / "cards")
    (tmp_path / "cards" / f"{ONE}.part").mkdir()
    with pytest.raises(NotSent):
        await session.submit(PREPARED, ONE)


async def test_a_card_cut_off_from_its_line_is_logged_when_it_is_found(tmp_path: Path) -> None:
    failpoints.disarm()
    failpoints.arm("folder.laid_down:raise")
    with pytest.raises(failpoints.Injected):
        await _folder(tmp_path).submit(PREPARED, ONE)
    failpoints.disarm()
    assert await _folder(tmp_path).resolve(str(ONE)) == "printed"
    assert [line["outcome"] for line in _log(tmp_path / "prints.jsonl")] == ["good"]


async def test_finding_a_card_twice_logs_it_once(tmp_path: Path) -> None:
    await _folder(tmp_path).submit(PREPARED, ONE)
    later = _folder(tmp_path)
    await later.resolve(str(ONE))
    await later.resolve(str(ONE))
    assert len(_log(tmp_path / "prints.jsonl")) == 1


async def test_a_missing_folder_stops_the_printer(tmp_path: Path) -> None:
    session = _folder(tmp_path / "cards")
    (tmp_path / "cards").rmdir()
    health = await session.health()
    assert (health.state, health.reasons) == ("stopped", ("shutdown",))


async def test_a_folder_with_room_is_ready(tmp_path: Path) -> None:
    assert (await _folder(tmp_path).health()).state == "ready"


async def test_cancelling_is_too_late(tmp_path: Path) -> None:
    assert await _folder(tmp_path).cancel(str(ONE)) is False


async def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    log = tmp_path / "null.jsonl"
    log.write_bytes(b'{"attempt_id": "00')
    await NullSession(log, VirtualClock(START)).submit(PREPARED, ONE)
    assert json.loads(log.read_text().splitlines()[1])["attempt_id"] == str(ONE)
    assert await NullSession(log, VirtualClock(START)).resolve(str(ONE)) == "printed"


async def test_the_null_printer_writes_one_line_a_card(tmp_path: Path) -> None:
    session = NullSession(tmp_path / "null.jsonl", VirtualClock(START))
    reference = await session.submit(await session.prepare(_card()), ONE)
    assert [line["attempt_id"] for line in _log(tmp_path / "null.jsonl")] == [reference]


async def test_the_null_printer_knows_nothing_of_an_unsent_card(tmp_path: Path) -> None:
    assert await NullSession(tmp_path / "null.jsonl", VirtualClock(START)).resolve(str(ONE)) == "unknown"

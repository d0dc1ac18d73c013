"""The process beside intake: tools first, then rows for verdicts until its input ends; nothing of a person in a repr."""

import pickle
import struct
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from backbone.clock import SystemClock
from backbone.ids import Ids
from backbone.seal import Sealer
from intake.domain.backlog_file import Row
from intake.regions_file import packaged_regions
from intake.use_cases import people
from intake.use_cases.checker import serve
from intake.use_cases.checking import Batch, ReadRow, Tools, read_rows, seal_again
from intake.use_cases.desk import Keys, Terms

NOW = datetime(2018, 6, 29, tzinfo=UTC)
GOOD = Row(
    2,
    (
        "B-1",
        "2102030501909001",
        "Budi Santoso",
        "1990-01-05",
        "L",
        "21.02.03",
        "data_change",
        "2018-03-01",
        "",
    ),
)
BAD = Row(3, ("B-2", "2102030501900000", "Budi", "1990-01-05", "L", "21.02.03", "lost", "2018-03-01", ""))
IDS = Ids(SystemClock()).many(2)


@pytest.fixture(scope="module")
def tools() -> Tools:
    return Tools(
        keys=Keys(
            storage=Sealer({"s1": b"s" * 32}, "s1"),
            courier=Sealer({"c1": b"c" * 32}, "c1"),
            person=b"p" * 32,
            fingerprint=b"f" * 32,
            pin=b"n" * 32,
        ),
        terms=Terms(
            tz=ZoneInfo("Asia/Jakarta"), earliest_import=date(2011, 1, 1), ask_in_flight=1, ask_at_rest=1
        ),
        regions=packaged_regions(),
        now=NOW,
        batch=Batch(id=UUID(int=7), office="21.02", device="tester", resend_at=NOW),
    )


def framed(*values: Any) -> BytesIO:
    parts = [pickle.dumps(value) for value in values]
    return BytesIO(b"".join(struct.pack(">I", len(part)) + part for part in parts))


def frames(written: bytes) -> list[list[ReadRow]]:
    found, given = [], BytesIO(written)
    while head := given.read(4):
        found.append(pickle.loads(given.read(struct.unpack(">I", head)[0])))
    return found


def test_it_answers_each_chunk_as_a_thread_would_and_ends_with_its_input(tools: Tools) -> None:
    answers = BytesIO()

    serve(framed(tools, (IDS, [GOOD, BAD]), (IDS, [BAD])), answers)

    first, second = frames(answers.getvalue())
    here = read_rows(tools, IDS, [GOOD, BAD])
    assert [row._replace(sealed=None) for row in first] == [row._replace(sealed=None) for row in here]
    assert second == [here[1]]
    sealed = first[0].sealed
    assert sealed is not None
    assert sealed.row.id == UUID(bytes=IDS[0])
    assert people.unseal(tools.keys.storage, sealed.row.id, sealed.row.person).full_name == "BUDI SANTOSO"


def test_a_file_cut_short_in_a_frame_ends_it(tools: Tools) -> None:
    answers = BytesIO()

    serve(BytesIO(framed(tools).getvalue() + b"\0\0"), answers)

    assert answers.getvalue() == b""


def test_a_row_sealed_again_is_the_same_row_under_another_id_and_receipt_number(tools: Tools) -> None:
    (row,) = read_rows(tools, IDS[:1], [GOOD])
    assert row.sealed is not None

    again = seal_again(tools, IDS[1], row.sealed)

    assert again.row.id == UUID(bytes=IDS[1])
    assert again.row.receipt_number != row.sealed.row.receipt_number
    assert again.row.receipt_number in again.letter
    assert again.row.person_hash == row.sealed.row.person_hash
    assert people.unseal(tools.keys.storage, again.row.id, again.row.person).nik == GOOD.values[1]  # type: ignore[index]


def test_nothing_of_a_person_stands_in_a_repr(tools: Tools) -> None:
    shown = repr((GOOD, tools, read_rows(tools, IDS, [GOOD])))

    assert "2102030501909001" not in shown
    assert "BUDI" not in shown.upper()

"""Reading a backlog file: its forms, its spoiled rows, and that chunks and bad quotes lose nothing."""

import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.backlog_file import Row, read_backlog
from intake.domain.backlog_header import COLUMNS, BadHeader, MissingColumns, RepeatedColumns
from intake.domain.backlog_lines import MAX_ROW_BYTES

HEADER = ",".join(COLUMNS).encode()
TAIL = ",1,BUDI SANTOSO,1990-01-05,M,21.02.03,lost,2018-03-01,"


def file_of(*lines: str | bytes, header: bytes = HEADER) -> bytes:
    return (
        b"\n".join([header, *(line if isinstance(line, bytes) else line.encode() for line in lines)]) + b"\n"
    )


def rows(content: bytes) -> list[Row]:
    return list(read_backlog([content]))


def references(content: bytes) -> list[tuple[int, str]]:
    """(line, the reference of a good row or the code of a spoiled one)."""
    return [
        (row.line, row.draft.reference if row.draft else row.finding.code if row.finding else "nothing")
        for row in rows(content)
    ]


def test_a_row_becomes_a_draft_field_by_field() -> None:
    (row,) = rows(file_of("A-1,2102030501909001,BUDI SANTOSO,1990-01-05,M,21.02.03,lost,2018-03-01,0811"))

    assert row.finding is None
    assert row.draft is not None
    assert [getattr(row.draft, column) for column in COLUMNS] == [
        "A-1", "2102030501909001", "BUDI SANTOSO", "1990-01-05", "M", "21.02.03", "lost", "2018-03-01", "0811",
    ]  # fmt: skip


def test_columns_stand_in_any_order_and_unknown_ones_are_ignored() -> None:
    header = b"Phone, NIK ,note,full_name,birth_date,sex,district_code,reason,submitted_at,reference"

    (row,) = rows(file_of("0811,1,ignored,BUDI,1990-01-05,M,21.02.03,lost,2018-03-01,A-1", header=header))

    assert row.draft is not None
    assert (row.draft.reference, row.draft.nik, row.draft.phone) == ("A-1", "1", "0811")


def test_a_spreadsheets_file_is_read() -> None:
    content = b"\xef\xbb\xbf" + file_of("A-1" + TAIL, 'A-2;1;"DEWI; LESTARI"' + ";" * 6).replace(b",", b";")

    parsed = rows(content.replace(b"\n", b"\r\n"))

    assert [row.draft.full_name for row in parsed if row.draft] == ["BUDI SANTOSO", "DEWI; LESTARI"]


def test_a_line_is_the_first_physical_line_of_its_row() -> None:
    content = file_of("A-1" + TAIL, 'A-2,1,"BUDI\r\nSANTOSO",,,,,,', "", "A-3" + TAIL)

    assert references(content) == [(2, "A-1"), (3, "A-2"), (6, "A-3")]
    assert [row.draft.full_name for row in rows(content) if row.draft][1] == "BUDI\r\nSANTOSO"


def test_lines_before_the_header_may_be_blank() -> None:
    assert references(b"\xef\xbb\xbf\n\r\n" + file_of("A-1" + TAIL)) == [(4, "A-1")]


@pytest.mark.parametrize("blank", ["", "   ", "\r", ",,,,,,,,", ' ,"",,,,,,,'])
def test_blank_rows_are_skipped(blank: str) -> None:
    assert references(file_of(blank, "A-1" + TAIL)) == [(3, "A-1")]


def test_the_last_row_needs_no_line_feed() -> None:
    assert references(file_of("A-1" + TAIL)[:-1]) == [(2, "A-1")]


def test_a_file_may_have_no_rows() -> None:
    assert references(HEADER) == []


def test_missing_columns_are_one_clear_error() -> None:
    with pytest.raises(MissingColumns) as caught:
        rows(b"reference,nik,full_name,birth_date,sex,district_code\n")

    assert caught.value.columns == ("reason", "submitted_at", "phone")
    assert "reason, submitted_at, phone" in caught.value.finding.message_id


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"PK\x03\x04\x00\xff", HEADER.decode().encode("utf-16"), HEADER + b"\rA-1,x\r"]
)
def test_what_is_no_csv_in_utf8_misses_columns(content: bytes) -> None:
    with pytest.raises(MissingColumns):
        rows(content)


def test_a_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(RepeatedColumns) as caught:
        rows(HEADER + b",nik\n")

    assert isinstance(caught.value, BadHeader)
    assert caught.value.columns == ("nik",)


@pytest.mark.parametrize("line", ["A-2,1,TOO FEW", "A-2" + TAIL + ",one more", "A-2", ",,,"])
def test_a_wrong_number_of_fields_spoils_its_row(line: str) -> None:
    expected = [(2, "A-1"), (4, "A-3")] if line == ",,," else [(2, "A-1"), (3, "field_count"), (4, "A-3")]

    assert references(file_of("A-1" + TAIL, line, "A-3" + TAIL)) == expected


def test_the_words_say_how_many_fields_were_read() -> None:
    (row,) = rows(file_of("A-1,2"))

    assert row.finding is not None
    assert row.finding.message_en.startswith("This row has 2 fields instead of 9.")


def test_bytes_that_are_no_utf8_spoil_their_own_row_only() -> None:
    content = file_of("A-1" + TAIL, b"A-2,1,BUDI \xff\xfe,,,,,,", "A-3" + TAIL)

    assert references(content) == [(2, "A-1"), (3, "not_utf8"), (4, "A-3")]


def test_a_nul_stays_in_its_field_to_be_judged_there() -> None:
    (row,) = rows(file_of("A-1,1,BUDI \x00NUL,,,,,,"))

    assert row.draft is not None
    assert row.draft.full_name == "BUDI \x00NUL"


@pytest.mark.parametrize(
    "bad", ['A-2,1,"BUDI SANTOSO,,,,,,', 'A-2,1,"BUDI" SANTOSO,,,,,,', "A-2,1,BUDI\rSANTOSO,,,,,,"]
)
def test_a_bad_quote_or_line_end_spoils_its_own_row_only(bad: str) -> None:
    quoted = 'A-4,1,"DEWI, LESTARI",,,,,,'

    assert references(file_of("A-1" + TAIL, bad, "A-3" + TAIL, quoted, "A-5" + TAIL)) == [
        (2, "A-1"),
        (3, "quotes"),
        (4, "A-3"),
        (5, "A-4"),
        (6, "A-5"),
    ]


def test_a_row_over_several_lines_right_behind_a_bad_quote_is_read_whole() -> None:
    content = file_of('A-1,1,"BUDI,,,,,,', 'A-2,1,"DEWI\nLESTARI",,,,,,', "A-3" + TAIL)

    assert references(content) == [(2, "quotes"), (3, "A-2"), (5, "A-3")]


def test_an_unclosed_quote_at_the_end_of_the_file_loses_no_row() -> None:
    content = file_of('A-1,1,"BUDI,,,,,,', "A-2" + TAIL, "A-3" + TAIL)

    assert references(content) == [(2, "quotes"), (3, "A-2"), (4, "A-3")]


def test_an_unclosed_quote_in_a_long_file_loses_no_row() -> None:
    many = [f"A-{n}{TAIL}" for n in range(3, 3000)]

    found = references(file_of("A-1" + TAIL, 'A-2,1,"BUDI,,,,,,', *many))

    assert found[:3] == [(2, "A-1"), (3, "too_long"), (4, "A-3")]
    assert found[-1] == (3000, "A-2999")
    assert len(found) == 2999


def test_lines_read_again_are_rows_of_their_own() -> None:
    content = file_of('A-1,1,"X,"Y', 'A-2,1,"a","b', "A-3" + TAIL)

    assert references(content) == [(2, "quotes"), (3, "quotes"), (4, "A-3")]


def test_a_file_of_nothing_but_bad_quotes_is_read_in_linear_time() -> None:
    line = '"a","x'

    found = references(file_of(*[line] * 50_000))

    assert len(found) == 50_000


def test_an_endless_line_takes_little_memory_and_spoils_one_row() -> None:
    def endless() -> Iterator[bytes]:
        yield HEADER + b"\nA-1,"
        for _ in range(1000):
            yield b"x" * 65536
        yield f"\nA-2{TAIL}\n".encode()

    tracemalloc.start()
    found = [(row.line, row.finding is None) for row in read_backlog(endless())]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == [(2, False), (3, True)]
    assert peak < 4_000_000


def test_a_row_may_be_as_long_as_the_limit_and_no_longer() -> None:
    spare = MAX_ROW_BYTES - len(f"A-1{TAIL}\n")

    good, bad = f"A-1{TAIL}{'0' * spare}", f"A-1{TAIL}{'0' * (spare + 1)}"

    assert references(file_of(good, bad, "A-3" + TAIL)) == [(2, "A-1"), (3, "too_long"), (4, "A-3")]


@pytest.mark.parametrize("size", [999, MAX_ROW_BYTES, 3 * MAX_ROW_BYTES])
def test_a_row_is_too_long_however_it_is_cut(size: int) -> None:
    content = file_of("é" * MAX_ROW_BYTES, "A-2" + TAIL)
    chunks = [content[start : start + size] for start in range(0, len(content), size)]

    assert list(read_backlog(chunks)) == rows(content)
    assert references(content) == [(2, "too_long"), (3, "A-2")]


CELLS = st.text(alphabet='ab ,;"\n\r\x00é', max_size=6)
ROUGH_FILES = st.lists(st.lists(CELLS, min_size=1, max_size=10).map(",".join), max_size=8).map(
    lambda lines: b"\xef\xbb\xbf" + file_of(*lines)
)


@given(ROUGH_FILES, st.lists(st.integers(min_value=0, max_value=300), max_size=12).map(sorted))
def test_any_chunking_of_any_file_gives_the_same_rows(content: bytes, cuts: Sequence[int]) -> None:
    edges = [0, *cuts, max([len(content), *cuts])]
    chunks = [content[start:stop] for start, stop in pairwise(edges)]

    assert list(read_backlog(chunks)) == rows(content)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_the_reader(garbage: bytes) -> None:
    found = rows(HEADER + b"\n" + garbage)

    assert all((row.draft is None) != (row.finding is None) for row in found)
    assert [row.line for row in found] == sorted({row.line for row in found})


QUOTED = st.text(alphabet='ab ,;"\n', max_size=8).map(
    lambda text: (text, '"' + text.replace('"', '""') + '"')
)


@given(st.lists(st.lists(QUOTED, min_size=9, max_size=9), max_size=5))
def test_whatever_is_properly_quoted_reads_back(table: list[list[tuple[str, str]]]) -> None:
    content = file_of(*(",".join(quoted for _, quoted in cells) for cells in table))

    parsed = [[getattr(row.draft, column) for column in COLUMNS] for row in rows(content)]

    kept = [[text for text, _ in cells] for cells in table]
    assert parsed == [values for values in kept if any(value.strip() for value in values)]

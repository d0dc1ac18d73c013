"""Reads a backlog file from chunks of bytes, a row at a time, in bounded memory.

Takes what offices have: UTF-8 with or without byte order mark, comma or semicolon (the header tells), LF or CRLF,
quoted fields over several lines, columns in any order. A bad row spoils itself only: where a quotation mark is never
closed, the row that opened it is reported and the lines behind it are read again, each as a row of its own.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from intake.domain.application import ApplicationDraft
from intake.domain.backlog_header import Header, draft_of, read_header
from intake.domain.backlog_lines import LineFeed, TooLong, Unclosed
from intake.domain.finding import Finding

_ENCODING: Final = Finding(
    field="encoding",
    code="not_utf8",
    message_id="Baris ini bukan teks UTF-8. Simpan kembali berkas sebagai CSV UTF-8.",
    message_en="This row is not UTF-8 text. Save the file again as CSV UTF-8.",
)
_QUOTES: Final = Finding(
    field="row",
    code="quotes",
    message_id="Tanda kutip atau akhir baris salah tempat. Tutup setiap tanda kutip yang dibuka pada baris ini.",
    message_en="A quotation mark or line end is misplaced. Close every quotation mark that this row opens.",
)
_TOO_LONG: Final = Finding(
    field="row",
    code="too_long",
    message_id="Baris ini terlalu panjang; mungkin ada tanda kutip yang tidak ditutup.",
    message_en="This row is too long; perhaps a quotation mark is not closed.",
)


class Row(NamedTuple):
    """One row. `line` is its first physical line (the header's is 1); it has its raw values, in the order of COLUMNS, or
    the finding that spoils it. A tuple, as a file has hundreds of thousands of them."""

    line: int
    values: tuple[str, ...] | None = None
    finding: Finding | None = None

    def __repr__(self) -> str:
        return f"Row(line={self.line})"

    @property
    def draft(self) -> ApplicationDraft | None:
        return None if self.values is None else draft_of(self.values)


def read_backlog(chunks: Iterable[bytes]) -> Iterator[Row]:
    """The rows in their order, without blank ones. Raises MissingColumns or RepeatedColumns before the first."""
    feed = LineFeed(chunks)
    header = read_header(feed.header())
    records = csv.reader(feed, delimiter=header.delimiter, strict=True)
    while True:
        feed.start_row()
        try:
            values = next(records)
        except StopIteration:
            return
        except (TooLong, Unclosed, csv.Error) as error:
            feed.give_back()
            yield Row(line=feed.first_line, finding=_TOO_LONG if isinstance(error, TooLong) else _QUOTES)
            continue
        if any(map(str.strip, values)):
            yield _row(feed, header, values)


def _row(feed: LineFeed, header: Header, values: list[str]) -> Row:
    if feed.not_utf8:
        return Row(line=feed.first_line, finding=_ENCODING)
    if len(values) != header.width:
        return Row(line=feed.first_line, finding=_field_count(header.width, len(values)))
    return Row(line=feed.first_line, values=header.pick(values))


def _field_count(expected: int, got: int) -> Finding:
    return Finding(
        field="row",
        code="field_count",
        message_id=f"Baris ini berisi {got} kolom, seharusnya {expected}. Beri tanda kutip pada isi yang berkoma.",
        message_en=f"This row has {got} fields instead of {expected}. Quote a field that holds the delimiter.",
    )

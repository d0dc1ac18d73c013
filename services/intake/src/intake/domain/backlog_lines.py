"""The physical lines of a backlog file, handed to the csv parser one at a time, with a way back out of a bad row."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

MAX_ROW_BYTES: Final = 64 * 1024
"""No row is longer; one that seems so has a quotation mark that is never closed."""

_BOM: Final = b"\xef\xbb\xbf"


class TooLong(Exception):
    """The row does not end within MAX_ROW_BYTES."""


class Unclosed(Exception):
    """A line that is read again as a row of its own does not end its row."""


class LineFeed(Iterator[str]):
    """Feeds one csv reader. Call `start_row` before each row; then `first_line` and `not_utf8` are about that row.

    `give_back` undoes a bad row but for its first line. A line read again may not continue into another such line,
    so that no line is read more than twice however bad the file is.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = physical_lines(chunks)
        self._again: deque[bytes] = deque()
        self._taken: list[bytes] = []
        self._bytes = 0
        self.first_line = 1
        self.not_utf8 = False

    def header(self) -> str:
        """The first line that is not blank, without a byte order mark; empty where there is none."""
        for line in self._lines:
            text = line.removeprefix(_BOM).decode("utf-8", "replace").strip()
            self._taken.append(line)
            if text:
                return text
        return ""

    def start_row(self) -> None:
        self.first_line += len(self._taken)
        self._taken.clear()
        self._bytes = 0
        self.not_utf8 = False

    def give_back(self) -> None:
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def __next__(self) -> str:
        if self._again:
            if self._taken:
                raise Unclosed
            line = self._again.popleft()
        else:
            line = next(self._lines)
        self._taken.append(line)
        self._bytes += len(line)
        if self._bytes > MAX_ROW_BYTES:
            raise TooLong
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.not_utf8 = True
            return line.decode("utf-8", "replace")


def physical_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their line feed, however the chunks are cut; of an endless one only more than a row may have."""
    tail = b""
    for chunk in chunks:
        lines = chunk.split(b"\n")
        lines[0] = tail + lines[0][: MAX_ROW_BYTES + 1]
        tail = lines.pop()[: MAX_ROW_BYTES + 1]
        for line in lines:
            yield line + b"\n"
    if tail:
        yield tail

"""What the frameworks' workers share: where the broker is, and who counts what has come home."""

import os
from pathlib import Path

AMQP = os.environ["BENCH_AMQP"]


class Counter:
    """Writes the number of those that came home; the bench reads it."""

    def __init__(self):
        self._path = Path(os.environ["BENCH_HOME"])
        self._all = int(os.environ["BENCH_ITEMS"])
        self._n = 0

    def count(self):
        self._n += 1
        if self._n % 50 == 0 or self._n >= self._all:
            self._path.write_text(str(self._n))

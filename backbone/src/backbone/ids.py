"""New ids: UUID version 7 (RFC 9562), whose order is the order of making, from the one clock."""

from random import Random, SystemRandom
from uuid import UUID

from backbone.clock import Clock


class Ids:
    """Makes ids; a seeded `random` makes a simulation repeat itself to the id."""

    def __init__(self, clock: Clock, random: Random | None = None) -> None:
        self._clock = clock
        self._random = random or SystemRandom()
        self._last = 0

    def new(self) -> UUID:
        """A fresh id, greater than every earlier one of this maker."""
        stamp = int(self._clock.now().timestamp() * 1000) << 12
        self._last = max(self._last + 1, stamp)
        low = 0b10 << 62 | self._random.getrandbits(62)
        return UUID(int=_high(self._last) << 64 | low)

    def many(self, count: int) -> list[bytes]:
        """The bytes of as many fresh ids, in rising order; the clock is read once."""
        first = max(self._last + 1, int(self._clock.now().timestamp() * 1000) << 12)
        self._last = first + count - 1
        bits = self._random.randbytes(8 * count)
        return [
            b"%b%c%b" % (_high(first + n).to_bytes(8), 0x80 | bits[8 * n] & 0x3F, bits[8 * n + 1 : 8 * n + 8])
            for n in range(count)
        ]


def _high(stamp: int) -> int:
    """An id's first half: a stamp of milliseconds and twelve bits, and the version between them."""
    return (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)

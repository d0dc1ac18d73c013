"""Chance that repeats itself: a number drawn from what is asked about, never from the order of calls. Pure."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(*about: object) -> float:
    """A number in [0, 1), the same for the same words."""
    digest = hashlib.blake2b("\x1f".join(map(str, about)).encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def pick(options: Sequence[T], *about: object) -> T:
    """One of the options, the same for the same words."""
    return options[int(draw(*about) * len(options))]

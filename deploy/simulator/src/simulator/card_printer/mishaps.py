"""What goes wrong at a card printer: on order for the next job, or by the number of a job. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, get_args

Kind = Literal[
    "jam",
    "power_cut",
    "cover_open",
    "busy",
    "create_answer_lost",
    "answer_lost",
    "error_but_prints",
    "slow",
    "history_empty",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """One job's misfortune.

    jam: the card sticks half-way and ends in the reject bin; the printer stops until somebody clears it.
    power_cut: half-way; the card lies in the reject bin, every job is forgotten, job ids begin anew, the power stays off.
    cover_open: somebody opens it half-way; the card is finished once it is closed. busy: no job is made.
    create_answer_lost, answer_lost: what was asked is done, the connection dies before the answer.
    error_but_prints: an error is answered, the card is printed. slow: it takes `seconds` more.
    history_empty: the job is forgotten the moment it is done.
    """

    kind: Kind
    seconds: float = 120


class Mishaps:
    """`by_job`: the misfortune of the so-manieth job, counted from 1; those on order meet the next jobs."""

    def __init__(self, by_job: Mapping[int, Mishap] | None = None) -> None:
        self._by_job = dict(by_job or {})
        self._ordered: list[Mishap] = []
        self._jobs = 0

    def order(self, *mishaps: Mishap) -> None:
        self._ordered.extend(mishaps)

    def clear(self) -> None:
        self._ordered.clear()
        self._by_job.clear()

    def take(self) -> Mishap | None:
        """What the job that begins now meets."""
        self._jobs += 1
        planned = self._by_job.pop(self._jobs, None)
        return self._ordered.pop(0) if self._ordered else planned


def drawn(seed: int | str, *, jobs: int, share: float) -> dict[int, Mishap]:
    """A plan from a seed: about `share` of the first `jobs` jobs meet something, the same for the same seed."""
    dice = Random(f"card-printer/{seed}")  # noqa: S311  # a test's dice, the same every time
    return {
        n: Mishap(kind=dice.choice(KINDS), seconds=dice.uniform(30, 300))
        for n in range(1, jobs + 1)
        if dice.random() < share
    }

"""The words a policy is written in: kinds, districts, claims, suspensions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, get_args

from backbone.contracts.intake import Reason

REASONS: Final[tuple[str, ...]] = get_args(Reason)
URGENT: Final = "urgent"
KINDS: Final[tuple[str, ...]] = (*REASONS, URGENT)
"""What a lane is made of: the reason of an application, or `urgent` where an officer said so."""
OUTSIDE: Final = "outside"
"""The one bucket for all districts outside the office."""
BY_RANK: Final = "rank"
"""Why a card went first when no claim called it; therefore no claim may bear this name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A guaranteed share, in per mille of all picks, for a group of kinds or districts; empty means all of them.

    `without_head_start` narrows it to the kinds without a head start, which only the policy knows: ask
    `Policy.claim_covers` for the whole answer.
    """

    name: str
    permille: int
    kinds: frozenset[str] = field(default=frozenset())
    districts: frozenset[str] = field(default=frozenset())
    without_head_start: bool = False

    def covers(self, kind: str, district: str) -> bool:
        """Whether the claim's own lists take in this lane."""
        return (not self.kinds or kind in self.kinds) and (not self.districts or district in self.districts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspension:
    """Cards of one kind are not released until a moment (None: until the policy changes)."""

    kind: str
    until: datetime | None
    reason: str

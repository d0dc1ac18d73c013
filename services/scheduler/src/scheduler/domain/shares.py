"""What each claim was promised and got, of a run of picks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.domain.merge import CARD
from scheduler.domain.policy import Policy
from scheduler.domain.release_log import behind_floor


class Taken(NamedTuple):
    """A pick as the release log keeps it: the card's lane, why it went, the claims that had a card waiting."""

    kind: str
    district: str
    why: str
    live: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One claim over a run of picks.

    `picks`: those at which it had a card waiting; of these it was `promised` its share in whole cards, `got` so many,
    and `bound` of them only because it called. `behind`: cards it was behind its floor at worst (two are allowed).
    """

    name: str
    permille: int
    picks: int
    promised: int
    got: int
    bound: int
    behind: int


def shares(picks: Iterable[Taken], policy: Policy) -> tuple[Share, ...]:
    """Every claim of the policy, in its order; `picks` in theirs, all made under it."""
    known = list(picks)
    found = []
    for claim in policy.claims:
        live = [pick for pick in known if claim.name in pick.live]
        found.append(
            Share(
                name=claim.name,
                permille=claim.permille,
                picks=len(live),
                promised=len(live) * claim.permille // CARD,
                got=sum(policy.claim_covers(claim, pick.kind, pick.district) for pick in live),
                bound=sum(pick.why == claim.name for pick in live),
                behind=behind_floor(((pick.kind, pick.district, pick.live) for pick in known), policy, claim),
            )
        )
    return tuple(found)

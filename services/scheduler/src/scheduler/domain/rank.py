"""Where a card stands: the cards with a smaller rank, counted by one cut per kind."""

from datetime import datetime

from scheduler.domain.policy import KINDS, Policy


def place_cuts(policy: Policy, kind: str, ranked_from: datetime) -> tuple[tuple[str, datetime], ...]:
    """For every kind k, the moment before which a card's `ranked_from` puts it ahead of this one.

    That is my rank plus k's head start; at exactly that moment the smaller id goes first. Suspensions do not matter:
    a place is told as if every kind moved.
    """
    mine = policy.rank_at(kind, ranked_from)
    return tuple((other, mine + policy.head_start(other)) for other in KINDS)

"""The log of a release, and its audit: was every pick the one the policy asked for?

The picks in order and the first cards left afterwards say what every lane's first card was at each pick: the lane's
next pick, or what was left of it. So a log costs what was picked and one line a lane, and an auditor can replay it.
The replay is written plainly and shares no code with the merge, so that a mistake there is not its own witness.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from scheduler.domain.merge import CARD, MOST_CREDIT, Head, Lane, LaneKey, Pick, head_snapshot
from scheduler.domain.policy import BY_RANK, Claim, Policy

SLACK: Final = 2
"""How many cards a claim may be behind its floor at any moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Pick number `n` (from 0) broke a rule: `lane_order`, `suspended`, `card`, `why` or `live`."""

    n: int
    code: str
    expected: str
    found: str


def to_log(picks: Sequence[Pick], lanes: Iterable[Lane], credit: Mapping[str, int]) -> dict[str, Any]:
    """JSON of one release: `credit` as it was before, all its picks (over every top-up), `lanes` as they are after."""
    return {
        "credit": dict(credit),
        "picks": [
            [
                pick.head.kind,
                pick.head.district,
                str(pick.head.id),
                pick.head.ranked_from.isoformat(),
                pick.why,
                list(pick.live),
            ]
            for pick in picks
        ],
        "left": head_snapshot(lanes),
    }


def faults(log: Mapping[str, Any], policy: Policy, at: datetime) -> tuple[Fault, ...]:
    """Every pick of a log that its policy, at the release's moment, did not ask for."""
    lanes = _lanes(log)
    credit = dict(log["credit"])
    found: list[Fault] = []
    for n, (kind, district, card, _, why, live) in enumerate(log["picks"]):
        expected = _expected(lanes, policy, credit, at)
        credit = expected.credit
        lane = lanes[kind, district]
        if policy.is_suspended(kind, at):
            found.append(Fault(n=n, code="suspended", expected="", found=kind))
        if lane[0].id != min(lane, key=_age).id:
            found.append(Fault(n=n, code="lane_order", expected=str(min(lane, key=_age).id), found=card))
        for code, wanted, seen in (
            ("card", expected.card, card),
            ("why", expected.why, why),
            ("live", ",".join(expected.live), ",".join(live)),
        ):
            if wanted != seen:
                found.append(Fault(n=n, code=code, expected=wanted, found=seen))
        lane.popleft()
        _pay(policy, credit, kind, district)
    return tuple(found)


def behind_floor(picks: Iterable[tuple[str, str, Iterable[str]]], policy: Policy, claim: Claim) -> int:
    """How many cards a claim fell behind its share at worst, over any run of picks while it had cards waiting.

    `picks` are (kind, district, live claims) in order, under one policy. More than SLACK breaks the promise.
    """
    worst = owed = 0
    for kind, district, live in picks:
        if claim.name not in live:
            owed = 0
            continue
        owed = max(0, owed) + claim.permille
        if policy.claim_covers(claim, kind, district):
            owed -= CARD
        worst = max(worst, owed)
    return worst // CARD


@dataclass(frozen=True, kw_only=True, slots=True)
class _Expected:
    card: str
    why: str
    live: tuple[str, ...]
    credit: dict[str, int]


def _lanes(log: Mapping[str, Any]) -> dict[LaneKey, deque[Head]]:
    lanes: dict[LaneKey, deque[Head]] = {}
    for kind, district, card, ranked_from, *_ in (*log["picks"], *log["left"]):
        head = Head(
            id=UUID(card), kind=kind, district=district, ranked_from=datetime.fromisoformat(ranked_from)
        )
        lanes.setdefault((kind, district), deque()).append(head)
    return lanes


def _expected(
    lanes: Mapping[LaneKey, deque[Head]], policy: Policy, credit: Mapping[str, int], at: datetime
) -> _Expected:
    """What the rules ask for, in the words of the rules."""
    heads = sorted(
        (lane[0] for lane in lanes.values() if lane and not policy.is_suspended(lane[0].kind, at)),
        key=lambda head: (policy.rank_at(head.kind, head.ranked_from), head.id),
    )
    live = [
        claim
        for claim in policy.claims
        if any(policy.claim_covers(claim, head.kind, head.district) for head in heads)
    ]
    grown = {claim.name: min(MOST_CREDIT, credit.get(claim.name, 0) + claim.permille) for claim in live}
    picks_left = {claim.name: Fraction(MOST_CREDIT - grown[claim.name], claim.permille) for claim in live}
    calls = sorted((c for c in live if grown[c.name] >= CARD), key=lambda c: picks_left[c.name])
    served = [h for h in heads if not calls or policy.claim_covers(calls[0], h.kind, h.district)]
    return _Expected(
        card=str(served[0].id) if served else "",
        why=calls[0].name if calls else BY_RANK,
        live=tuple(claim.name for claim in live),
        credit=grown,
    )


def _pay(policy: Policy, credit: dict[str, int], kind: str, district: str) -> None:
    for claim in policy.claims:
        if claim.name in credit and policy.claim_covers(claim, kind, district):
            credit[claim.name] = max(0, credit[claim.name] - CARD)


def _age(head: Head) -> tuple[datetime, UUID]:
    return (head.ranked_from, head.id)

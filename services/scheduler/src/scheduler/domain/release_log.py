"""The log of a release, and its audit: was every pick the one the policy asked for?

It is columns, a place a pick, so that it is small and quick to write: `cards` and `ranked` (their `ranked_from`), `lanes`
and `whys` as numbers into the lists of the same names in `terms`, which also has the credit as it was before and `left`.

The picks in order and the first cards left afterwards say what could have gone at each pick: what was picked then or
later, and what was left. For all and for every claim the first card of those is the first there was. So a log costs what
was picked and a card a claim, and an auditor can replay it. The replay is written plainly and shares no code
with the merge, so that a mistake there is not its own witness.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final, NamedTuple
from uuid import UUID

from scheduler.domain.merge import CARD, MOST_CREDIT, Head, Lane, Pick
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


class Logged(NamedTuple):
    """A pick as the log tells it; `live` as in Pick."""

    kind: str
    district: str
    card: UUID
    ranked_from: datetime
    why: str
    live: Sequence[str]


def to_log(
    picks: Sequence[Pick], lanes: Iterable[Lane], policy: Policy, credit: Mapping[str, int], at: datetime
) -> dict[str, Any]:
    """What is kept of one release, by column: `credit` as it was before, its picks in order, and what stood behind them.

    `terms` is JSON: lanes are [kind, district], whys [why, live], what is left [kind, district, id, ranked_from]. What is
    left is read off the lanes as they were fetched: what the merge made of them is what is to be audited.
    """
    named: dict[tuple[str, str], int] = {}
    whys: dict[tuple[str, tuple[str, ...]], int] = {}
    left = _left(picks, lanes, policy, at)
    return {
        "cards": [head.id for head, _, _ in picks],
        "ranked": [head.ranked_from for head, _, _ in picks],
        "lanes": [named.setdefault((head.kind, head.district), len(named)) for head, _, _ in picks],
        "whys": [whys.setdefault((why, live), len(whys)) for _, why, live in picks],
        "terms": {
            "credit": credit,
            "lanes": [*named],
            "whys": [*whys],
            "left": [(head.kind, head.district, str(head.id), head.ranked_from) for head in left],
        },
    }


def _left(picks: Iterable[Pick], lanes: Iterable[Lane], policy: Policy, at: datetime) -> Iterable[Head]:
    """Of the first cards that the lanes still have, the first of all and of each claim, each once."""
    gone = {pick.head.id for pick in picks}
    firsts = [next((head for head in lane.heads if head.id not in gone), None) for lane in lanes]
    heads = sorted(
        (head for head in firsts if head is not None and not policy.is_suspended(head.kind, at)),
        key=lambda head: (policy.rank_at(head.kind, head.ranked_from), head.id),
    )
    of_claims = (
        next((head for head in heads if policy.claim_covers(claim, head.kind, head.district)), None)
        for claim in policy.claims
    )
    return {head.id: head for head in (*heads[:1], *of_claims) if head is not None}.values()


def logged(log: Mapping[str, Any]) -> list[Logged]:
    """The picks of a log, as written or as read, in order."""
    lanes, whys = log["terms"]["lanes"], log["terms"]["whys"]
    columns = zip(log["cards"], log["ranked"], log["lanes"], log["whys"], strict=True)
    return [
        Logged(lanes[lane][0], lanes[lane][1], card, ranked_from, whys[why][0], whys[why][1])
        for card, ranked_from, lane, why in columns
    ]


def faults(log: Mapping[str, Any], policy: Policy, at: datetime) -> tuple[Fault, ...]:
    """Every pick of a log, as written or as read, that its policy, at the release's moment, did not ask for."""
    told = logged(log)
    picks = [Head(pick.card, pick.kind, pick.district, pick.ranked_from) for pick in told]
    cards = {head.id: head for head in (*picks, *(_head(row) for row in log["terms"]["left"]))}
    waiting = sorted(cards.values(), key=lambda head: (policy.rank_at(head.kind, head.ranked_from), head.id))
    credit = dict(log["terms"]["credit"])
    found: list[Fault] = []
    for n, (pick, (*_, why, live)) in enumerate(zip(picks, told, strict=True)):
        expected = _expected(waiting, policy, credit, at)
        credit = expected.credit
        if policy.is_suspended(pick.kind, at):
            found.append(Fault(n=n, code="suspended", expected="", found=pick.kind))
        lane = (head for head in waiting if (head.kind, head.district) == (pick.kind, pick.district))
        for code, wanted, seen in (
            ("lane_order", str(min(lane, key=_age, default=pick).id), str(pick.id)),
            ("card", expected.card, str(pick.id)),
            ("why", expected.why, why),
            ("live", ",".join(expected.live), ",".join(live)),
        ):
            if wanted != seen:
                found.append(Fault(n=n, code=code, expected=wanted, found=seen))
        waiting = [head for head in waiting if head.id != pick.id]
        _pay(policy, credit, pick.kind, pick.district)
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


def _head(row: Sequence[Any]) -> Head:
    kind, district, card, ranked_from = row
    return Head(UUID(card), kind, district, datetime.fromisoformat(str(ranked_from)))


def _expected(waiting: Iterable[Head], policy: Policy, credit: Mapping[str, int], at: datetime) -> _Expected:
    """What the rules ask for, in the words of the rules; `waiting` by rank."""
    heads = [head for head in waiting if not policy.is_suspended(head.kind, at)]
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

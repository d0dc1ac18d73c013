"""A policy tried on the live queue: who moves, who stands where, what each claim would have got. Writes nothing."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from backbone.database import Reader, Row
from backbone.problems import FieldError, Invalid, NotFound
from scheduler.domain.hindsight import hindsight
from scheduler.domain.policy import KINDS, Policy, parse_rules
from scheduler.domain.rank import place_cuts
from scheduler.domain.rehearsal import Bucket, Shifts, shifts
from scheduler.domain.shares import Share
from scheduler.store import applications
from scheduler.store import rehearsal as store
from scheduler.use_cases.desk import Desk
from scheduler.use_cases.policies import checked

PAST_DAYS: Final = 30
MOST_RELEASES: Final = 20_000
"""Past releases that are looked at, the latest; an office that made more in the days is told since when."""
OF_A_DAY: Final = 3
"""Cards looked at of each day that moves far; the largest movers are named out of these."""
MOST_MOVERS: Final = 10
LAST: Final = UUID(int=2**128 - 1)
"""Behind every card of the same moment."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A waiting card, or (None) one that is not: its place under the old and the new policy."""

    row: Row
    before: int | None
    after: int | None


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What trying a policy shows. `ahead`: by kind, how many stand ahead of one that arrives now, before and after."""

    at: datetime
    now: datetime
    old: Policy
    new: Policy
    shifts: Shifts
    cards_a_day: float | None
    ahead: Mapping[str, tuple[int, int]]
    up: Sequence[Placed]
    down: Sequence[Placed]
    named: Sequence[Placed]
    shares: Sequence[Share]
    got: Mapping[str, int]
    picks: int
    since: datetime | None


async def rehearse(
    desk: Desk,
    office: str,
    rules: dict[str, Any],
    *,
    valid_from: datetime | None,
    valid_until: datetime | None,
    ids: Sequence[UUID] = (),
) -> Rehearsal:
    """Try these rules on the queue as it stands, against those that would hold at the moment they begin.

    `ids`: applications whose places are asked. Raises Invalid as `policies.put` does, and for ids unknown at the
    office; NotFound for an unknown office.
    """
    new = checked(desk, rules, valid_from, valid_until)
    async with desk.database.snapshot() as reader:
        # A date gone by asks for what would hold now.
        later = valid_from is not None and valid_from > desk.clock.now()
        found = await store.office(reader, office, valid_from if later else None)
        if found is None:
            raise NotFound
        old = parse_rules(found["rules"], version=found["version"])
        named = await _named(reader, office, ids)
        buckets = await store.waiting(reader, office)
        # Pure work of a large office may take a good part of a second: others are served meanwhile.
        moves = await asyncio.to_thread(shifts, buckets, old, new)
        peaks = (*moves.furthest_up, *moves.furthest_down)
        candidates = await store.of_days(reader, office, peaks, OF_A_DAY)
        asked = {row["id"]: row for row in (*named, *candidates) if row["state"] == "waiting"}
        places = [await _places(reader, office, asked, found["now"], policy) for policy in (old, new)]
        past = await store.past_picks(reader, office, PAST_DAYS, MOST_RELEASES)
        pace = await store.cards_a_day(reader, office, PAST_DAYS)
    placed = {key: _placed(row, places) for key, row in asked.items()}
    movers = sorted({row["id"] for row in candidates}, key=lambda key: (_change(placed[key]), key))
    return Rehearsal(
        at=found["at"],
        now=found["now"],
        old=old,
        new=new,
        shifts=moves,
        cards_a_day=pace,
        ahead={kind: (places[0][key] - 1, places[1][key] - 1) for kind, key in _ARRIVALS.items()},
        up=[placed[key] for key in movers[:MOST_MOVERS] if _change(placed[key]) < 0],
        down=[placed[key] for key in movers[: -MOST_MOVERS - 1 : -1] if _change(placed[key]) > 0],
        named=[placed.get(row["id"]) or Placed(row=row, before=None, after=None) for row in named],
        shares=await asyncio.to_thread(_hindsight, past, buckets, new, found["at"]),
        got=_got(past, new),
        picks=sum(row["n"] for row in past),
        since=min((row["since"] for row in past), default=None),
    )


_ARRIVALS: Final = {kind: UUID(int=LAST.int - n) for n, kind in enumerate(KINDS)}


async def _named(reader: Reader, office: str, ids: Sequence[UUID]) -> list[Row]:
    """These applications in the order asked. Raises Invalid naming those that the office does not have."""
    rows = {row["id"]: row for row in await store.named(reader, office, ids)}
    unknown = [n for n, key in enumerate(ids) if key not in rows]
    if unknown:
        raise Invalid(
            errors=[
                FieldError(
                    field=f"application_ids[{n}]",
                    code="unknown_application",
                    message_id="Permohonan ini tidak ada di kantor ini.",
                    message_en="This office has no such application.",
                )
                for n in unknown
            ]
        )
    return [rows[key] for key in dict.fromkeys(ids)]


async def _places(
    reader: Reader, office: str, rows: Mapping[UUID, Row], now: datetime, policy: Policy
) -> dict[UUID, int]:
    """The place of each of these, and of one of each kind that arrives now."""
    arrivals = [
        {"id": key, "kind": kind, "district": "", "ranked_from": now} for kind, key in _ARRIVALS.items()
    ]
    asked = [
        (row, place_cuts(policy, row["kind"], row["ranked_from"])) for row in (*rows.values(), *arrivals)
    ]
    return {key: place for key, (place, _) in (await applications.places(reader, office, asked)).items()}


def _placed(row: Row, places: Sequence[Mapping[UUID, int]]) -> Placed:
    before, after = (found[row["id"]] for found in places)
    return Placed(row=row, before=before, after=after)


def _change(placed: Placed) -> int:
    assert placed.before is not None
    assert placed.after is not None
    return placed.after - placed.before


def _hindsight(
    past: Sequence[Row], waiting: Iterable[Bucket], policy: Policy, at: datetime
) -> Sequence[Share]:
    worked: dict[date, int] = defaultdict(int)
    for row in past:
        worked[row["day"]] += row["n"]
    picked = (Bucket(row["kind"], row["district"], row["ranked"], row["n"]) for row in past)
    return hindsight(worked, [*picked, *waiting], policy, at)


def _got(past: Sequence[Row], policy: Policy) -> dict[str, int]:
    """What went to each claim's cards in fact."""
    return {
        claim.name: sum(row["n"] for row in past if policy.claim_covers(claim, row["kind"], row["district"]))
        for claim in policy.claims
    }

"""The daily proof: what every claim was promised and got, at verification, at printing and in printed cards."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backbone.database import Row
from backbone.problems import NotFound
from scheduler.domain.policy import parse_rules
from scheduler.domain.shares import Share, Taken, shares
from scheduler.store import proof as store
from scheduler.use_cases.desk import Desk

STAGES: Final = ("verify", "print", "printed")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Cards that went, and each claim's share of them."""

    cards: int
    claims: Sequence[Share]


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What one version of the policy decided on a day; `stages` by STAGES."""

    version: int
    author: str
    reason: str
    stages: Mapping[str, Stage]


@dataclass(frozen=True, kw_only=True)
class Day:
    """An office's day. `unpicked`: good cards that no release had reserved; `urgent`: cases made urgent."""

    day: date
    urgent: int
    unpicked: int
    ruled: Sequence[Ruled]


@dataclass(frozen=True, kw_only=True)
class Proof:
    tz: str
    days: Sequence[Day]


async def proof(desk: Desk, office: str, last: date | None, days: int) -> Proof:
    """The last `days` days until `last` (None: the office's today), youngest first. Raises NotFound for an unknown office."""
    async with desk.database.snapshot() as reader:
        found = await store.office(reader, office)
        if found is None:
            raise NotFound
        last = last or found["today"]
        first = last - timedelta(days=days - 1)
        taken = await store.taken(reader, office, first, last)
        urgent = await store.urgent(reader, office, first, last)
        versions = {row["policy_version"] for row in taken if row["policy_version"] is not None}
        policies = await store.policies(reader, office, sorted(versions))
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in taken:
        by_day[row["day"]].append(row)
    wanted = (last - timedelta(days=n) for n in range(days))
    return Proof(
        tz=found["tz"],
        days=[_day(day, by_day.get(day, []), urgent.get(day, 0), policies) for day in wanted],
    )


def _day(day: date, rows: Sequence[Row], urgent: int, policies: Sequence[Row]) -> Day:
    picked: dict[tuple[int, str], list[Taken]] = defaultdict(list)
    for row in rows:
        if row["policy_version"] is not None:
            pick = Taken(row["kind"], row["district"], row["why"], row["live"])
            picked[row["policy_version"], row["stage"]].append(pick)
    versions = {version for version, _ in picked}
    return Day(
        day=day,
        urgent=urgent,
        unpicked=sum(row["policy_version"] is None for row in rows),
        ruled=[_ruled(row, picked) for row in policies if row["version"] in versions],
    )


def _ruled(row: Row, picked: Mapping[tuple[int, str], Sequence[Taken]]) -> Ruled:
    version: int = row["version"]
    policy = parse_rules(row["rules"], version=version)
    stages = {stage: picked.get((version, stage), ()) for stage in STAGES}
    return Ruled(
        version=version,
        author=row["author"],
        reason=row["reason"],
        stages={
            stage: Stage(cards=len(taken), claims=shares(taken, policy)) for stage, taken in stages.items()
        },
    )

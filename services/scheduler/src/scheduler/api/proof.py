"""The daily proof of what the policy promised."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.domain.release_log import SLACK
from scheduler.domain.shares import Share
from scheduler.use_cases.proof import Ruled, Stage, proof

router = APIRouter(prefix="/v1/policy", tags=["policy"])

MOST_DAYS: Final = 31
EARLIEST: Final = date(2000, 1, 1)


class ClaimProof(Wire):
    """One claim at one stage. `picks`: cards that went while it had one waiting; of these it was `promised` and `got`.

    `bound`: those that only the claim called. `behind`: cards it was behind its floor at worst; `kept` while these are at
    most two.
    """

    name: str
    permille: int
    picks: int
    promised: int
    got: int
    bound: int
    behind: int
    kept: bool


class StageProof(Wire):
    cards: int
    claims: tuple[ClaimProof, ...]


class RuledProof(Wire):
    """What one version of the policy decided. `printed`: good cards printed that day, by the pick that reserved them."""

    version: int
    author: str
    reason: str
    verify: StageProof
    print: StageProof
    printed: StageProof


class DayProof(Wire):
    """`unpicked`: good cards found in a station's journal, which no release had reserved."""

    day: date
    urgent: int
    unpicked: int
    policies: tuple[RuledProof, ...]


class PolicyProof(Wire):
    """Days of the office's own clock (`tz`), the youngest first."""

    office: str
    tz: str
    days: tuple[DayProof, ...]


@router.get("/proof")
async def get_proof(
    desk: DeskDep,
    actor: ActorDep,
    office: str | None = None,
    day: Annotated[date | None, Query(ge=EARLIEST)] = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 1,
) -> PolicyProof:
    """What every claim was promised and got, on `day` (today) and so many days before it."""
    office = office or actor.prefix
    authorize(actor, "policy.read", office=office)
    found = await proof(desk, office, day, days)
    return PolicyProof(
        office=office,
        tz=found.tz,
        days=tuple(
            DayProof(
                day=each.day,
                urgent=each.urgent,
                unpicked=each.unpicked,
                policies=tuple(_ruled(ruled) for ruled in each.ruled),
            )
            for each in found.days
        ),
    )


def _ruled(ruled: Ruled) -> RuledProof:
    stages = {name: _stage(stage) for name, stage in ruled.stages.items()}
    return RuledProof(version=ruled.version, author=ruled.author, reason=ruled.reason, **stages)


def _stage(stage: Stage) -> StageProof:
    return StageProof(cards=stage.cards, claims=tuple(_claim(share) for share in stage.claims))


def _claim(share: Share) -> ClaimProof:
    return ClaimProof(**asdict(share), kept=share.behind <= SLACK)

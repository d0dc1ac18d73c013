"""Service targets by office, and the applications at risk of missing theirs."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from backbone.auth import ActorDep
from backbone.contracts.intake import Reason
from backbone.contracts.message import Wire
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.use_cases import targets

router = APIRouter(prefix="/v1", tags=["targets"])

TargetHours = Annotated[float, Field(gt=0, le=20_000)]


class NewTargets(Wire):
    """All targets of an office, in hours of counter time by kind; a kind left out has none."""

    office: str
    hours: dict[Reason | Literal["urgent"], TargetHours]
    reason: str = Field(min_length=3, max_length=500)


class TargetsVersion(Wire):
    office: str
    version: int
    hours: dict[str, float]
    author: str
    reason: str
    set_at: datetime


class Targets(Wire):
    """`current` is None where the office never set any."""

    current: TargetsVersion | None
    versions: tuple[TargetsVersion, ...]


@router.get("/targets")
async def get_targets(desk: DeskDep, actor: ActorDep, office: str | None = None) -> Targets:
    office = office or actor.prefix
    authorize(actor, "queue.read", office=office)
    row, versions = await targets.current(desk, office)
    return Targets(
        current=None if row is None else TargetsVersion(**row),
        versions=tuple(TargetsVersion(**each) for each in versions),
    )


@router.put("/targets")
async def put_targets(desk: DeskDep, actor: ActorDep, body: NewTargets) -> TargetsVersion:
    authorize(actor, "policy.write", office=body.office)
    row = await targets.put(
        desk,
        body.office,
        {str(kind): hours for kind, hours in body.hours.items()},
        author=actor.subject,
        reason=body.reason,
    )
    return TargetsVersion(**row)


@router.get("/at-risk")
async def at_risk(
    desk: DeskDep,
    actor: ActorDep,
    office: str | None = None,
    share: Annotated[float, Query(gt=0, le=10)] = 0.8,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Applications that have used up `share` of their target, not counting what the applicant holds now; worst first."""
    office = office or actor.prefix
    authorize(actor, "queue.read", office=office)
    return await targets.at_risk(desk, office, share=share, after=after, limit=limit)

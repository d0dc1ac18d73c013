"""The policy, by office."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from backbone.rights import authorize
from scheduler.api.desk import DeskDep
from scheduler.use_cases import policies

router = APIRouter(prefix="/v1/policy", tags=["policy"])


class NewPolicy(Wire):
    """Rules as `GET` shows them. Without `valid_from` they hold at once, without `valid_until` until the next."""

    office: str
    rules: dict[str, Any]
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    reason: str = Field(min_length=3, max_length=500)


class PolicyVersion(Wire):
    office: str
    version: int
    valid_from: datetime | None
    valid_until: datetime | None
    rules: dict[str, Any]
    author: str
    reason: str
    set_at: datetime


class Policies(Wire):
    current: PolicyVersion
    versions: tuple[PolicyVersion, ...]


@router.get("")
async def get_policy(desk: DeskDep, actor: ActorDep, office: str | None = None) -> Policies:
    office = office or actor.prefix
    authorize(actor, "policy.read", office=office)
    row, versions = await policies.current(desk, office)
    return Policies(current=_version(row), versions=tuple(_version(each) for each in versions))


@router.put("")
async def put_policy(desk: DeskDep, actor: ActorDep, body: NewPolicy) -> PolicyVersion:
    authorize(actor, "policy.write", office=body.office)
    row = await policies.put(
        desk,
        body.office,
        body.rules,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        author=actor.subject,
        reason=body.reason,
    )
    return _version(row)


def _version(row: Any) -> PolicyVersion:
    # asyncpg reads '-infinity', the start of an office's first policy, as the smallest naive datetime.
    start = row["valid_from"]
    return PolicyVersion(**{**dict(row), "valid_from": start if start.year > 1 else None})

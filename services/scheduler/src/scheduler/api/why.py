"""Why nothing moves, for an office or a station."""

from typing import Any

from fastapi import APIRouter

from backbone.auth import ActorDep
from backbone.contracts.message import Wire
from scheduler.api.desk import DeskDep
from scheduler.use_cases import why

router = APIRouter(prefix="/v1", tags=["why"])


class Offices(Wire):
    """Why nothing moves, office by office; `next` is the cursor of the following page."""

    offices: tuple[dict[str, Any], ...]
    next: str | None


@router.get("/explain")
async def explain_offices(
    desk: DeskDep, actor: ActorDep, office: str | None = None, after: str = "", limit: int = 20
) -> Offices:
    """Every reason at each stage, whose it is, when it ends at the earliest, how many cards it holds; what comes next.

    `office`: a code or the prefix of several; without it the token's.
    """
    prefix = actor.prefix if office is None else office
    found, following = await why.of_offices(desk, actor, prefix, after, max(1, min(limit, 100)))
    return Offices(offices=tuple(found), next=following)


@router.get("/stations/{station}/explain")
async def explain_station(desk: DeskDep, actor: ActorDep, station: str) -> dict[str, Any]:
    """Why this station has no card in hand or does not print: its own reasons, then those of its office."""
    return await why.of_station(desk, actor, station)

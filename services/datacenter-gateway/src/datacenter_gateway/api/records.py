"""Verified records, for the station that holds a ticket."""

from uuid import UUID

from fastapi import APIRouter, Response

from backbone.contracts.station import VerifiedRecord
from backbone.problems import Forbidden
from datacenter_gateway.api.deps import DeskDep, TicketDep
from datacenter_gateway.use_cases import records

router = APIRouter()


@router.get("/records/{approval_id}")
async def get_record(
    approval_id: UUID, ticket: TicketDep, desk: DeskDep, response: Response
) -> VerifiedRecord:
    """The verified record of a living approval, for the station that holds its reserved attempt."""
    if ticket.approval_id != approval_id:
        raise Forbidden
    response.headers["Cache-Control"] = "no-store"
    return await records.read(desk, approval_id)

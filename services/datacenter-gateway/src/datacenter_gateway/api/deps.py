"""What every route of the gateway needs."""

from typing import Annotated

from fastapi import Depends, Request

from backbone.auth import Ticket, Tickets
from backbone.problems import Unauthenticated
from datacenter_gateway.use_cases.desk import Desk


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _ticket(request: Request) -> Ticket:
    kind, _, signed = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "ticket" or not signed:
        raise Unauthenticated
    tickets: Tickets = request.app.state.tickets
    return tickets.check(signed.strip())


DeskDep = Annotated[Desk, Depends(_desk)]
TicketDep = Annotated[Ticket, Depends(_ticket)]

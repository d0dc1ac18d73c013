"""How a route comes by its desk."""

from typing import Annotated

from fastapi import Depends, Request

from scheduler.use_cases.desk import Desk


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(_desk)]

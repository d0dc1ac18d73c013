"""How a route comes by its desk."""

from typing import Annotated

from fastapi import Depends, Request

from intake.use_cases.desk import Desk


async def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(desk_of)]

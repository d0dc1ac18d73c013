"""The protocol's one path, and what is needed to answer it wrongly on purpose."""

import httpx2
from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send

from simulator.centre import Centre
from simulator.domain.replies import Reply

router = APIRouter()


@router.post("/dukcapil/get_json/{institution}/{method}", tags=["protocol"])
async def get_json(request: Request, institution: str, method: str) -> Response:
    """Both methods; the body is judged by the centre, so that every call is in its log."""
    centre: Centre = request.app.state.centre
    return respond(await centre.answer(institution, method, await request.body()))


@router.get("/health/live", tags=["ops"])
async def live() -> dict[str, str]:
    return {"status": "pass"}


def respond(reply: Reply) -> Response:
    kind = CutOff if reply.cut else Response
    headers = {} if reply.retry_after is None else {"Retry-After": str(reply.retry_after)}
    return kind(reply.body, reply.status, headers, reply.media_type)


class CutOff(Response):
    """Ends the connection amid the body.

    A server closes the connection of an application that fails so late. In process there is no connection: the caller
    gets the very error that its client raises for one that is cut.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise httpx2.ReadError("connection cut on purpose")

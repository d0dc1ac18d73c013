"""A lane past the router, its matching, its exit stacks and its error wrappers, for the one busy route.

The route stays in the router, which documents it; what it raises meets the same handlers as everywhere else.
"""

from collections.abc import Awaitable, Callable

from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class Lane:
    """The innermost middleware: answers POST on exactly `route`'s path, hands on everything else."""

    def __init__(self, app: ASGIApp, route: APIRoute, endpoint: Endpoint) -> None:
        self._app = app
        self._route = route
        self._path = route.path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or scope["path"] != scope.get("root_path", "") + self._path
        ):
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        request = Request(scope, receive)
        try:
            response = await self._endpoint(request)
        except Exception as error:  # noqa: BLE001  # it is answered, or raised again
            response = await _handled(request, error)
        await response(scope, receive, send)


async def _handled(request: Request, error: Exception) -> Response:
    """What the app's handler makes of an error; raises it where only the outermost handler has an answer."""
    app: Starlette = request.app
    for kind in type(error).__mro__:
        handler = app.exception_handlers.get(kind)
        if handler is not None and kind is not Exception:
            answer: Response = await handler(request, error)
            return answer
    raise error

"""One port for all services: hands each request to a process of the service that its path names.

A deployment of many machines has a load balancer here. Of several processes of a service each gets its turn; one that
takes no connection is passed over, and what only reads is asked of the next. Answers are handed on whole.
"""

import itertools
from collections.abc import Mapping, Sequence

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backbone import log
from backbone.http import METHODS
from backbone.problems import NotFound, Unavailable
from local_cluster.settings import FrontSettings
from onebox import console, front
from onebox.connection import say_running, say_stopped
from onebox.serving import serve_app, stop_signals
from onebox.settings import read

HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
        "te",
        "trailer",
        "host",
        "content-length",
        "date",
        "server",
        "x-forwarded-host",
    }
)
"""Headers between two neighbours, not handed on (RFC 9110, section 7.6.1), and those that the client writes itself."""


class Front:
    """Hands requests on. `routes`: origins by a service's path."""

    def __init__(self, routes: Mapping[str, Sequence[str]], client: httpx2.AsyncClient) -> None:
        self._origins = {path: tuple(origins) for path, origins in routes.items()}
        self._turns = {path: itertools.count() for path in routes}
        self._client = client

    async def hand_on(self, request: Request) -> Response:
        path = request.url.path
        service = next(
            (known for known in self._origins if path == known or path.startswith(f"{known}/")), None
        )
        if service is None:
            return NotFound().response("urn:cetak:front")
        body = await request.body()
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP]
        headers.append(("x-forwarded-for", request.client.host if request.client else ""))
        headers.append(("x-forwarded-host", request.headers.get("host", "")))
        asked = request.scope["raw_path"].decode("latin-1")
        asked += f"?{request.url.query}" if request.url.query else ""
        for origin in self._in_turn(service):
            try:
                answer = await self._client.request(
                    request.method, f"{origin}{asked}", headers=headers, content=body
                )
            except httpx2.TransportError as error:
                if isinstance(error, httpx2.ConnectError) or request.method in ("GET", "HEAD"):
                    continue
                break
            kept = {name: value for name, value in answer.headers.items() if name not in HOP}
            return Response(answer.content, answer.status_code, kept)
        return Unavailable(retry_after=2).response("urn:cetak:front")

    def _in_turn(self, service: str) -> Sequence[str]:
        origins = self._origins[service]
        first = next(self._turns[service]) % len(origins)
        return origins[first:] + origins[:first]


async def serve_front(settings: FrontSettings) -> None:
    """Serve until a signal; commands of this home find the services here."""
    found = read(settings.home)
    names = [path.removeprefix("/") for path in settings.routes if path != "/simulator"]
    pages = front.routes(
        "" if found is None else found.office, names, simulated="/simulator" in settings.routes
    )
    # An import of a year's backlog takes its time.
    async with httpx2.AsyncClient(timeout=httpx2.Timeout(600, connect=2)) as client:
        handed_on = Route("/{path:path}", Front(settings.routes, client).hand_on, methods=[*METHODS])
        app = Starlette(routes=[*pages, handed_on])
        asked = stop_signals()

        async def run() -> None:
            say_running(settings.home, f"http://{settings.host}:{settings.port}")
            await asked.wait()

        async def stop() -> None:
            say_stopped(settings.home)

        await serve_app(app, settings.host, settings.port, asked=asked, run=run, stop=stop)


def main() -> None:
    settings = FrontSettings()
    log.configure(level=settings.log_level)
    console.run(serve_front(settings))


if __name__ == "__main__":
    main()

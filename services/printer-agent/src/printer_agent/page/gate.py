"""Who may open the page, and where its forms may come from. The page has no log-in and keeps no session.

On the station's own machine it opens to whoever stands there, as the printer's own buttons do. From any other it opens
only where a password is set (HTTP Basic, any user name); five wrong ones close it to others for a minute. Forms are
taken only from the page itself: the browser says so in `Sec-Fetch-Site` or `Origin`, and what says neither is refused.
Names that lead a foreign site to this machine (DNS rebinding) are no names of it.
"""

import base64
import hmac
from collections import deque
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr
from starlette.requests import Request

from backbone.clock import Clock

TRIES = 5
"""Wrong passwords within LOCKED, from wherever, before others wait."""
LOCKED = timedelta(minutes=1)
SAFE = frozenset({"GET", "HEAD"})


class TurnedAway(Exception):
    """The page does not open, or does not take this form. `status`: 401, 403 or 429."""

    def __init__(self, status: int, cause: str) -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause


class Gate:
    """Lets requests in. Raises TurnedAway."""

    def __init__(self, password: SecretStr | None, clock: Clock) -> None:
        self._password = password
        self._clock = clock
        self._wrong: deque[datetime] = deque(maxlen=TRIES)

    async def __call__(self, request: Request) -> None:
        if not _from_here(request):
            self._ask(request)
        if request.method not in SAFE and not _from_the_page(request):
            raise TurnedAway(403, "cross-site")

    def _ask(self, request: Request) -> None:
        """The password, from whoever is not at the station's own machine."""
        if self._password is None:
            raise TurnedAway(403, "elsewhere")
        now = self._clock.now()
        if len(self._wrong) == TRIES and now - self._wrong[0] < LOCKED:
            raise TurnedAway(429, "locked")
        given = _basic(request.headers.get("authorization", ""))
        if given is None:
            raise TurnedAway(401, "password")
        if not hmac.compare_digest(given, self._password.get_secret_value().encode()):
            self._wrong.append(now)
            raise TurnedAway(401, "password")


def _from_here(request: Request) -> bool:
    """Asked on this machine: the peer, every address it was forwarded for, and the name it was asked by are all local."""
    peer = "" if request.client is None else request.client.host
    forwarded = [
        part.strip() for line in request.headers.getlist("x-forwarded-for") for part in line.split(",")
    ]
    return all(map(_is_loopback, [peer, *forwarded, *_names(request)]))


def _names(request: Request) -> list[str]:
    """By which names this machine was asked: the front's, where one stands before it, and the request's own."""
    names = [*request.headers.getlist("x-forwarded-host"), request.headers.get("host", "")]
    return [_split(f"//{name}").hostname or "" for name in names]


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _from_the_page(request: Request) -> bool:
    """Whether the browser says that the form stood on this very site."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin"):
        return False
    if origin is None:
        return site is not None
    asked = _split(origin).netloc
    hosts = [*request.headers.getlist("x-forwarded-host"), request.headers.get("host", "")]
    return bool(asked) and asked in hosts


def _basic(header: str) -> bytes | None:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except ValueError:
        return None

"""The line to one IPP printer, through pyipp: our own time-outs, no redirects, no second try.

Errors:
    LineError
    ├── NotReached   no connection came about: nothing was sent, for certain
    ├── Refused      the printer said no, with an IPP status
    └── Unanswered   nobody knows what became of the request
"""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Any, cast

import aiohttp
from pyipp import IPP
from pyipp.enums import IppOperation, IppStatus
from pyipp.exceptions import IPPConnectionError, IPPError, IPPVersionNotSupportedError

CONNECT = 5.0
"""Seconds a printer may take to accept a connection."""
ANSWER = 10.0
"""Seconds it may take for an answer."""


class LineError(RuntimeError):
    """The printer did not do what it was asked."""


class NotReached(LineError):
    """No connection came about: nothing was sent, for certain."""


class Refused(LineError):
    """The printer's own no. `status`: IPP's status code (RFC 8011, appendix B)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"IPP status 0x{status:04x}")
        self.status = status


class Unanswered(LineError):
    """Nobody knows what became of the request."""


class Line:
    """Asks the printer at `uri` (ipp or ipps) as `user`. Each request has a connection of its own: none is stale."""

    def __init__(self, uri: str, user: str) -> None:
        self._uri = uri
        self._user = user

    async def ask(
        self,
        operation: IppOperation,
        attributes: Mapping[str, Any],
        *,
        job: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        seconds: float = ANSWER,
    ) -> dict[str, Any]:
        """The parsed answer, once asked. `attributes`: the operation's; pyipp leaves out what it does not know."""
        message: dict[str, Any] = {
            "operation-attributes-tag": {"requesting-user-name": self._user, **attributes}
        }
        if job:
            message["job-attributes-tag"] = dict(job)
        if data is not None:
            message["data"] = data
        try:
            async with asyncio.timeout(seconds):
                return await self._asked(operation, message, seconds)
        except IPPConnectionError as error:
            raise _unmade(error) from None
        except IPPVersionNotSupportedError:
            raise Refused(IppStatus.ERROR_VERSION_NOT_SUPPORTED) from None
        except IPPError as error:
            raise _refused(error) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(type(error).__name__) from None

    async def _asked(
        self, operation: IppOperation, message: dict[str, Any], seconds: float
    ) -> dict[str, Any]:
        patience = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT)
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=patience) as session:
            line = IPP(
                self._uri,
                session=cast("aiohttp.ClientSession", _Straight(session)),
                request_timeout=int(seconds) + 1,
                verify_ssl=True,
            )
            return await line.execute(operation, message)


class _Straight:
    """pyipp's session: a redirect is an answer that cannot be read, never a second place to print at."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def request(self, method: str, url: Any, *, data: bytes, **rest: Any) -> aiohttp.ClientResponse:
        return await self._session.request(method, url, data=BytesIO(data), allow_redirects=False, **rest)


def _unmade(error: IPPConnectionError) -> LineError:
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return NotReached(type(cause).__name__)
    return Unanswered(type(cause).__name__)


def _refused(error: IPPError) -> LineError:
    """pyipp gives the printer's status beside its text; its other errors are answers that say nothing."""
    said = error.args[1] if len(error.args) > 1 else {}
    if type(error) is IPPError and "status-code" in said:
        return Refused(int(said["status-code"]))
    return Unanswered(" ".join((type(error).__name__, str(said.get("status-code", "")))).strip())

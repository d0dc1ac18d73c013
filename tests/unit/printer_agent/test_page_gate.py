"""Who may open the station's page, and where its forms may come from."""

import base64
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from starlette.requests import Request

from backbone.clock import VirtualClock
from printer_agent.page.gate import TRIES, Gate, TurnedAway

HERE = ("127.0.0.1", 50000)
THERE = ("192.168.1.7", 50000)
Headers = dict[str, str | tuple[str, ...]]
PASSWORD = "kata sandi stasiun"


def _request(
    method: str = "GET", *, peer: tuple[str, int] | None = HERE, **headers: str | tuple[str, ...]
) -> Request:
    """`x_forwarded_for` and the like; a tuple is a header that comes several times."""
    given: Headers = {"host": "127.0.0.1:26350", **headers}
    raw = [
        (name.replace("_", "-").encode(), value.encode())
        for name, values in given.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "client": peer})


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"siapa:{password}".encode()).decode()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def gate(clock: VirtualClock) -> Gate:
    return Gate(None, clock)


@pytest.fixture
def guarded(clock: VirtualClock) -> Gate:
    return Gate(SecretStr(PASSWORD), clock)


async def _cause(gate: Gate, request: Request) -> str:
    """Why it is turned away; empty where it is let in."""
    try:
        await gate(request)
    except TurnedAway as away:
        return away.cause
    return ""


@pytest.mark.parametrize("host", ["127.0.0.1:26350", "localhost:26350", "[::1]:26350", "127.0.0.1"])
async def test_the_stations_own_machine_comes_in(gate: Gate, host: str) -> None:
    assert await _cause(gate, _request(host=host)) == ""


@pytest.mark.parametrize("peer", [THERE, None, ("", 0)])
async def test_another_machine_does_not(gate: Gate, peer: tuple[str, int] | None) -> None:
    assert await _cause(gate, _request(peer=peer)) == "elsewhere"


@pytest.mark.parametrize("host", ["jahat.example", "127.0.0.1.jahat.example", "", "[", "0.0.0.0"])
async def test_a_foreign_name_that_leads_here_does_not(gate: Gate, host: str) -> None:
    assert await _cause(gate, _request(host=host)) == "elsewhere"


@pytest.mark.parametrize("forwarded", ["192.168.1.7", "127.0.0.1, 192.168.1.7", ("192.168.1.7", "127.0.0.1")])
async def test_who_comes_through_the_front_is_who_asked_it(gate: Gate, forwarded: str) -> None:
    assert await _cause(gate, _request(x_forwarded_for=forwarded)) == "elsewhere"


async def test_the_front_on_this_machine_is_this_machine(gate: Gate) -> None:
    request = _request(x_forwarded_for="127.0.0.1", x_forwarded_host="localhost:8021")
    assert await _cause(gate, request) == ""


async def test_the_front_asked_by_a_foreign_name_is_not(gate: Gate) -> None:
    request = _request(x_forwarded_for="127.0.0.1", x_forwarded_host="jahat.example")
    assert await _cause(gate, request) == "elsewhere"


async def test_a_password_opens_from_another_machine(guarded: Gate) -> None:
    request = _request(peer=THERE, host="stasiun.lan:8022", authorization=_basic(PASSWORD))
    assert await _cause(guarded, request) == ""


@pytest.mark.parametrize("header", ["", "Basic !!!", "Bearer x", _basic("salah"), _basic("")])
async def test_without_it_nothing_opens(guarded: Gate, header: str) -> None:
    request = _request(peer=THERE, authorization=header)
    with pytest.raises(TurnedAway) as away:
        await guarded(request)
    assert away.value.status == 401


async def test_here_no_password_is_asked(guarded: Gate) -> None:
    assert await _cause(guarded, _request()) == ""


async def test_wrong_passwords_close_the_page_to_others(guarded: Gate) -> None:
    for _ in range(TRIES):
        await _cause(guarded, _request(peer=THERE, authorization=_basic("salah")))
    assert await _cause(guarded, _request(peer=THERE, authorization=_basic(PASSWORD))) == "locked"


async def test_the_stations_own_machine_is_never_closed_out(guarded: Gate) -> None:
    for _ in range(TRIES):
        await _cause(guarded, _request(peer=THERE, authorization=_basic("salah")))
    assert await _cause(guarded, _request()) == ""


async def test_a_minute_later_the_password_opens_again(clock: VirtualClock, guarded: Gate) -> None:
    for _ in range(TRIES):
        await _cause(guarded, _request(peer=THERE, authorization=_basic("salah")))
    clock._now = datetime(2026, 11, 24, 0, 1, 1, tzinfo=UTC)
    assert await _cause(guarded, _request(peer=THERE, authorization=_basic(PASSWORD))) == ""


OWN = "http://127.0.0.1:26350"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "origin": OWN},
        {"origin": OWN},
        {"origin": "http://localhost:8021", "x_forwarded_host": "localhost:8021"},
    ],
)
async def test_the_pages_own_form_is_taken(gate: Gate, headers: Headers) -> None:
    assert await _cause(gate, _request("POST", peer=HERE, **headers)) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": OWN},
        {"sec_fetch_site": "none"},
        {"origin": "null"},
        {"origin": "null", "host": ""},
        {"origin": "http://jahat.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://127.0.0.1:26350.jahat.example"},
        {"sec_fetch_site": "same-origin", "origin": "http://jahat.example"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(gate: Gate, headers: Headers) -> None:
    assert await _cause(gate, _request("POST", peer=HERE, **headers)) in ("cross-site", "elsewhere")


async def test_the_password_does_not_make_a_foreign_form_ours(guarded: Gate) -> None:
    request = _request("POST", peer=THERE, authorization=_basic(PASSWORD), origin="http://jahat.example")
    assert await _cause(guarded, request) == "cross-site"

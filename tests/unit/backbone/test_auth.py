"""Tokens and tickets: who they let in, and what they refuse."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from starlette.requests import Request

from backbone.auth import ISSUER, Authority, Ticket, Tickets, actor_of, new_keys
from backbone.clock import VirtualClock
from backbone.problems import Unauthenticated
from backbone.rights import Actor

START = datetime(2018, 6, 29, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRIVATE, PUBLIC = new_keys()
OPERATOR = Actor(subject="ana", scopes=frozenset({"operator", "counter"}), prefix="21.02")
STATION = Actor(subject="s1", scopes=frozenset({"station"}), prefix="21.02", station="2102-1")
TICKET = Ticket(attempt_id=UUID(int=1), approval_id=UUID(int=2), station="2102-1")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "ana",
    "scope": "operator",
    "prefix": "21.02",
    "exp": int((START + HOUR).timestamp()),
}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def authority(clock: VirtualClock) -> Authority:
    return Authority(clock, public=PUBLIC, private=PRIVATE)


@pytest.fixture
def tickets(clock: VirtualClock) -> Tickets:
    return Tickets(clock, b"t" * 32)


def signed(claims: dict[str, Any], private: bytes = PRIVATE) -> str:
    return jwt.encode({"alg": "Ed25519"}, claims, OKPKey.import_key(private), algorithms=["Ed25519"])


def request(authority: Authority, header: str | None) -> Request:
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    app = SimpleNamespace(state=SimpleNamespace(authority=authority))
    return Request({"type": "http", "headers": headers, "app": app})


@pytest.mark.parametrize("actor", [OPERATOR, STATION])
def test_a_token_tells_its_actor(authority: Authority, actor: Actor) -> None:
    token = authority.issue(actor, HOUR)
    assert [authority.check(token), authority.check(token)] == [actor, actor]


@pytest.mark.parametrize("checked_before", [False, True])
def test_a_token_ends_at_its_moment(clock: VirtualClock, authority: Authority, checked_before: bool) -> None:
    token = authority.issue(OPERATOR, HOUR)
    if checked_before:
        authority.check(token)
    clock._now = START + HOUR
    with pytest.raises(Unauthenticated):
        authority.check(token)


def test_a_token_holds_until_just_before_its_end(clock: VirtualClock, authority: Authority) -> None:
    token = authority.issue(OPERATOR, HOUR)
    clock._now = START + HOUR - timedelta(seconds=1)
    assert authority.check(token) == OPERATOR


def test_another_authoritys_token_is_refused(clock: VirtualClock, authority: Authority) -> None:
    private, public = new_keys()
    token = Authority(clock, public=public, private=private).issue(OPERATOR, HOUR)
    with pytest.raises(Unauthenticated):
        authority.check(token)


def test_a_token_changed_in_one_claim_is_refused(authority: Authority) -> None:
    head, _, signature = authority.issue(OPERATOR, HOUR).split(".")
    body = urlsafe_b64encode(json.dumps({**CLAIMS, "scope": "supervisor"}).encode()).decode().rstrip("=")
    with pytest.raises(Unauthenticated):
        authority.check(f"{head}.{body}.{signature}")


def test_the_public_key_is_no_shared_secret(authority: Authority) -> None:
    forged = jwt.encode({"alg": "HS256"}, CLAIMS, OctKey.import_key(b"p" * 32), algorithms=["HS256"])
    with pytest.raises(Unauthenticated):
        authority.check(forged)


def test_an_unsigned_token_is_refused(authority: Authority) -> None:
    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none"}, CLAIMS)
    )
    with pytest.raises(Unauthenticated):
        authority.check(f"{head}.{body}.")


@pytest.mark.parametrize("missing", ["iss", "sub", "scope", "prefix", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(authority: Authority, missing: str) -> None:
    with pytest.raises(Unauthenticated):
        authority.check(signed({name: value for name, value in CLAIMS.items() if name != missing}))


def test_another_issuers_token_is_refused(authority: Authority) -> None:
    with pytest.raises(Unauthenticated):
        authority.check(signed({**CLAIMS, "iss": "another"}))


@given(st.text(max_size=60) | st.from_regex(r"[\w-]{0,20}\.[\w-]{0,20}\.[\w-]{0,20}", fullmatch=True))
def test_noise_is_no_token(token: str) -> None:
    with pytest.raises(Unauthenticated):
        Authority(VirtualClock(START), public=PUBLIC).check(token)


def test_an_unknown_scope_is_not_issued(authority: Authority) -> None:
    with pytest.raises(ValueError, match="unknown scope"):
        authority.issue(Actor(subject="ana", scopes=frozenset({"king"}), prefix=""), HOUR)


def test_nothing_is_issued_without_the_private_key(clock: VirtualClock) -> None:
    with pytest.raises(ValueError, match="no private key"):
        Authority(clock, public=PUBLIC).issue(OPERATOR, HOUR)


def test_the_memory_of_checked_tokens_is_bounded(authority: Authority) -> None:
    first = authority.issue(OPERATOR, HOUR)
    authority.check(first)
    authority._known.update({str(number): (0.0, OPERATOR) for number in range(4095)})
    authority.check(authority.issue(STATION, HOUR))
    assert (len(authority._known), first in authority._known) == (4096, False)


async def test_a_request_tells_its_actor(authority: Authority) -> None:
    assert await actor_of(request(authority, f"bearer {authority.issue(OPERATOR, HOUR)} ")) == OPERATOR


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "Bearer é"])
async def test_a_request_without_a_good_token_is_refused(authority: Authority, header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await actor_of(request(authority, header))


def test_a_ticket_opens_what_it_names(tickets: Tickets) -> None:
    assert tickets.check(tickets.sign(TICKET)) == TICKET


def test_a_ticket_ends_after_a_quarter_of_an_hour(clock: VirtualClock, tickets: Tickets) -> None:
    ticket = tickets.sign(TICKET)
    clock._now = START + timedelta(minutes=15)
    with pytest.raises(Unauthenticated):
        tickets.check(ticket)


def test_a_ticket_under_another_key_is_refused(clock: VirtualClock, tickets: Tickets) -> None:
    with pytest.raises(Unauthenticated):
        tickets.check(Tickets(clock, b"u" * 32).sign(TICKET))


def test_a_token_is_no_ticket(authority: Authority, tickets: Tickets) -> None:
    with pytest.raises(Unauthenticated):
        tickets.check(authority.issue(STATION, HOUR))


@pytest.mark.parametrize("claims", [{}, {"exp": 2_000_000_000}, {"exp": 2_000_000_000, "station": "2102-1"}])
def test_a_signed_ticket_that_names_too_little_is_refused(tickets: Tickets, claims: dict[str, Any]) -> None:
    key = OctKey.import_key(b"t" * 32)
    with pytest.raises(Unauthenticated):
        tickets.check(jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"]))

"""Bearer tokens: JWTs signed with Ed25519; and the short-lived tickets by which a station fetches one record."""

from collections import OrderedDict
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey

from backbone.clock import Clock
from backbone.contracts.message import Wire
from backbone.problems import Unauthenticated
from backbone.rights import SCOPES, Actor, authorize

ISSUER = "cetak"
TICKET_MINUTES = 15


class Authority:
    """Checks tokens; makes them where it holds the private key. Checked tokens are remembered until they expire."""

    def __init__(self, clock: Clock, *, public: bytes, private: bytes | None = None) -> None:
        self._clock = clock
        self._public = OKPKey.import_key(public)
        self._private = None if private is None else OKPKey.import_key(private)
        self._known: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    def issue(self, actor: Actor, valid: timedelta) -> str:
        """A signed token for an actor; raises ValueError for an unknown scope or without the private key."""
        if self._private is None or not actor.scopes <= SCOPES:
            raise ValueError("cannot issue: no private key here, or an unknown scope")
        now = self._clock.now()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": actor.subject,
            "scope": " ".join(sorted(actor.scopes)),
            "prefix": actor.prefix,
            "iat": int(now.timestamp()),
            "exp": int((now + valid).timestamp()),
        }
        if actor.station is not None:
            claims["station"] = actor.station
        return jwt.encode({"alg": "Ed25519"}, claims, self._private, algorithms=["Ed25519"])

    def check(self, token: str) -> Actor:
        """The actor of a token; raises Unauthenticated."""
        now = self._clock.now().timestamp()
        known = self._known.get(token)
        if known is None:
            known = self._decoded(token)
            self._known[token] = known
            if len(self._known) > 4096:
                self._known.popitem(last=False)
        if known[0] <= now:
            raise Unauthenticated
        return known[1]

    def _decoded(self, token: str) -> tuple[float, Actor]:
        try:
            claims = jwt.decode(token, self._public, algorithms=["Ed25519"]).claims
            if claims["iss"] != ISSUER:
                raise Unauthenticated
            return float(claims["exp"]), Actor(
                subject=claims["sub"],
                scopes=frozenset(claims["scope"].split()),
                prefix=claims["prefix"],
                station=claims.get("station"),
            )
        except (JoseError, KeyError, ValueError):
            raise Unauthenticated from None


class Ticket(Wire):
    """What one station may fetch, for one attempt, for a short time."""

    attempt_id: UUID
    approval_id: UUID
    station: str


class Tickets:
    """Signs (scheduler) and checks (gateway) tickets with a shared key."""

    def __init__(self, clock: Clock, key: bytes) -> None:
        self._clock = clock
        self._key = OctKey.import_key(key)

    def sign(self, ticket: Ticket) -> str:
        ends = self._clock.now() + timedelta(minutes=TICKET_MINUTES)
        claims = {**ticket.model_dump(mode="json"), "exp": int(ends.timestamp())}
        return jwt.encode({"alg": "HS256"}, claims, self._key, algorithms=["HS256"])

    def check(self, signed: str) -> Ticket:
        """The ticket; raises Unauthenticated where it is forged or has ended."""
        try:
            claims = jwt.decode(signed, self._key, algorithms=["HS256"]).claims
            if claims["exp"] <= self._clock.now().timestamp():
                raise Unauthenticated
            return Ticket.model_validate(claims)
        except (JoseError, KeyError, ValueError):
            raise Unauthenticated from None


def new_keys() -> tuple[bytes, bytes]:
    """A fresh (private, public) Ed25519 pair as PEM."""
    key = OKPKey.generate_key("Ed25519")
    return key.as_pem(private=True), key.as_pem(private=False)


async def actor_of(request: Request) -> Actor:
    """The request's actor; raises Unauthenticated. The app's state holds the authority."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated
    authority: Authority = request.app.state.authority
    return authority.check(token.strip())


ActorDep = Annotated[Actor, Depends(actor_of)]

__all__ = ["ActorDep", "Authority", "Ticket", "Tickets", "actor_of", "authorize", "new_keys"]

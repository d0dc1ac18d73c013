"""Which processes a cluster is made of, on which ports, and what each is told."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from backbone.definitions import VHOST, station_user

RABBIT_PORTS = 3
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One process: `python -m <arguments>` on `port`, serving under `path`; `user` is its RabbitMQ user."""

    name: str
    service: str
    path: str
    port: int
    arguments: tuple[str, ...]
    user: str | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def ready(self) -> str:
        return f"{self.path}/health/ready" if self.path else "/health/live"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The members in the order of their ports: the front first, RabbitMQ on the three ports after it."""

    port: int
    members: tuple[Member, ...]

    @property
    def rabbit_port(self) -> int:
        return self.port + 1

    def of(self, service: str) -> list[Member]:
        return [member for member in self.members if member.service == service]


def layout(
    port: int, stations: Sequence[str], *, intakes: int, schedulers: int, gateways: int, front: bool
) -> Layout:
    """Names: `intake`, `scheduler`, `scheduler-2`, ..., `station-<id>`; ports follow the list.

    Stations call the front where there is one; replicas need one.
    """
    free = iter(range(port + 1 + RABBIT_PORTS, port + 100))
    members = [_service("simulator", "simulator", next(free), user=None)]
    for service, n in (("intake", intakes), ("gateway", gateways), ("scheduler", schedulers)):
        for k in range(n):
            name = service if k == 0 else f"{service}-{k + 1}"
            members.append(_service(name, service, next(free), user=service))
    members += [_station(station, next(free)) for station in stations]
    if front or intakes + schedulers + gateways > 3:
        made = Member(name="front", service="front", path="", port=port, arguments=("local_cluster.front",))
        members.append(made)
    return Layout(port=port, members=tuple(members))


def _service(name: str, service: str, port: int, *, user: str | None) -> Member:
    arguments = ("onebox", "serve", service)
    return Member(name=name, service=service, path=f"/{service}", port=port, arguments=arguments, user=user)


def _station(station: str, port: int) -> Member:
    return Member(
        name=f"station-{station}",
        service="station",
        path=f"/stations/{station}",
        port=port,
        arguments=("onebox", "serve", "station", station),
        user=station_user(station),
    )


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What each member is told; `overrides` by member's name win."""

    home: Path
    plan: Layout
    password: Callable[[str], str] = field(repr=False)
    database_url: str | None
    log_level: str
    overrides: Mapping[str, Mapping[str, str]]

    def of(self, member: Member) -> dict[str, str]:
        said = {
            "CETAK_HOME": str(self.home),
            "CETAK_HOST": LOOPBACK,
            "CETAK_PORT": str(member.port),
            "CETAK_LOG_LEVEL": self.log_level,
        }
        if member.user is not None:
            secret = quote(self.password(member.user), safe="")
            said["CETAK_BROKER_URL"] = (
                f"amqp://{member.user}:{secret}@{LOOPBACK}:{self.plan.rabbit_port}/{VHOST}"
            )
        return said | self._more(member) | dict(self.overrides.get(member.name, {}))

    def _more(self, member: Member) -> dict[str, str]:
        if member.service == "station":
            return {
                f"CETAK_{service.upper()}_URL": (self.plan.of("front") or self.plan.of(service))[0].url
                for service in ("scheduler", "gateway")
            }
        if member.service == "front":
            return {"CETAK_FRONT_ROUTES": json.dumps(self._routes())}
        said = {} if self.database_url is None else {"CETAK_DATABASE_URL": self.database_url}
        if member.service == "gateway":
            (centre,) = self.plan.of("simulator")
            said["CETAK_CENTRE_URL"] = f"{centre.url}{centre.path}"
        return {} if member.service == "simulator" else said

    def _routes(self) -> dict[str, list[str]]:
        routes: dict[str, list[str]] = {}
        for member in self.plan.members:
            if member.path:
                routes.setdefault(member.path, []).append(member.url)
        return routes

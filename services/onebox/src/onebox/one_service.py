"""One service in a process of its own: what it is made of, its line to RabbitMQ, its start and its end.

It starts no database and stops none; it declares nothing in the broker. A broker that is lost is not fatal: readiness
warns, the outbox keeps what is owed, and every loop looks by itself each `EVERY` seconds.
"""

import asyncio
import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2
import structlog

from backbone.auth import Authority
from backbone.clock import SystemClock
from backbone.database import INFRASTRUCTURE
from backbone.ids import Ids
from backbone.rabbit.address import Address
from backbone.rabbit.broker import RabbitBroker
from backbone.service import Service
from backbone.tasks import lasting
from onebox.console import USAGE, Failed
from onebox.host import Host
from onebox.keys import load_or_make
from onebox.parts import Parts, build_gateway, build_intake, build_scheduler, build_station, gateway_settings
from onebox.serving import serve_app, stop_signals
from onebox.settings import Deployment, Environment
from onebox.storage import Storage
from printer_agent.card_face import CardFace
from printer_agent.office import Office

log = structlog.get_logger()

EVERY = 1.0
"""Seconds between the loops' looks without a bell: a commit of another process rings none here."""
ANSWER = 10.0
"""Seconds a station gives the office for an answer."""


def broker_address(url: str, ca_file: Path | None) -> Address:
    """`amqp[s]://user:password@host:port/vhost`; amqps trusts `ca_file`, or this machine's. Raises Failed."""
    parts = urlsplit(url)
    if parts.scheme not in ("amqp", "amqps") or not parts.username or not parts.hostname:
        raise Failed("CETAK_BROKER_URL: amqp[s]://user:password@host:port/vhost", code=USAGE)
    secure = parts.scheme == "amqps"
    trusted = ssl.get_default_verify_paths()
    return Address(
        host=parts.hostname,
        port=parts.port or (5671 if secure else 5672),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        vhost=unquote(parts.path.removeprefix("/")) or "cetak",
        ca_file=str(ca_file or trusted.cafile or trusted.openssl_cafile) if secure else None,
    )


class OneService:
    """A host of one service, and its line to the broker."""

    def __init__(self, host: Host, line: RabbitBroker) -> None:
        self.host = host
        self._line = line

    async def start(self, *, enrol: bool) -> None:
        """Do what comes before the first request; a database that is not there yet is waited for."""
        await self.host.open_databases()
        seconds = 0.5
        while not await self._started(enrol=enrol):
            seconds = min(15.0, 2 * seconds)
            log.warning("start_waits", seconds=seconds)
            await self.host.clock.sleep(seconds)

    async def _started(self, *, enrol: bool) -> bool:
        try:
            await self.host.act_on_start()
            if enrol:
                await self.host.enrol()
        except INFRASTRUCTURE:
            return False
        except httpx2.HTTPStatusError as error:
            if error.response.status_code < 500:
                raise
            return False
        return True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.host.run())
            group.create_task(lasting(self._line.run()), name="broker")

    async def stop(self) -> None:
        self.host.stop()
        await self._line.stop()

    async def close(self) -> None:
        await self.host.close()
        await self._line.close()


async def serve_one(environment: Environment, found: Deployment, name: str, station: str | None) -> None:
    """Run one service until a signal. Raises Failed for wrong settings, and what ended a loop."""
    asked = stop_signals()
    line = _line(environment)
    parts = _parts(environment, found, line)
    host = Host(parts)
    async with AsyncExitStack() as stack:
        host.add(await _built(parts, environment, name, station, stack))
        one = OneService(host, line)
        stack.push_async_callback(one.close)
        starting = asyncio.create_task(one.start(enrol=name == "scheduler"))
        word = asyncio.create_task(asked.wait())
        await asyncio.wait({starting, word}, return_when=asyncio.FIRST_COMPLETED)
        word.cancel()
        if not starting.done():
            starting.cancel()
            return
        starting.result()
        log.info("serves", name=name, station=station, port=environment.port)
        await serve_app(host.app, environment.host, environment.port, asked=asked, run=one.run, stop=one.stop)


def _line(environment: Environment) -> RabbitBroker:
    if environment.broker_url is None:
        raise Failed("CETAK_BROKER_URL tidak ada · is missing", code=USAGE)
    address = broker_address(environment.broker_url.get_secret_value(), environment.broker_ca_file)
    return RabbitBroker(address, SystemClock())


def _parts(environment: Environment, found: Deployment, line: RabbitBroker) -> Parts:
    path = environment.home / "keys.json"
    if not path.exists():
        raise Failed(f"{path} tidak ada · is missing: cetak init", code=USAGE)
    clock, keys = SystemClock(), load_or_make(path)
    return Parts(
        home=environment.home,
        deployment=found,
        storage=Storage(environment.home, environment.database_url),
        clock=clock,
        ids=Ids(clock),
        keys=keys,
        authority=Authority(clock, public=keys.public, private=keys.private),
        broker=line,
        every=EVERY,
        chaos=None,
    )


async def _built(
    parts: Parts, environment: Environment, name: str, station: str | None, stack: AsyncExitStack
) -> Service:
    """The service; the clients it calls others with are closed with the stack."""
    if name == "intake":
        return build_intake(parts)
    if name == "scheduler":
        return build_scheduler(parts)
    if name == "gateway":
        settings = gateway_settings(parts.deployment, environment.centre_url)
        return build_gateway(parts, settings, await stack.enter_async_context(settings.client()))
    client = await stack.enter_async_context(httpx2.AsyncClient(timeout=ANSWER))
    return _station(parts, environment, str(station), client)


def _station(parts: Parts, environment: Environment, name: str, client: httpx2.AsyncClient) -> Service:
    config = next((known for known in parts.deployment.stations if known.id == name), None)
    if config is None:
        raise Failed(f"Stasiun {name} tidak ada di cetak.json · no such station", code=USAGE)
    office = Office(
        client,
        name,
        environment.token or Host(parts).token("station", subject=name, station=name),
        scheduler=environment.scheduler_url,
        gateway=environment.gateway_url,
    )
    return build_station(parts, config, office, CardFace())

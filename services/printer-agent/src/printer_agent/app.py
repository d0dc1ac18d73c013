"""Puts a station together: its journal, its printer's session, its loops, its own HTTP app."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from fastapi import FastAPI

from backbone.auth import Authority
from backbone.broker import Broker
from backbone.clock import Bell, Clock
from backbone.http import Check, QueueView, broker_check, make_app
from backbone.ids import Ids
from backbone.letters import Letter
from backbone.loops import Loop
from backbone.service import Service
from backbone.topology import station_queue
from printer_agent.journal import Journal
from printer_agent.office import Office
from printer_agent.page.gate import Gate
from printer_agent.page.routes import Page, add_page
from printer_agent.session import CardSession
from printer_agent.settings import StationSettings
from printer_agent.use_cases import Station


def build(
    settings: StationSettings,
    *,
    clock: Clock,
    ids: Ids,
    broker: Broker,
    authority: Authority,
    office: Office,
    session: CardSession,
    every: float | None = 5.0,
    synchronous: Literal["FULL", "OFF"] = "FULL",
    districts: Mapping[str, str] = MappingProxyType({}),
) -> Service:
    """One station, not yet running. `every`: how long it trusts its bell (seconds); None under virtual time.

    `synchronous`: the journal's own; OFF only where the machine cannot crash, in virtual time. `districts`: names by
    code, for the station's page.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(settings.folder / "journal.db", synchronous=synchronous)
    look = clock.bell()
    station = Station(
        settings, clock=clock, ids=ids, office=office, session=session, journal=journal, look=look
    )
    broker.consume(station_queue(settings.station), _Look(look))

    app = _app(settings.station, station, broker, authority)
    page = Page(settings, station=station, office=office, clock=clock, ids=ids, districts=districts)
    add_page(app, page, Gate(settings.page_password, clock))

    async def close() -> None:
        journal.close()

    return Service(
        name=f"stations/{settings.station}",
        app=app,
        loops=(
            Loop(f"station.{settings.station}.print", station.print_once, clock, look, every=every),
            Loop(
                f"station.{settings.station}.beat",
                station.beat_once,
                clock,
                every=every and settings.heartbeat,
            ),
        ),
        on_stop=(close,),
    )


class _Look:
    """The broker says "look"; the truth is the job list."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    async def handle(self, letters: Sequence[Letter]) -> None:
        self._bell.ring()

    async def bury(self, letter: Letter, reason: str) -> None:
        """A look that cannot be read is a look all the same."""
        self._bell.ring()


def _app(name: str, station: Station, broker: Broker, authority: Authority) -> FastAPI:
    async def checks() -> Sequence[Check]:
        blocked = ", ".join(station.blocked_by)
        return (
            Check(name="station", status="warn" if blocked else "pass", output=blocked),
            broker_check(broker),
        )

    async def queue() -> QueueView:
        return QueueView(
            depth=0,
            in_flight=station.in_flight,
            oldest_seconds=0,
            dead_letters=0,
            blocked_by=station.blocked_by,
        )

    return make_app(f"stations/{name}", authority=authority, checks=checks, queue=queue)

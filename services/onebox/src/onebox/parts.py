"""Builds each service of one office from its deployment, keys and clock."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from pydantic import SecretStr

import datacenter_gateway.app
import intake.app
import printer_agent.app
import scheduler.app
from backbone.auth import Authority, Tickets
from backbone.broker import Broker
from backbone.clock import Clock
from backbone.database import Database
from backbone.ids import Ids
from backbone.service import Service
from datacenter_gateway.settings import GatewaySettings
from intake.regions_file import packaged_regions
from intake.settings import IntakeSettings
from onebox.keys import Keys
from onebox.settings import Deployment, StationConfig
from onebox.storage import Storage
from printer_agent.card_face import CardFace
from printer_agent.drivers.folder import FolderSession
from printer_agent.drivers.null import NullSession
from printer_agent.office import Office
from printer_agent.session import CardSession
from printer_agent.settings import StationSettings
from scheduler.settings import SchedulerSettings

Fault = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the builders share. `every`: seconds between the loops' looks without a bell; None under virtual time."""

    home: Path
    deployment: Deployment
    storage: Storage
    clock: Clock
    ids: Ids
    keys: Keys
    authority: Authority
    broker: Broker
    every: float | None
    chaos: Random | None
    fault: Fault | None = None

    @property
    def tickets(self) -> Tickets:
        return Tickets(self.clock, self.keys.secret["ticket"])


def build_intake(parts: Parts) -> Service:
    return intake.app.build(
        IntakeSettings(tz=parts.deployment.tz),
        login=parts.storage.login("intake", "intake"),
        clock=parts.clock,
        ids=parts.ids,
        broker=parts.broker,
        authority=parts.authority,
        storage=parts.keys.sealer("storage"),
        courier=parts.keys.sealer("courier"),
        person_key=parts.keys.secret["person"],
        fingerprint_key=parts.keys.secret["fingerprint"],
        pin_key=parts.keys.secret["pin"],
        every=parts.every,
        chaos=parts.chaos,
    )


def build_scheduler(parts: Parts) -> Service:
    return scheduler.app.build(
        SchedulerSettings(
            tz=parts.deployment.tz,
            print_after_close=parts.deployment.print_after_close,
            **parts.deployment.scheduler,
        ),
        login=parts.storage.login("scheduler", "scheduler"),
        clock=parts.clock,
        ids=parts.ids,
        broker=parts.broker,
        authority=parts.authority,
        tickets=parts.tickets,
        every=parts.every,
        chaos=parts.chaos,
    )


def gateway_settings(deployment: Deployment, url: str | None = None) -> GatewaySettings:
    """`url`: the centre's, where it is not the deployment's."""
    configured = deployment.centre
    return GatewaySettings(
        centre_url=url or configured.url or "http://simulator",
        institution=configured.institution,
        user_id=configured.user_id,
        password=SecretStr(configured.password),
        ip_user=configured.ip_user,
        ca_file=configured.ca_file,
        account_prefix=deployment.office,
        calls_per_hour=configured.calls_per_hour,
        quota=configured.quota,
        tz=deployment.tz,
        **deployment.hours,
    )


def build_gateway(parts: Parts, settings: GatewaySettings, centre: httpx2.AsyncClient) -> Service:
    return datacenter_gateway.app.build(
        settings,
        clock=parts.clock,
        ids=parts.ids,
        database=Database(parts.storage.login("gateway", "gateway"), outbox_bell=parts.clock.bell()),
        broker=parts.broker,
        authority=parts.authority,
        tickets=parts.tickets,
        seal=parts.keys.sealer("courier"),
        vault=parts.keys.sealer("vault"),
        client=centre,
        poll=parts.every and 5.0,
        chaos=parts.chaos,
    )


def build_station(parts: Parts, station: StationConfig, office: Office, face: CardFace) -> Service:
    folder = parts.home / "stations" / station.id
    districts = packaged_regions().of_office(parts.deployment.office)
    return printer_agent.app.build(
        StationSettings(station=station.id, folder=folder, heartbeat=station.heartbeat),
        clock=parts.clock,
        ids=parts.ids,
        broker=parts.broker,
        authority=parts.authority,
        office=office,
        session=card_session(parts, station, face),
        every=parts.every and 5.0,
        synchronous="FULL" if parts.every else "OFF",
        districts={district.code: district.name for district in districts},
    )


def card_session(parts: Parts, station: StationConfig, face: CardFace) -> CardSession:
    """The drivers without a device write the one log of sends under `cards`, the audit's witness of what was printed.

    An `ipp` printer is a witness of its own.
    """
    cards = parts.home / "cards"
    if station.printer_uri is not None:
        return _ipp_session(parts, station, station.printer_uri, face)
    if station.driver == "null":
        return NullSession(cards / "prints.jsonl", parts.clock, seconds_per_card=station.seconds_per_card)
    return FolderSession(
        cards,
        face,
        parts.clock,
        seconds_per_card=station.seconds_per_card,
        fault=parts.fault,
        sync=os.fsync if parts.every else _leave,
    )


def _ipp_session(parts: Parts, station: StationConfig, uri: str, face: CardFace) -> CardSession:
    # Only who has such a printer pays for its libraries: a second HTTP client, a sixth of a second.
    from printer_agent.drivers.ipp.follower import Limits
    from printer_agent.drivers.ipp.session import IppSession

    return IppSession(
        uri,
        face,
        parts.clock,
        user=station.id,
        evidence=station.evidence,
        seconds_per_card=station.seconds_per_card,
        limits=Limits(job=station.printer_limit),
    )


def _leave(descriptor: int) -> None:
    """Virtual time's machine never crashes: what a killed process has written stays written."""

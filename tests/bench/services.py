"""Our own services as a deployment builds them, for the bench's processes."""

from tests.bench import parts

from backbone.broker import Broker
from backbone.clock import Clock
from backbone.ids import Ids
from backbone.service import Service
from intake.app import build as build_intake
from intake.settings import IntakeSettings
from scheduler.app import build as build_scheduler
from scheduler.settings import SchedulerSettings


def intake(spec: parts.Spec, broker: Broker, clock: Clock, database: str | None = None) -> Service:
    """`database`: where it is not the run's own."""
    keys = spec.keys()
    return build_intake(
        IntakeSettings(),
        login=spec.login("intake", database),
        clock=clock,
        ids=Ids(clock),
        broker=broker,
        authority=spec.authority(clock),
        storage=keys.storage,
        courier=keys.courier,
        person_key=keys.person,
        fingerprint_key=keys.fingerprint,
        pin_key=keys.pin,
    )


def scheduler(
    spec: parts.Spec,
    broker: Broker,
    clock: Clock,
    database: str | None = None,
    settings: SchedulerSettings | None = None,
) -> Service:
    return build_scheduler(
        settings or SchedulerSettings(),
        login=spec.login("scheduler", database),
        clock=clock,
        ids=Ids(clock),
        broker=broker,
        authority=spec.authority(clock),
        tickets=spec.tickets(clock),
    )
